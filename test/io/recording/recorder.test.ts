import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMidi } from 'midi-file'
import { describe, expect, it } from 'vitest'
import type { SentMessage } from '../../../src/engine/language/messages.js'
import { parseMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { type MidiTrack, writeMidi } from '../../../src/io/recording/midi-file-writer.js'
import { createRecorder } from '../../../src/io/recording/recorder.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-recorder-'))

/** Random notes of a few pitches, both as messages in order and as notes. */
function performance(seed: number, count: number) {
  const random = randomNumbers(seed)
  const notes = Array.from({ length: count }, (_, i) => {
    const start = 1000 + i * 37 + Math.floor(3 * random()) * 10
    return { pitch: 40 + Math.floor(8 * random()), velocity: 1 + Math.floor(127 * random()), start }
  }).toSorted((a, b) => a.start - b.start)
  const spans = notes.map((note, i) => {
    const again = notes.find((other, j) => j > i && other.pitch === note.pitch)
    return {
      ...note,
      end: Math.min(note.start + 10 + 300 * random(), again?.start ?? Number.POSITIVE_INFINITY),
    }
  })
  const base = { source: 'performer', fate: 'sent', id: 1, channel: 0 } as const
  const messages = spans
    .filter(({ start, end }) => end > start)
    .flatMap(({ pitch, velocity, start, end }): SentMessage[] => [
      { ...base, kind: 'note-on', pitch, velocity, due: start, sentAt: start },
      { ...base, kind: 'note-off', pitch, due: end, sentAt: end },
    ])
    .toSorted((a, b) => a.due - b.due || Number(a.kind === 'note-on') - Number(b.kind === 'note-on'))
  return { spans, messages }
}

describe('the recorder', () => {
  it('writes a growing file that is complete each time: notes that sound end when it is written', () => {
    const path = join(folder, 'grows.mid')
    const recorder = createRecorder(path, (reason) => expect.fail(reason))
    const { messages, spans } = performance(1, 2000)
    let written = 0
    for (const [i, message] of messages.entries()) {
      recorder.receiveSent(message)
      if (i % 97 !== 0) continue
      recorder.flush(message.due)
      const { notes, end } = parseMidiFile(readFileSync(path), path)
      const begun = spans.filter(({ start, end: ended }) => start <= message.due && ended > start)
      expect(notes.length).toBeGreaterThanOrEqual(begun.length - 1)
      expect(Math.abs(end - (message.due - spans[0]!.start))).toBeLessThan(400)
      written++
    }
    expect(written).toBeGreaterThan(30)
  })

  it('writes the same bytes as writing all notes at once', () => {
    for (const seed of [1, 2, 3]) {
      const path = join(folder, `same-${seed}.mid`)
      const recorder = createRecorder(path, (reason) => expect.fail(reason))
      const { messages, spans } = performance(seed, 3000)
      for (const message of messages) {
        recorder.receiveSent(message)
        if (seed > 1) recorder.flush(message.due)
      }
      recorder.flush(1e6)
      const first = spans[0]!.start
      const notes: MidiTrack['notes'] = spans.map((note) => ({
        ...note,
        start: note.start - first,
        end: note.end - first,
      }))
      expect(Buffer.compare(readFileSync(path), writeMidi([{ name: 'Rubato', channel: 0, notes }]))).toBe(0)
    }
  })

  it('gives a key struck again the whole length of its new note, though the stage ends the old note a moment late', () => {
    const path = join(folder, 'again.mid')
    const recorder = createRecorder(path, (reason) => expect.fail(reason))
    const random = randomNumbers(4)
    const base = { fate: 'sent', id: 1, channel: 0, pitch: 60 } as const
    const starts = Array.from({ length: 500 }, (_, i) => 1000 + i * 60)
    for (const due of starts) {
      const sentAt = due + 20 * random()
      if (due > 1000) recorder.receiveSent({ ...base, kind: 'note-off', source: 'stage', due, sentAt })
      recorder.receiveSent({ ...base, kind: 'note-on', velocity: 70, source: 'performer', due, sentAt })
    }
    recorder.flush(1000 + 500 * 60)
    const { notes } = parseMidiFile(readFileSync(path), path)
    expect(notes.map(({ start, end }) => [Math.round(start), Math.round(end - start)])).toEqual(
      starts.map((due) => [due - 1000, 60]),
    )
  })

  it('makes no file before the first note, and reports only once that it cannot write', () => {
    const path = join(folder, 'none.mid')
    const recorder = createRecorder(path, (reason) => expect.fail(reason))
    recorder.flush(5)
    recorder.receiveHeard({ kind: 'control-change', at: 5, channel: 0, controller: 1, value: 1 })
    recorder.flush(6)
    expect(existsSync(path)).toBe(false)
    const failures: string[] = []
    const broken = createRecorder(join(folder, 'missing', 'a.mid'), (reason) => failures.push(reason))
    for (const message of performance(1, 5).messages) {
      broken.receiveSent(message)
      broken.flush(message.due)
    }
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain('missing')
  })

  it('writes the tempo of the band, and begins with the bar in which the first note lies', () => {
    const path = join(folder, 'bars.mid')
    const recorder = createRecorder(path, (reason) => expect.fail(reason))
    const base = { source: 'performer', fate: 'sent', id: 1, channel: 0, pitch: 60 } as const
    const beatAt = (at: number) => (at - 700) / 625
    const report = (at: number) => {
      recorder.receiveBeat({
        at,
        beat: { tempo: 96, position: beatAt(at) },
        beatsPerBar: 4,
      })
    }
    report(3000)
    const due = [6, 7, 8, 12.5].map((beat) => 700 + 625 * beat)
    for (const at of due) {
      recorder.receiveSent({ ...base, kind: 'note-on', velocity: 70, due: at, sentAt: at })
      recorder.receiveSent({ ...base, kind: 'note-off', due: at + 50, sentAt: at + 50 })
      report(at + 30)
    }
    recorder.flush(9000, true)
    const { tracks } = parseMidi(readFileSync(path))
    expect(tracks[0]).toMatchObject([{ microsecondsPerBeat: 625_000 }, { numerator: 4 }, {}])
    let tick = 0
    const beats = tracks[1]!.flatMap((event) => {
      tick += event.deltaTime
      return event.type === 'noteOn' ? [tick / 960] : []
    })
    expect(beats).toEqual([2, 3, 4, 8.5])
  })

  it('keeps what waits to learn its beat for a later flush, and leaves nothing out at the end', () => {
    const path = join(folder, 'waits.mid')
    const recorder = createRecorder(path, (reason) => expect.fail(reason))
    const base = { source: 'performer', fate: 'sent', id: 1, channel: 0, pitch: 60 } as const
    recorder.receiveBeat({ at: 100, beat: null, beatsPerBar: 4 })
    recorder.receiveSent({ ...base, kind: 'note-on', velocity: 70, due: 150, sentAt: 150 })
    recorder.flush(500)
    expect(existsSync(path)).toBe(false)
    // The song began with that note, which is known only now.
    recorder.receiveBeat({ at: 650, beat: { tempo: 120, position: 1 }, beatsPerBar: 4 })
    recorder.receiveSent({ ...base, kind: 'note-on', velocity: 70, due: 900, sentAt: 900, pitch: 62 })
    recorder.flush(1000)
    expect(parseMidiFile(readFileSync(path), path).notes).toHaveLength(1)
    recorder.flush(1100, true)
    expect(parseMidiFile(readFileSync(path), path).notes.map(({ start }) => Math.round(start))).toEqual([
      0, 750,
    ])
  })
})
