import { parseMidi } from 'midi-file'
import { describe, expect, test } from 'vitest'
import { createGrowingTrack } from '../../../src/io/recording/growing-track.js'
import { parseMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { joinTracks, writeMidi } from '../../../src/io/recording/midi-file-writer.js'
import { chunk, END_OF_TRACK } from '../../helpers/midi-chunks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const notesOf = (bytes: Uint8Array) => parseMidiFile(bytes, 'a.mid').notes

describe('writing a MIDI file', () => {
  test('gives exactly the bytes of the format', () => {
    const track = {
      name: 'Rubato',
      channel: 2,
      notes: [{ pitch: 60, velocity: 64, start: 0, end: 500 }],
      controlChanges: [{ at: 250, controller: 1, value: 5 }],
    }
    expect([...writeMidi([track])]).toEqual([
      ...chunk('MThd', [0, 1, 0, 2, 0x03, 0xc0]),
      ...chunk('MTrk', [0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20, 0, 0xff, 0x58, 4, 4, 2, 24, 8, ...END_OF_TRACK]),
      ...chunk('MTrk', [
        ...[0, 0xff, 3, 6, ...new TextEncoder().encode('Rubato')],
        ...[0, 0x92, 60, 64],
        ...[0x83, 0x60, 0xb2, 1, 5],
        ...[0x83, 0x60, 0x82, 60, 64],
        ...END_OF_TRACK,
      ]),
    ])
  })

  test('gives a file that is read as the same notes, to half a tick', () => {
    for (const beatsPerMinute of [60, 120, 133]) {
      const halfTick = 30_000 / beatsPerMinute / 960 + 1e-9
      const random = randomNumbers(beatsPerMinute)
      const notes = Array.from({ length: 128 }, (_, pitch) => {
        const start = random() * 600_000
        return { pitch, velocity: 1 + Math.floor(random() * 127), start, end: start + 10 + random() * 5000 }
      }).sort((a, b) => a.start - b.start)
      const bytes = writeMidi([{ name: '', channel: 15, notes }], { beatsPerMinute })
      const read = notesOf(bytes)
      expect(read.map(({ pitch, velocity }) => [pitch, velocity])).toEqual(
        notes.map(({ pitch, velocity }) => [pitch, velocity]),
      )
      // A file has its tempo in whole microseconds a beat, which is up to one in a million off at 60.
      const drift = 600_000 * 2e-6
      for (const [i, note] of read.entries()) {
        expect(Math.abs(note.start - notes[i]!.start)).toBeLessThanOrEqual(halfTick + drift)
        expect(Math.abs(note.end - notes[i]!.end)).toBeLessThanOrEqual(halfTick + drift)
      }
    }
  })

  test('gives every note its own channel, from the track or from the note', () => {
    const note = { pitch: 60, velocity: 64, start: 0, end: 1000 }
    const bytes = writeMidi([
      { name: 'one', channel: 0, notes: [note, { ...note, channel: 1, end: 2000 }] },
      { name: 'two', channel: 2, notes: [{ ...note, end: 3000 }] },
    ])
    expect(notesOf(bytes).map(({ end }) => end)).toEqual([1000, 2000, 3000])
  })

  test('cuts a silence to the longest that the format can hold', () => {
    const DAYS = 24 * 3600 * 1000
    for (const days of [2, 30, 400]) {
      const notes = [0, days * DAYS].map((start) => ({ pitch: 60, velocity: 64, start, end: start + 500 }))
      const [track] = parseMidi(writeMidi([{ name: '', channel: 0, notes }])).tracks.slice(1)
      expect(track?.filter(({ type }) => type === 'noteOn').map(({ deltaTime }) => deltaTime)).toEqual([
        0,
        2 ** 28 - 1,
      ])
    }
  })

  test('ends each note of a key before the next, also in a growing track that is told of them late', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomNumbers(seed)
      const track = createGrowingTrack('', (at) => (at * 960) / 500)
      let now = 0
      for (let n = 0; n < 600; n++) {
        now += random() < 0.4 ? 0 : 4 * random()
        const at = Math.max(0, now - (random() < 0.1 ? 300 * random() : 0))
        const pitch = 60 + Math.floor(3 * random())
        if (random() < 0.55) track.noteOn(at, 0, pitch, 70)
        else track.noteOff(at, 0, pitch)
      }
      const events = parseMidi(joinTracks([track.chunk(now)], { stretches: [], meters: [] })).tracks[1] ?? []
      const sounding = new Set<number>()
      let strikes = 0
      for (const event of events) {
        if (event.type === 'noteOn') {
          expect(sounding.has(event.noteNumber)).toBe(false)
          sounding.add(event.noteNumber)
          strikes++
        } else if (event.type === 'noteOff') expect(sounding.delete(event.noteNumber)).toBe(true)
      }
      expect([sounding.size, strikes]).toEqual([0, track.notes])
    }
  })

  test('ends a note where its pitch is struck again, so that no note-off is taken for that of another note', () => {
    const notes = [
      { pitch: 60, velocity: 64, start: 0, end: 1000 },
      { pitch: 60, velocity: 70, start: 500, end: 2000 },
    ]
    expect(notesOf(writeMidi([{ name: '', channel: 0, notes }]))).toEqual([
      { pitch: 60, velocity: 64, start: 0, end: 500 },
      { pitch: 60, velocity: 70, start: 500, end: 2000 },
    ])
  })
})
