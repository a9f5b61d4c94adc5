import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refused } from '../../../src/engine/refused.js'
import { listMidiFiles, parseMidiFile, readMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { writeMidi } from '../../../src/io/recording/midi-file-writer.js'
import { encodePerformance } from '../../helpers/event-language.js'
import { chunk, END_OF_TRACK } from '../../helpers/midi-chunks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'
import { dataPath, noReference, reference } from '../../helpers/reference.js'

/** A file with one track of the given bytes; `division` is in ticks per beat. */
const file = (track: readonly number[], { format = 0, division = 480 } = {}) =>
  Uint8Array.from([
    ...chunk('MThd', [0, format, 0, 1, division >> 8, division & 0xff]),
    ...chunk('MTrk', [...track, ...END_OF_TRACK]),
  ])
const notesOf = (bytes: Uint8Array) => parseMidiFile(bytes, 'a.mid').notes
const refusal = (bytes: Uint8Array) => {
  try {
    parseMidiFile(bytes, 'a.mid')
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
  return 'read'
}

describe('reading a MIDI file', () => {
  test('understands running status and note-ons of velocity 0', () => {
    const track = [0, 0x90, 60, 64, 0x83, 0x60, 60, 0, 0, 62, 80, 0x83, 0x60, 0x80, 62, 0]
    expect(notesOf(file(track))).toEqual([
      { pitch: 60, velocity: 64, start: 0, end: 500 },
      { pitch: 62, velocity: 80, start: 500, end: 1000 },
    ])
  })

  test('applies the sustain pedal', () => {
    const track = [0, 0xb0, 64, 127, 0, 0x90, 60, 64, 96, 60, 0, 96, 0xb0, 64, 63]
    expect(notesOf(file(track, { division: 96 }))).toEqual([{ pitch: 60, velocity: 64, start: 0, end: 1000 }])
  })

  test('applies the tempo changes of one track to all tracks', () => {
    const tempo = [96, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, ...END_OF_TRACK]
    const notes = [96, 0x90, 60, 64, 96, 60, 0, ...END_OF_TRACK]
    const bytes = Uint8Array.from([
      ...chunk('MThd', [0, 1, 0, 2, 0, 96]),
      ...chunk('MTrk', notes),
      ...chunk('MTrk', tempo),
    ])
    expect(notesOf(bytes)).toEqual([{ pitch: 60, velocity: 64, start: 500, end: 1500 }])
  })

  test('measures time in frames where the division is SMPTE, and ignores the tempo', () => {
    // 25 frames a second of 40 ticks each: a tick is a millisecond.
    const track = [0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, 100, 0x90, 60, 64, 50, 60, 0]
    expect(notesOf(file(track, { division: 0xe728 }))).toEqual([
      { pitch: 60, velocity: 64, start: 100, end: 150 },
    ])
  })

  test('ends notes that are never released at the end of the file', () => {
    const track = [0, 0x90, 60, 64, 96, 0xb0, 1, 1]
    expect(notesOf(file(track, { division: 96 }))).toEqual([{ pitch: 60, velocity: 64, start: 0, end: 500 }])
  })

  test('ignores chunks of other kinds and a wrong number of tracks in the header', () => {
    const track = [0, 0x90, 60, 64, 96, 60, 0, ...END_OF_TRACK]
    const bytes = Uint8Array.from([
      ...chunk('MThd', [0, 1, 0, 9, 0, 96]),
      ...chunk('XFIH', [1, 2, 3]),
      ...chunk('MTrk', track),
      ...[0, 0, 0],
    ])
    expect(notesOf(bytes)).toHaveLength(1)
  })

  test('gives no notes for a file without notes', () => {
    expect(parseMidiFile(file([]), 'a.mid')).toEqual({ notes: [], end: 0 })
  })
})

describe('a file that can not be used is refused in a sentence with its path', () => {
  const hugeLength = [0, 0xff, 0x01, 0x8f, 0xff, 0xff, 0xff, 0x7f]
  const dayLong = [0, 0x90, 60, 64, 0xff, 0xff, 0xff, 0x7f, 60, 0]
  test.each([
    [
      'nothing',
      new Uint8Array(),
      "a.mid isn't a readable MIDI file: it doesn't begin with a MIDI file header.",
    ],
    [
      'text',
      new TextEncoder().encode('Not music at all, but long enough.'),
      "a.mid isn't a readable MIDI file: it doesn't begin with a MIDI file header.",
    ],
    [
      'a cut file',
      file([0, 0x90, 60, 64]).subarray(0, -3),
      "a.mid isn't a readable MIDI file: it ends in the middle of a chunk.",
    ],
    [
      'a header only',
      Uint8Array.from(chunk('MThd', [0, 0, 0, 1, 0, 96])),
      "a.mid isn't a readable MIDI file: it has no track.",
    ],
    [
      'a length that would send the parser back',
      file(hugeLength),
      "a.mid isn't a readable MIDI file: one of its lengths is wrong.",
    ],
    [
      'format 2',
      file([], { format: 2 }),
      "a.mid can't be used: it holds independent patterns (format 2), not a performance.",
    ],
    ['no ticks', file([], { division: 0 }), "a.mid can't be used: its clock has no ticks."],
    ['no SMPTE ticks', file([], { division: 0xe700 }), "a.mid can't be used: its clock has no ticks."],
    [
      'no tempo',
      file([0, 0xff, 0x51, 3, 0, 0, 0]),
      "a.mid can't be used: one of its tempos is 0 microseconds a beat.",
    ],
    ['more than a day', file(dayLong, { division: 1 }), "a.mid can't be used: it lasts longer than a day."],
    [
      'a note beyond 127',
      file([0, 0x90, 200, 64]),
      "a.mid can't be used: one of its notes has an invalid pitch or velocity.",
    ],
    [
      'status bytes that are none',
      file([0, 0xf4, 1]),
      "a.mid isn't a readable MIDI file: Unrecognised MIDI event type byte: 244.",
    ],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toBe(message)
  })

  test('of 1000 files with bytes changed, cut or added each is read or refused; nothing else is thrown', () => {
    const random = randomNumbers(1)
    const below = (limit: number) => Math.floor(random() * limit)
    const notes = Array.from({ length: 40 }, (_, i) => ({
      pitch: 40 + below(40),
      velocity: 1 + below(127),
      start: i * 100,
      end: i * 100 + 50 + below(400),
    }))
    const controlChanges = [
      { at: 30, controller: 64, value: 127 },
      { at: 900, controller: 64, value: 0 },
    ]
    const original = Buffer.from(writeMidi([{ name: 'Mutant', channel: 0, notes, controlChanges }]))
    const track = original.subarray(original.lastIndexOf('MTrk') + 8)
    let refused = 0
    for (let n = 0; n < 1000; n++) {
      // Every other time only the last track is changed and its length corrected, so that the error lies deeper in the file.
      const isWhole = n % 2 === 0
      const mutated = mutate([...(isWhole ? original : track)], below)
      const bytes = isWhole ? mutated : [...chunk('MThd', [0, 1, 0, 1, 0, 96]), ...chunk('MTrk', mutated)]
      try {
        const { notes: read, end } = parseMidiFile(Uint8Array.from(bytes), 'mutant.mid')
        expect(read.every((note) => note.end > note.start && note.start <= end)).toBe(true)
        encodePerformance(read)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect(String(error)).toMatch(/mutant\.mid .*\.$/)
        refused++
      }
    }
    // Both outcomes are frequent enough for the test to mean something.
    expect(refused).toBeGreaterThan(100)
    expect(refused).toBeLessThan(900)
  })
})

describe('files on disk', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rubato-midi-'))
    await mkdir(join(folder, 'b', 'deep'), { recursive: true })
    await mkdir(join(folder, 'empty'))
    const bytes = file([0, 0x90, 60, 64, 96, 60, 0])
    for (const name of ['z.mid', 'a.MIDI', 'b/deep/c.midi', 'b/notes.txt']) {
      await writeFile(join(folder, name), bytes)
    }
    await symlink(folder, join(folder, 'b', 'circle'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('a folder stands for the MIDI files in it and below it, in alphabetical order', async () => {
    const expected = ['a.MIDI', 'b/deep/c.midi', 'z.mid'].map((name) => join(folder, name))
    expect(await listMidiFiles([folder])).toEqual(expected)
  })

  test('a file that is given by its path is read whatever its name', async () => {
    const path = join(folder, 'b/notes.txt')
    expect(await listMidiFiles([path])).toEqual([path])
    expect((await readMidiFile(path)).notes).toHaveLength(1)
  })

  test('a folder without MIDI files and a path that does not exist are refused', async () => {
    const empty = join(folder, 'empty')
    await expect(listMidiFiles([empty])).rejects.toThrow(`${empty} holds no MIDI files (.mid, .midi).`)
    await expect(listMidiFiles(['/no/such'])).rejects.toThrow(new Refused("/no/such doesn't exist."))
    await expect(readMidiFile('/no/such.mid')).rejects.toThrow(new Refused("/no/such.mid doesn't exist."))
    await expect(readMidiFile(folder)).rejects.toThrow(new Refused(`${folder} isn't a file.`))
  })

  test('a file too large to be a performance is refused without being read', async () => {
    const path = join(folder, 'large.bin')
    await writeFile(path, new Uint8Array(4 * 1024 * 1024 + 1))
    await expect(readMidiFile(path)).rejects.toThrow(/larger than the 4 MB/)
  })
})

describe.skipIf(noReference !== null)(
  `the reference performances${noReference ? ` (skipped: ${noReference})` : ''}`,
  () => {
    test.each(reference?.files ?? [])('$path: notes, events and beginning', async (expected) => {
      const { notes } = await readMidiFile(dataPath(expected.path))
      const events = encodePerformance(notes)
      expect(notes).toHaveLength(expected.notes)
      expect(events).toHaveLength(expected.events)
      expect([...events.subarray(0, expected.firstEvents.length)]).toEqual(expected.firstEvents)
    })

    test('the reference sequence is the beginning of its file', async () => {
      const { file, events } = reference!.sequence
      const { notes } = await readMidiFile(dataPath(file))
      expect([...encodePerformance(notes).subarray(0, events.length)]).toEqual(events)
    })
  },
)

/** Makes one to four changes: bytes are cut out, inserted or replaced. */
function mutate(bytes: number[], below: (limit: number) => number): number[] {
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(bytes.length)
    const kind = below(6)
    if (kind === 0) bytes.splice(at, 1 + below(8))
    else if (kind === 1) bytes.splice(at, 0, below(256), below(256))
    else bytes[at] = kind === 2 ? 255 : kind === 3 ? below(256) : below(128)
  }
  return bytes
}
