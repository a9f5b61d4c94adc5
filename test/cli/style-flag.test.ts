import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseFlags } from '../../src/cli/flags/flags.js'
import { describeStyle, STYLE_FLAG, styleFrom } from '../../src/cli/flags/style-flag.js'
import { modelFolder, readModel } from '../../src/io/models/model-files.js'
import { writeMidi } from '../../src/io/recording/midi-file-writer.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-style-'))
const given = (path: string) => parseFlags(['--style', path], [STYLE_FLAG], false)
const tiny = readModel(modelFolder('tiny'))

function scale(name: string, count: number): string {
  const notes = Array.from({ length: count }, (_, n) => ({
    pitch: 60 + (n % 12),
    velocity: 50,
    start: 250 * n,
    end: 250 * n + 200,
  }))
  const path = join(folder, name)
  writeFileSync(path, writeMidi([{ name: 'Scale', channel: 0, notes }]))
  return path
}

test('--style takes the manner of a file, by the name of the file', async () => {
  const style = await styleFrom(given(scale('scale.mid', 400)), tiny)
  expect(style?.name).toBe('scale.mid')
  expect(style?.profile.notes).toBe(400)
  expect(style && describeStyle(style, 0.7)).toBe(
    'The manner of scale.mid (400 notes, 4.3 a second, mean velocity 51) is borrowed.',
  )
  expect(style && describeStyle(style, 0)).toMatch(
    /isn't borrowed while style is at 0; give --style-strength/,
  )
  expect(await styleFrom(parseFlags([], [STYLE_FLAG], false), tiny)).toBeNull()
})

test('--style refuses files that make none, and models of strokes', async () => {
  const short = scale('short.mid', 19)
  await expect(styleFrom(given(short), tiny)).rejects.toThrow(
    /has 19 notes, and a style needs at least 20\.$/,
  )
  await expect(styleFrom(given(join(folder, 'none.mid')), tiny)).rejects.toThrow(/none\.mid/)
  const drums = readModel(modelFolder('rubato-drums'))
  await expect(styleFrom(given(short), drums)).rejects.toThrow(
    /^--style can't be used: the manner of a pianist/,
  )
})
