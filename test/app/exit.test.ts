import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'

const PROGRAM = fileURLToPath(new URL('../helpers/play-and-close.js', import.meta.url))
/** A process that doesn't end by itself is killed after this. */
const PATIENCE_MS = 30_000
/** The resources that a process has open for its standard streams. */
const STREAMS = ['PipeWrap', 'TTYWrap', 'FSReqCallback']

/** Runs the program until it ends by itself. */
function run(recording: string): Promise<{ code: number | null; signal: string | null; stdout: string }> {
  const child = spawn(process.execPath, [PROGRAM, recording], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
  })
  let stdout = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout }))
  })
}

describe.skipIf(!threadsAreBuilt)(`the program after end and close (${BUILD})`, () => {
  test('leaves nothing open, and the process ends by itself', async () => {
    const record = join(mkdtempSync(join(tmpdir(), 'rubato-exit-')), 'take.mid')
    const { code, signal, stdout } = await run(record)
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    const { playing, after } = JSON.parse(stdout)
    expect(existsSync(record)).toBe(true)
    expect(playing).toContain('MessagePort')
    expect(after.filter((resource: string) => !STREAMS.includes(resource))).toEqual([])
  })
})
