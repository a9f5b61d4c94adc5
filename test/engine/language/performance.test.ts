import { describe, expect, test } from 'vitest'
import { isNoteOn, isTimeShift, shiftSteps } from '../../../src/engine/language/events.js'
import type { Note } from '../../../src/engine/language/performance.js'
import {
  applySustain,
  encodeSteps,
  type KeyAction,
  quantize,
} from '../../../src/engine/language/performance.js'
import {
  decodePerformance,
  describeEvent,
  encodePerformance,
  stepsToNotes,
} from '../../helpers/event-language.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const on = (at: number, pitch: number, velocity = 64, channel = 0): KeyAction => ({
  kind: 'note-on',
  at,
  channel,
  pitch,
  velocity,
})
const off = (at: number, pitch: number, channel = 0): KeyAction => ({ kind: 'note-off', at, channel, pitch })
const pedal = (at: number, down: boolean, channel = 0): KeyAction => ({ kind: 'pedal', at, channel, down })
const spans = (notes: readonly Note[]) => notes.map(({ pitch, start, end }) => [pitch, start, end])
const note = (pitch: number, start: number, end: number, velocity = 64): Note => ({
  pitch,
  velocity,
  start,
  end,
})

describe('the sustain pedal', () => {
  test('is not needed: a note lasts from strike to release', () => {
    expect(spans(applySustain([on(0, 60), off(500, 60)], 900))).toEqual([[60, 0, 500]])
  })

  test('holds a released note until it lifts', () => {
    const actions = [on(0, 60), pedal(100, true), off(200, 60), pedal(700, false)]
    expect(spans(applySustain(actions, 900))).toEqual([[60, 0, 700]])
  })

  test('does not end a note whose key is still down', () => {
    const actions = [pedal(0, true), on(100, 60), pedal(200, false), off(400, 60)]
    expect(spans(applySustain(actions, 900))).toEqual([[60, 100, 400]])
  })

  test('a note that it holds ends when its pitch is struck again', () => {
    const actions = [pedal(0, true), on(0, 60), off(100, 60), on(300, 60), off(400, 60), pedal(800, false)]
    expect(spans(applySustain(actions, 900))).toEqual([
      [60, 0, 300],
      [60, 300, 800],
    ])
  })

  test('acts on its own channel alone', () => {
    const actions = [pedal(0, true, 1), on(0, 60), on(0, 64, 64, 1), off(100, 60), off(100, 64, 1)]
    expect(spans(applySustain(actions, 900))).toEqual([
      [60, 0, 100],
      [64, 0, 900],
    ])
  })

  test('does not catch a key released as it goes down, nor end a note struck as it lifts', () => {
    const down = [on(0, 60), pedal(100, true), off(100, 60), pedal(500, false)]
    expect(spans(applySustain(down, 900))).toEqual([[60, 0, 100]])
    const lifted = [pedal(0, true), on(0, 60), off(50, 60), on(100, 62), pedal(100, false), off(300, 62)]
    expect(spans(applySustain(lifted, 900))).toEqual([
      [60, 0, 100],
      [62, 100, 300],
    ])
  })

  test('a release at the time of a strike belongs to the note struck before', () => {
    expect(spans(applySustain([on(0, 60), on(100, 60), off(100, 60), off(300, 60)], 900))).toEqual([
      [60, 0, 100],
      [60, 100, 300],
    ])
  })

  test('a note released at the time of its strike gets one step', () => {
    expect(spans(applySustain([on(100, 60), off(100, 60)], 900))).toEqual([[60, 100, 110]])
  })

  test('a note that is never released ends with the performance', () => {
    expect(spans(applySustain([on(0, 60), on(100, 62), pedal(150, true), off(200, 62)], 900))).toEqual([
      [60, 0, 900],
      [62, 100, 900],
    ])
  })

  test('repeated presses and lifts change nothing', () => {
    const actions = [pedal(0, false), on(0, 60), pedal(50, true), pedal(60, true), off(100, 60)]
    expect(spans(applySustain([...actions, pedal(300, false), pedal(310, false)], 900))).toEqual([
      [60, 0, 300],
    ])
  })
})

describe('the event clock', () => {
  test('starts at the first note, rounds to the nearest step and ties up', () => {
    const notes = [note(60, 1000, 1014.9), note(62, 1015, 1025), note(64, 1104.999, 1205)]
    expect(quantize(notes).map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [2, 3],
      [10, 21],
    ])
  })

  test('recognises a tie despite floating-point errors', () => {
    // 96 ticks of 384 a beat at 120: 125 ms, computed the long way round.
    const tick = 0.5 / 384
    const notes = [note(60, 343 * tick * 1000, 343 * tick * 1000 + 50), note(62, 439 * tick * 1000, 900)]
    expect(quantize(notes)[1]?.start).toBe(13)
  })

  test('a note lasts at least one step', () => {
    expect(quantize([note(60, 0, 1)])).toEqual([{ pitch: 60, velocity: 64, start: 0, end: 1 }])
  })

  test('a pitch sounds once: cut where it is struck again, one note where struck twice', () => {
    const notes = [note(60, 0, 500, 40), note(60, 200, 300, 50), note(60, 203, 600, 45)]
    expect(quantize(notes)).toEqual([
      { pitch: 60, velocity: 40, start: 0, end: 20 },
      { pitch: 60, velocity: 50, start: 20, end: 60 },
    ])
  })
})

describe('encoding', () => {
  test('without notes there are no events', () => {
    expect([...encodePerformance([])]).toEqual([])
  })

  test('a chord is encoded in the order of the language', () => {
    const notes = [note(67, 0, 300, 70), note(60, 0, 300, 64), note(64, 300, 2800, 66)]
    expect([...encodePerformance(notes)].map(describeEvent)).toEqual([
      { kind: 'velocity', bin: 16 },
      { kind: 'note-on', pitch: 60 },
      { kind: 'velocity', bin: 18 },
      { kind: 'note-on', pitch: 67 },
      { kind: 'time-shift', steps: 30 },
      { kind: 'note-off', pitch: 60 },
      { kind: 'note-off', pitch: 67 },
      { kind: 'velocity', bin: 17 },
      { kind: 'note-on', pitch: 64 },
      { kind: 'time-shift', steps: 100 },
      { kind: 'time-shift', steps: 100 },
      { kind: 'time-shift', steps: 50 },
      { kind: 'note-off', pitch: 64 },
    ])
  })

  test('a wait of exactly two seconds is two shifts', () => {
    const events = [...encodePerformance([note(60, 0, 2000)])]
    expect(events.filter(isTimeShift).map(shiftSteps)).toEqual([100, 100])
  })

  test('a repeated note ends before it is struck again', () => {
    expect([...encodePerformance([note(60, 0, 100), note(60, 100, 200)])]).toEqual([
      371, 60, 265, 188, 60, 265, 188,
    ])
  })
})

describe('decoding', () => {
  test('ignores the note-off of a silent pitch', () => {
    expect(decodePerformance([188, 371, 60, 265, 188, 188])).toEqual([
      { pitch: 60, velocity: 61, start: 0, end: 10 },
    ])
  })

  test('ends a sounding pitch that is struck again', () => {
    expect(decodePerformance([371, 60, 265, 375, 60, 265, 188])).toEqual([
      { pitch: 60, velocity: 61, start: 0, end: 10 },
      { pitch: 60, velocity: 77, start: 10, end: 20 },
    ])
  })

  test('ends notes that still sound after the last event, and leaves out notes without length', () => {
    expect(decodePerformance([371, 60, 64, 192, 257])).toEqual([
      { pitch: 60, velocity: 61, start: 0, end: 2 },
    ])
  })
})

describe('encoding and decoding', () => {
  const performances = Array.from({ length: 50 }, (_, seed) => randomNotes(seed + 1))

  test('of any notes gives them back on the clock, at the velocities of their bins', () => {
    for (const notes of performances) {
      const expected = quantize(notes).map((n) => ({
        ...n,
        velocity: 1 + 4 * Math.floor((n.velocity - 1) / 4),
      }))
      expect(decodePerformance(encodePerformance(notes))).toEqual(expected)
    }
  })

  test('of encoded events gives the same events', () => {
    for (const notes of performances) {
      const events = encodePerformance(notes)
      expect(encodeSteps(decodePerformance(events))).toEqual(events)
      expect(encodePerformance(stepsToNotes(decodePerformance(events), 1234))).toEqual(events)
    }
  })

  test('every shift under 100 steps is followed by a note or its velocity, never by another shift', () => {
    for (const notes of performances) {
      const events = [...encodePerformance(notes)]
      for (const [i, event] of events.entries()) {
        const next = events[i + 1]
        if (next === undefined || !isTimeShift(event) || shiftSteps(event) === 100) continue
        expect(isTimeShift(next)).toBe(false)
      }
    }
  })

  test('each quantized note has exactly one note-on', () => {
    for (const notes of performances) {
      expect([...encodePerformance(notes)].filter(isNoteOn)).toHaveLength(quantize(notes).length)
    }
  })
})

/** 200 notes of few pitches over a minute, so that many overlap and fall on one step; some long silences. */
function randomNotes(seed: number): Note[] {
  const random = randomNumbers(seed)
  return Array.from({ length: 200 }, () => {
    const start = random() * 60_000
    const pitch = 40 + Math.floor(random() * 40)
    const velocity = 1 + Math.floor(random() * 127)
    return { pitch, velocity, start, end: start + random() ** 4 * 8000 }
  })
}
