import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../../src/io/package-root.js'

test('the committed kernel.wasm is what its source builds', () => {
  const root = packageRoot()
  const folder = mkdtempSync(join(tmpdir(), 'rubato-kernel-'))
  try {
    const built = join(folder, 'kernel.wasm')
    const asc = join(root, 'node_modules/assemblyscript/bin/asc.js')
    const source = 'src/engine/network/wasm/kernel.as.ts'
    const config = 'src/engine/network/wasm/asconfig.json'
    execFileSync(process.execPath, [asc, source, '--config', config, '--outFile', built], { cwd: root })
    expect(readFileSync(built).equals(readFileSync(join(root, 'src/engine/network/wasm/kernel.wasm')))).toBe(
      true,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
