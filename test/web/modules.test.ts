import { describe, expect, test } from 'vitest'
import type { SentMessage } from '../../src/engine/language/messages.js'
import { HIGHEST, isBlack, LOWEST, rollGeometry } from '../../src/server/web/roll-geometry.js'
import { createServerClock } from '../../src/server/web/server-clock.js'
import { createShownNotes } from '../../src/server/web/shown-notes.js'
import { randomNumbers } from '../helpers/random-numbers.js'

describe("the page's estimate of the server's clock", () => {
  test('is right to half the shortest round trip, however the others are delayed', () => {
    const clock = createServerClock()
    const random = randomNumbers(4)
    const offset = 123_456.75
    for (let n = 0; n < 16; n++) {
      const sent = 1000 * n
      const there = 1 + 200 * random() ** 4
      const back = 1 + 200 * random() ** 4
      clock.sample(sent, sent + there + offset, sent + there + back)
    }
    const { roundTrip = 0 } = clock
    expect(roundTrip).toBeLessThan(50)
    expect(Math.abs(clock.toServer(5000) - 5000 - offset)).toBeLessThanOrEqual(roundTrip / 2)
    expect(clock.toLocal(clock.toServer(77))).toBeCloseTo(77, 6)
  })

  test('follows a server that was started again, after 16 round trips', () => {
    const clock = createServerClock()
    for (let n = 0; n < 20; n++) clock.sample(n, n + 1 + 5000, n + 2)
    for (let n = 0; n < 16; n++) clock.sample(n, n + 1 - 300, n + 2)
    expect(clock.toServer(0)).toBe(-300)
  })
})

describe('the geometry of the roll', () => {
  const roll = rollGeometry(1040, 600)

  test('the middle of every key belongs to that key', () => {
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) {
      const { x, width } = roll.key(pitch)
      const y = isBlack(pitch) ? roll.keysTop + 5 : roll.keysBottom - 5
      expect(roll.pitchAt(x + width / 2, y)).toBe(pitch)
    }
    expect(roll.pitchAt(5, roll.keysTop - 1)).toBeUndefined()
    expect(roll.pitchAt(-1, roll.keysTop + 1)).toBeUndefined()
  })

  test('white keys lie side by side over the whole width', () => {
    const whites = Array.from({ length: 88 }, (_, i) => LOWEST + i).filter((pitch) => !isBlack(pitch))
    for (const [i, pitch] of whites.entries()) expect(roll.key(pitch).x).toBeCloseTo((i * 1040) / 52, 6)
  })

  test('now is at the keyboard: the future is above it, the past below', () => {
    expect(roll.y(0)).toBe(roll.keysTop)
    expect(roll.y(-0.001)).toBeCloseTo(roll.keysBottom, 1)
    expect(roll.y(roll.past * -1)).toBeCloseTo(600, 6)
    expect(roll.y(500)).toBeLessThan(roll.y(100))
  })
})

describe('the notes shown', () => {
  const sent = (kind: 'note-on' | 'note-off', pitch: number, due: number, more = {}): SentMessage => ({
    ...({ kind, due, sentAt: due + 1, source: 'performer', fate: 'sent', id: 1, channel: 0 } as const),
    pitch,
    velocity: 70,
    ...more,
  })

  test('begin and end when they were due, and are forgotten after they have left the roll', () => {
    const notes = createShownNotes()
    notes.sent(sent('note-on', 60, 100))
    notes.sent(sent('note-off', 60, 300))
    notes.sent(sent('note-on', 62, 200))
    notes.heard({ kind: 'note-on', at: 250, channel: 0, pitch: 60, velocity: 9 })
    expect(notes.after(0)).toEqual([
      { by: 'rubato', pitch: 60, velocity: 70, start: 100, end: 300 },
      { by: 'rubato', pitch: 62, velocity: 70, start: 200, end: null },
      { by: 'player', pitch: 60, velocity: 9, start: 250, end: null },
    ])
    expect(notes.after(400).map(({ by, pitch }) => [by, pitch])).toEqual([
      ['rubato', 62],
      ['player', 60],
    ])
    expect(notes.after(100_000)).toEqual([])
  })

  test('leave out notes that never sounded and keys that were passed through', () => {
    const notes = createShownNotes()
    notes.sent(sent('note-on', 60, 100, { fate: 'late' }))
    notes.sent(sent('note-on', 61, 100, { source: 'ear' }))
    expect(notes.after(0)).toEqual([])
  })
})
