import { describe, expect, it } from 'vitest'
import type { HeardMessage, MidiClockMessage, SentMessage } from '../../../src/engine/language/messages.js'
import {
  data1Of,
  data2Of,
  drainHeard,
  drainSent,
  FATES,
  lateness,
  NOTE_ON,
  pack,
  pushHeard,
  pushTimed,
  SOURCES,
  writeSent,
} from '../../../src/io/shared/ring-messages.js'
import { allocateRing, blankRecord, Ring } from '../../../src/io/shared/rings.js'

function both(capacity: number): [Ring, Ring] {
  const memory = allocateRing(capacity)
  return [new Ring(memory), new Ring(memory)]
}

describe('a ring', () => {
  it('returns records in the order in which they were pushed, also after its memory has been filled many times', () => {
    const [writer, reader] = both(8)
    const record = blankRecord()
    const out: number[] = []
    for (let n = 0; n < 1000; n++) {
      Object.assign(record, { due: n + 0.25, mustEnd: n / 3, epoch: n, id: n * 5, kind: n & 3, bytes: n * 7 })
      expect(writer.push(record)).toBe(true)
      if (n % 3 === 2) {
        reader.drain((got) => {
          const m = out.length
          expect({ ...got }).toEqual({
            due: m + 0.25,
            mustEnd: m / 3,
            epoch: m,
            id: m * 5,
            kind: m & 3,
            bytes: m * 7,
          })
          out.push(got.epoch)
        })
      }
    }
    reader.drain((got) => out.push(got.epoch))
    expect(out).toEqual(Array.from({ length: 1000 }, (_, n) => n))
  })

  it('refuses and counts records while it is full, and loses none of those in it', () => {
    const [writer, reader] = both(4)
    const pushed = [1, 2, 3, 4, 5, 6].map((id) => writer.push({ ...blankRecord(), id }))
    expect(pushed).toEqual([true, true, true, true, false, false])
    expect(reader.overflows).toBe(2)
    const ids: number[] = []
    expect(reader.drain((record) => ids.push(record.id))).toBe(4)
    expect(ids).toEqual([1, 2, 3, 4])
    expect(writer.push(blankRecord())).toBe(true)
  })

  it('does not read a record twice when the callback throws', () => {
    const [writer, reader] = both(4)
    writer.push({ ...blankRecord(), id: 1 })
    writer.push({ ...blankRecord(), id: 2 })
    expect(() =>
      reader.drain(() => {
        throw new Error('user')
      }),
    ).toThrow('user')
    const ids: number[] = []
    reader.drain((record) => ids.push(record.id))
    expect(ids).toEqual([2])
  })

  it('refuses a capacity that is not a power of two', () => {
    expect(() => allocateRing(12)).toThrow(RangeError)
  })
})

describe('messages in records', () => {
  it('of every received kind come out as they went in', () => {
    const [writer, reader] = both(16)
    const messages: (MidiClockMessage | HeardMessage)[] = [
      { kind: 'note-on', at: 1.5, channel: 15, pitch: 127, velocity: 1 },
      { kind: 'note-off', at: 2.5, channel: 0, pitch: 0, velocity: 0 },
      { kind: 'control-change', at: 3, channel: 9, controller: 64, value: 127 },
      { kind: 'transport', at: 4, action: 'start' },
      { kind: 'transport', at: 5, action: 'continue' },
      { kind: 'transport', at: 6, action: 'stop' },
      { kind: 'clock', at: 7 },
      { kind: 'song-position', at: 8, sixteenths: 16383 },
    ]
    for (const message of messages) expect(pushHeard(writer, message)).toBe(true)
    const got: (HeardMessage | MidiClockMessage)[] = []
    expect(drainHeard(reader, (message) => got.push(message))).toBe(messages.length)
    expect(got).toEqual(messages)
  })

  it('for the port carry their MIDI bytes and the epoch in which they were planned', () => {
    const [writer, reader] = both(4)
    const on = { kind: 'note-on', due: 9, mustEnd: 99, id: 7, channel: 2, pitch: 60, velocity: 80 } as const
    expect(pushTimed(writer, on, 3)).toBe(true)
    reader.drain((record) => {
      expect({ ...record }).toEqual({
        due: 9,
        mustEnd: 99,
        epoch: 3,
        id: 7,
        kind: NOTE_ON,
        bytes: pack(0x92, 60, 80),
      })
    })
  })

  it('that were sent carry their source and fate; only planned ones that sounded have a lateness', () => {
    const [writer, reader] = both(64)
    const record = blankRecord()
    for (let source = 0; source < SOURCES.length; source++) {
      for (let fate = 0; fate < FATES.length; fate++) {
        writeSent(record, NOTE_ON, 10, 12.5, 5, pack(0x91, 60, 70), source, fate)
        writer.push(record)
      }
    }
    const got: SentMessage[] = []
    drainSent(reader, (message) => got.push(message))
    const expected = SOURCES.flatMap((source) => FATES.map((fate) => [source, fate]))
    expect(got.map(({ source, fate }) => [source, fate])).toEqual(expected)
    expect(got[0]).toMatchObject({ kind: 'note-on', id: 5, channel: 1, pitch: 60, velocity: 70 })
    expect(got.filter((message) => lateness(message) !== undefined)).toEqual([got[0]])
    expect(lateness(got[0]!)).toBe(2.5)
  })

  it('have their data bytes cut to seven bits', () => {
    expect(data1Of(pack(0x90, 300, 200))).toBe(300 & 127)
    expect(data2Of(pack(0x90, 300, 200))).toBe(200 & 127)
  })
})
