import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMidi } from 'midi-file'
import { afterEach, describe, expect, test } from 'vitest'
import { parseMidiFile } from '../../src/io/recording/midi-file-reader.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const MUSIC = ['--no-web', '--headless', '--json', '--seed', '3', '--density', '12', '--realtime', 'off']
/** The time at the end of a performance that a file may lack. */
const SECOND_MS = 1000

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts playing, and waits until a report has at least `notes` notes. */
async function playUntil(notes: number, folder: string, ...flags: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [BUILT_CLI, ...MUSIC, ...flags], {
    cwd: folder,
    env: withSettingsIn(folder),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout! })) {
    if (JSON.parse(line).notes >= notes) return child
  }
  return expect.fail('It ended before it had played so much.')
}

const read = (path: string) => parseMidiFile(readFileSync(path), path).notes

/** The strokes of a file, each as pitch and tick, with its tempos and its first time signature. */
function strokes(path: string) {
  const { tracks } = parseMidi(readFileSync(path))
  const conductor = tracks[0] ?? []
  let tick = 0
  const places = (tracks[1] ?? []).concat(tracks[2] ?? []).flatMap((event) => {
    tick = event.type === 'trackName' ? 0 : tick + event.deltaTime
    return event.type === 'noteOn' ? [{ pitch: event.noteNumber, tick }] : []
  })
  const signature = conductor.find((event) => event.type === 'timeSignature')
  return {
    places,
    tempos: conductor.flatMap((event) => (event.type === 'setTempo' ? [event.microsecondsPerBeat] : [])),
    meter: signature && `${signature.numerator}/${signature.denominator}`,
  }
}

describe.skipIf(!threadsAreBuilt)(`recording${threadsAreBuilt ? '' : ` (${BUILD})`}`, () => {
  test('after a kill -9 recording and take lack at most the last second, and a replay has every recorded note', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-record-'))
    const [recording, take, again] = ['a.mid', 'a.json', 'b.mid'].map((name) => join(folder, name))
    const child = await playUntil(40, folder, '--record', recording!, '--take', take!)
    await sleep(SECOND_MS)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const recorded = read(recording!)
    expect(recorded.length).toBeGreaterThanOrEqual(40)

    const replay = spawnSync(process.execPath, [BUILT_CLI, 'replay', take!, '-o', again!], {
      encoding: 'utf8',
    })
    expect(replay.stderr).toBe('')
    expect(replay.status).toBe(0)
    const replayed = read(again!)
    expect(replayed.length).toBeGreaterThanOrEqual(40)
    const reach = Math.min(...[recorded, replayed].map((notes) => Math.max(...notes.map(({ end }) => end))))
    const whole = recorded.filter(({ end }) => end < reach - SECOND_MS)
    expect(whole.length).toBeGreaterThan(20)
    // The replay may have more: notes that came too late weren't sent, and so weren't recorded.
    for (const note of whole) expect(replayed).toContainEqual(note)
  })

  test('a replay reports another model, backend or precision, and refuses files that cannot be used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-record-'))
    const child = await playUntil(10, folder, '--take', join(folder, 'a.json'))
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    const replay = (...args: string[]) =>
      spawnSync(process.execPath, [BUILT_CLI, 'replay', ...args], { cwd: folder, encoding: 'utf8' })
    const other = replay('a.json', '-o', 'f32.mid', '--precision', 'f32')
    expect(other.stderr).toBe(
      'Another backend and precision (wasm int16 then, wasm now): the notes may not be the same.\n',
    )
    expect(existsSync(join(folder, 'f32.mid'))).toBe(true)
    const broken = replay('a.mid', '-o', 'b.mid')
    expect([broken.status, broken.stderr]).toEqual([2, "a.mid can't be read (ENOENT).\n"])
    expect(replay('a.json').status).toBe(2)
  })

  test('drums are recorded, and replayed without naming their model, in their tempo and bars', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-record-'))
    const [recording, take, again] = ['a.mid', 'a.json', 'b.mid'].map((name) => join(folder, name))
    const drums = ['--model', 'drums', '--tempo', '96', '--record', recording!, '--take', take!]
    const child = await playUntil(20, folder, ...drums)
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    const replay = spawnSync(process.execPath, [BUILT_CLI, 'replay', take!, '-o', again!], {
      encoding: 'utf8',
    })
    expect([replay.stderr, replay.status]).toEqual(['', 0])
    const recorded = strokes(recording!)
    const replayed = strokes(again!)
    for (const { tempos, meter } of [recorded, replayed]) {
      expect(tempos).toEqual([625_000])
      expect(meter).toBe('4/4')
    }
    // A stroke that came too late is in the replay alone, and the last strokes in one of the two. Where the music was moved later because
    // the machine was slow, the two round to ticks (0.65 ms) on their own.
    const missing = ({ pitch, tick }: (typeof recorded.places)[number]) =>
      !replayed.places.some((other) => other.pitch === pitch && Math.abs(other.tick - tick) <= 2)
    expect(recorded.places.slice(0, 20).filter(missing)).toEqual([])
  })

  test('a take of a model that Rubato does not have is refused with the name of the model', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-record-'))
    const path = join(folder, 'a.json')
    const child = await playUntil(10, folder, '--take', path)
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    writeFileSync(path, readFileSync(path, 'utf8').replace('"model":"rubato-piano"', '"model":"my-model"'))
    const replay = (...args: string[]) =>
      spawnSync(process.execPath, [BUILT_CLI, 'replay', path, '-o', join(folder, 'b.mid'), ...args], {
        encoding: 'utf8',
      })
    const refused = replay()
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('"my-model"')])
    expect(replay('--model', 'piano').status).toBe(0)
  })

  test('neither a recording nor a take writes over an existing file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rubato-record-'))
    for (const flag of ['--record', '--take']) {
      const path = join(folder, readdirSync(folder)[0] ?? 'there')
      spawnSync('touch', [path])
      const refused = spawnSync(process.execPath, [BUILT_CLI, ...MUSIC, flag, path], { encoding: 'utf8' })
      expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('is there already')])
    }
  })
})
