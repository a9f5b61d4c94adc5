import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EvalOptions, evaluateFiles } from '../../src/cli/commands/eval.js'
import { EVENT_COUNT } from '../../src/engine/language/events.js'
import { modelFolder, readModel } from '../../src/io/models/model-files.js'
import { writeMidi } from '../../src/io/recording/midi-file-writer.js'
import { encodePerformance } from '../helpers/event-language.js'
import { dataPath, modelReference, noReference, reference } from '../helpers/reference.js'

const tiny = readModel(modelFolder('tiny'))
const note = (pitch: number, start: number) => ({ pitch, velocity: 64, start, end: start + 400 })
const short = [note(60, 0), note(64, 500)]
const long = [note(48, 0), note(55, 300), note(60, 300), note(64, 4000)]

async function run(options: Partial<EvalOptions>) {
  let out = ''
  let err = ''
  const code = await evaluateFiles(
    { paths: [], condition: 'none', json: true, model: tiny, backend: 'auto', precision: 'f32', ...options },
    {
      out: {
        write: (text) => {
          out += text
        },
      },
      err: {
        write: (text) => {
          err += text
        },
      },
    },
  )
  return { code, out, err }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rubato-eval-'))
  await writeFile(join(folder, 'a.mid'), writeMidi([{ name: '', channel: 0, notes: short }]))
  await writeFile(join(folder, 'b.mid'), writeMidi([{ name: '', channel: 0, notes: long }]))
})
afterAll(() => rm(folder, { recursive: true }))

describe('rubato eval', () => {
  test('prints the mean of each file, and the mean over the events of all files', async () => {
    const { code, out, err } = await run({ paths: [folder] })
    const { files, events, natsPerEvent } = JSON.parse(out)
    expect(files).toEqual([
      { path: join(folder, 'a.mid'), events: encodePerformance(short).length, nats: expect.any(Number) },
      { path: join(folder, 'b.mid'), events: encodePerformance(long).length, nats: expect.any(Number) },
    ])
    expect(events).toBe(files[0].events + files[1].events)
    const sum = files[0].nats * files[0].events + files[1].nats * files[1].events
    expect(natsPerEvent).toBeCloseTo(sum / events, 9)
    expect([code, err]).toEqual([0, ''])
  })

  test('a random model scores about as many nats as 388 equally likely events', async () => {
    const { natsPerEvent } = JSON.parse((await run({ paths: [folder] })).out)
    expect(Math.abs(natsPerEvent - Math.log(EVENT_COUNT))).toBeLessThan(2)
  })

  test('the means are finite, differ with and without conditioning, and are the same on every engine', async () => {
    const paths = [folder]
    const none = JSON.parse((await run({ paths })).out).natsPerEvent
    const all = JSON.parse((await run({ paths, condition: 'all' })).out).natsPerEvent
    const js = JSON.parse((await run({ paths, condition: 'all', backend: 'js' })).out).natsPerEvent
    expect(all).toBeGreaterThan(0)
    expect(all).not.toBe(none)
    expect(js).toBeCloseTo(all, 4)
    const int16 = JSON.parse((await run({ paths, condition: 'all', precision: 'int16' })).out).natsPerEvent
    expect(int16).toBeCloseTo(all, 3)
    expect(int16).not.toBe(all)
  })

  test('prints a table with one line for each file and one for all', async () => {
    const { out } = await run({ paths: [folder], json: false })
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatch(/^ +8 {2}\d\.\d{4} {2}.*a\.mid$/)
    expect(lines[3]).toMatch(/ all 2 files$/)
  })

  test('names a file that cannot be used, evaluates the others and exits with 1', async () => {
    const broken = join(folder, 'broken')
    const empty = join(folder, 'empty')
    await writeFile(broken, 'no music')
    await writeFile(empty, writeMidi([{ name: '', channel: 0, notes: [] }]))
    const { code, out, err } = await run({ paths: [broken, join(folder, 'a.mid'), empty] })
    expect(JSON.parse(out).files).toHaveLength(1)
    expect(err).toBe(
      `${broken} isn't a readable MIDI file: it doesn't begin with a MIDI file header.\n${empty} has no notes.\n`,
    )
    expect(code).toBe(1)
  })

  test('is refused when no file can be evaluated', async () => {
    await expect(run({ paths: [join(folder, 'empty')] })).rejects.toThrow(
      'None of the files could be evaluated.',
    )
    await expect(run({ paths: [join(folder, 'none')] })).rejects.toThrow(/doesn't exist/)
  })

  test.skipIf(noReference !== null).each(['f32', 'int16'] as const)(
    `gives the reference's nats within 0.002 in %s${noReference ? ` (skipped: ${noReference})` : ''}`,
    async (precision) => {
      // The shortest of the five files is used, so that the test takes seconds.
      const { path, natsPerEvent } = [...reference!.files].sort((a, b) => a.events - b.events)[0]!
      for (const condition of ['none', 'all'] as const) {
        const { out } = await run({
          paths: [dataPath(path)],
          condition,
          precision,
          model: readModel(modelReference!),
        })
        expect(Math.abs(JSON.parse(out).natsPerEvent - natsPerEvent[condition])).toBeLessThan(0.002)
      }
    },
  )
})
