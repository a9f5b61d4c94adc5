import { parseMidi } from 'midi-file'
import { describe, expect, it } from 'vitest'
import type { HeardMessage, SentMessage } from '../../../src/engine/language/messages.js'
import { captureName, createCaptureBuffer } from '../../../src/io/recording/capture.js'
import { parseMidiFile } from '../../../src/io/recording/midi-file-reader.js'

const sent = (kind: 'note-on' | 'note-off', pitch: number, due: number, more = {}): SentMessage => ({
  kind,
  due,
  sentAt: due + 1,
  source: 'performer',
  fate: 'sent',
  id: 1,
  channel: 0,
  pitch,
  velocity: 70,
  ...more,
})

const key = (kind: 'note-on' | 'note-off', pitch: number, at: number): HeardMessage => ({
  kind,
  at,
  channel: 0,
  pitch,
  velocity: 50,
})

const notesOf = (bytes: Uint8Array | null) =>
  bytes === null
    ? null
    : parseMidiFile(bytes, 'a.mid').notes.map(({ pitch, velocity, start, end }) => [
        pitch,
        velocity,
        Math.round(start),
        Math.round(end),
      ])

describe('the capture buffer', () => {
  it('gives the notes played between two times; notes that reach beyond those are cut there', () => {
    const memory = createCaptureBuffer()
    memory.receiveSent(sent('note-on', 60, 1000))
    memory.receiveSent(sent('note-on', 62, 9000))
    memory.receiveSent(sent('note-off', 62, 9500))
    memory.receiveSent(sent('note-off', 60, 11_000))
    memory.receiveSent(sent('note-on', 64, 12_000))
    memory.receiveSent(sent('note-off', 64, 30_000))
    expect(notesOf(memory.captured(10_000, 20_000))).toEqual([
      [60, 70, 0, 1000],
      [64, 70, 2000, 10_000],
    ])
  })

  it('gives whole bars where a song runs, in its tempo', () => {
    const memory = createCaptureBuffer()
    // 96 BPM: bars of 2500 ms from 1000 on.
    for (let at = 0; at < 30_000; at += 66)
      memory.receiveBeat({ at, beat: { tempo: 96, position: (at - 1000) / 625 }, beatsPerBar: 4 })
    for (let at = 1000; at < 30_000; at += 625) {
      memory.receiveSent(sent('note-on', 60, at))
      memory.receiveSent(sent('note-off', 60, at + 100))
    }
    const { tracks, header } = parseMidi(memory.captured(12_000, 29_900)!)
    expect(tracks[0]).toMatchObject([{ microsecondsPerBeat: 625_000 }, { numerator: 4, denominator: 4 }, {}])
    let tick = 0
    const beats = tracks[1]!.flatMap((event) => {
      tick += event.deltaTime
      return event.type === 'noteOn' ? [tick / header.ticksPerBeat!] : []
    })
    // From the bar at 13,500 to the end of that which is over at 28,500.
    expect(beats).toEqual(Array.from({ length: 24 }, (_, beat) => beat))
  })

  it('knows the beat of two minutes, though nobody has played since', () => {
    const memory = createCaptureBuffer()
    const from = 10_000
    for (let at = from; at < from + 20_000; at += 66)
      memory.receiveBeat({ at, beat: { tempo: 96, position: (at - from) / 625 }, beatsPerBar: 4 })
    memory.receiveSent(sent('note-on', 60, from + 1250))
    memory.receiveSent(sent('note-off', 60, from + 1300))
    for (let at = from + 20_000; at < from + 115_000; at += 20)
      memory.receiveBeat({ at, beat: null, beatsPerBar: 4 })
    const { tracks } = parseMidi(memory.captured(from, from + 115_000)!)
    expect(tracks[0]?.[0]).toMatchObject({ microsecondsPerBeat: 625_000 })
    expect(tracks[1]?.find((event) => event.type === 'noteOn')?.deltaTime).toBe(2 * 960)
  })

  it('gives null where nothing was played', () => {
    const memory = createCaptureBuffer()
    expect(memory.captured(0, 1e9)).toBeNull()
    memory.receiveSent(sent('note-on', 60, 1000))
    memory.receiveSent(sent('note-off', 60, 2000))
    expect(memory.captured(3000, 4000)).toBeNull()
  })

  it("has the player's keys and pedal once, on a track of their own, even if they were also passed on", () => {
    const memory = createCaptureBuffer()
    memory.receiveSent(sent('note-on', 60, 1000))
    memory.receiveHeard({ kind: 'control-change', at: 1000, channel: 3, controller: 64, value: 127 })
    memory.receiveHeard(key('note-on', 48, 1100))
    memory.receiveSent(sent('note-on', 48, 1100, { source: 'ear' }))
    memory.receiveHeard(key('note-off', 48, 1500))
    memory.receiveHeard({ kind: 'transport', at: 1500, action: 'stop' })
    const { tracks } = parseMidi(memory.captured(0, 3000)!)
    const named = tracks.map((track) => track.find((event) => event.type === 'trackName'))
    expect(named.map((event) => event?.text)).toEqual([undefined, 'Rubato', 'Player'])
    const strikes = tracks.map((track) => track.filter((event) => event.type === 'noteOn').length)
    expect(strikes).toEqual([0, 1, 1])
    expect(tracks[2]?.find((event) => event.type === 'controller')).toMatchObject({
      controllerType: 64,
      value: 127,
      channel: 3,
    })
  })

  it('leaves out messages that were never sent', () => {
    const memory = createCaptureBuffer()
    memory.receiveSent(sent('note-on', 60, 1000, { fate: 'late' }))
    memory.receiveSent(sent('note-on', 61, 1000, { fate: 'panicked' }))
    expect(memory.captured(0, 5000)).toBeNull()
  })

  it('forgets only the oldest messages when it is full', () => {
    const memory = createCaptureBuffer()
    for (let n = 0; n < 100_000; n++) {
      memory.receiveSent(sent('note-on', 60, 20 * n))
      memory.receiveSent(sent('note-off', 60, 20 * n + 10))
    }
    const all = notesOf(memory.captured(0, 1e9))
    expect(all).toHaveLength(2 ** 16)
    expect(all?.at(-1)?.[2]).toBe(20 * 99_999)
  })

  it('names a capture by date and time', () => {
    expect(captureName(new Date(2026, 10, 3, 9, 5, 7))).toBe('rubato-2026-11-03-090507.mid')
  })
})
