import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/io/package-root.js'
import { writeMidi } from '../../src/io/recording/midi-file-writer.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { hasTmux, openRealTerminal, type RealTerminal } from '../helpers/tmux.js'

const missing = !hasTmux ? 'tmux is missing' : threadsAreBuilt ? '' : BUILD

/** A tune over a bass, two notes every half second. */
function writeTune(path: string, beats: number) {
  const notes = Array.from({ length: beats }, (_, n) =>
    [72 + (n % 7), 48 + (n % 3)].map((pitch) => ({
      pitch,
      velocity: 64,
      start: 500 * n,
      end: 500 * n + 480,
    })),
  ).flat()
  writeFileSync(path, writeMidi([{ name: 'tune', channel: 0, notes }]))
}

describe.skipIf(missing !== '')(`long work in a real terminal${missing && ` (${missing})`}`, () => {
  const open: RealTerminal[] = []
  afterAll(() => {
    for (const terminal of open) terminal.end()
  })

  test('restyle tells how far it has come, and then clears that line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-'))
    const [content, style, out] = ['content.mid', 'style.mid', 'out.mid'].map((name) => join(folder, name))
    writeTune(content!, 60)
    writeTune(style!, 40)
    const terminal = openRealTerminal(200, 10)
    open.push(terminal)
    const model = join(packageRoot(), 'models/tiny')
    terminal.type(
      `node ${BUILT_CLI} restyle ${content} --style ${style} -o ${out} --model ${model} --beam 24`,
      'Enter',
    )
    await terminal.until((screen) => /^\d+ % of the work/m.test(screen))
    const screen = await terminal.until((text) => text.includes('made in'))
    expect(screen).not.toContain('% of the work')
  }, 60_000)
})
