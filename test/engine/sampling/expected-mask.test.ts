import { describe, expect, test } from 'vitest'
import { beginExpecting, type Expectation } from '../../../src/engine/form/expected-notes.js'
import {
  type EventIndex,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  isVelocity,
  noteOff,
  noteOn,
  shiftSteps,
  timeShift,
  velocityEvent,
} from '../../../src/engine/language/events.js'
import { createMask } from '../../../src/engine/sampling/event-mask.js'
import { limitToExpected } from '../../../src/engine/sampling/expected-mask.js'
import { firstMoment, passEvent } from '../../../src/engine/sampling/moment.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const expected = (onset: number, pitch: number, tolerance = 4) => ({
  onset,
  pitch,
  strength: 1,
  tolerance,
  isMelody: true,
})

/** What may follow `events`, which begin as `list` does, at step 0. */
function allowedAfter(list: Expectation, events: readonly EventIndex[], closed: readonly EventIndex[] = []) {
  const moment = firstMoment(0)
  beginExpecting(moment.expecting, list, 0)
  for (const event of events) passEvent(moment, event)
  const mask = createMask()
  for (const event of closed) mask[event] = 0
  limitToExpected(mask, moment)
  return Array.from(mask.keys()).filter((event) => mask[event] === 1)
}

const LIST: Expectation = {
  notes: [expected(50, 60), expected(50, 67), expected(90, 72)],
  others: 0.5,
  give: 0,
}
const STRICT: Expectation = { ...LIST, others: 0 }

describe('the mask of expected notes', () => {
  test('lets a wait end within the time of the next note, and not beyond', () => {
    const waits = allowedAfter(LIST, [timeShift(10)])
      .filter(isTimeShift)
      .map(shiftSteps)
    expect(Math.max(...waits)).toBe(44)
  })

  test('demands a note, or the velocity before it, where a wait has ended within its time', () => {
    const allowed = allowedAfter(LIST, [timeShift(48)])
    expect(allowed.filter(isNoteOn)).toEqual([60, 67])
    expect(allowed.filter(isVelocity)).toHaveLength(32)
    expect(allowed.filter(isTimeShift)).toEqual([])
  })

  test('lets sounding notes end before it, and no others', () => {
    const allowed = allowedAfter(LIST, [noteOn(40), timeShift(48)])
    expect(allowed.filter(isNoteOff)).toEqual([noteOff(40)])
  })

  test('demands the note after its velocity', () => {
    expect(allowedAfter(LIST, [timeShift(48), velocityEvent(20)])).toEqual([60, 67])
  })

  test('lets a chord be spread over its tolerance', () => {
    const allowed = allowedAfter(LIST, [timeShift(48), noteOn(60)])
    expect(allowed.filter(isNoteOn)).toEqual([67])
    expect(Math.max(...allowed.filter(isTimeShift).map(shiftSteps))).toBe(6)
  })

  test('lets other notes be struck together with an expected one, under the melody', () => {
    const allowed = allowedAfter(LIST, [timeShift(50), noteOn(60), noteOn(67)])
    expect(Math.max(...allowed.filter(isNoteOn))).toBe(66)
    expect(
      allowedAfter(LIST, [timeShift(50), noteOn(60), noteOn(67), timeShift(5)]).filter(isNoteOn),
    ).toEqual([])
  })

  test('allows no other note and no velocity for it where others is 0', () => {
    const allowed = allowedAfter(STRICT, [timeShift(50), noteOn(60), noteOn(67)])
    expect(allowed.filter((event) => isNoteOn(event) || isVelocity(event))).toEqual([])
  })

  test('ignores a note that may not be struck', () => {
    const allowed = allowedAfter(STRICT, [timeShift(50)], [noteOn(60), noteOn(67)])
    expect(Math.max(...allowed.filter(isTimeShift).map(shiftSteps))).toBe(44)
  })

  test('changes nothing where nothing is expected', () => {
    expect(allowedAfter({ ...LIST, notes: [] }, [timeShift(48)])).toHaveLength(388)
  })

  test('leads any choice of events through all notes of a list, each once and in its time', () => {
    const random = randomNumbers(7)
    for (let run = 0; run < 200; run++) {
      const notes = Array.from({ length: 30 }, (_, n) =>
        expected(20 * Math.floor(n / 2), 50 + ((n * 7) % 30)),
      )
      const moment = firstMoment(0)
      beginExpecting(moment.expecting, { notes, others: 0, give: 0 }, 0)
      const struck: [pitch: number, clock: number][] = []
      for (let n = 0; moment.expecting.list !== null && n < 5000; n++) {
        const mask = createMask()
        limitToExpected(mask, moment)
        const choices = Array.from(mask.keys()).filter((event) => mask[event] === 1)
        expect(choices.length).toBeGreaterThan(0)
        const event = choices[Math.floor(random() * choices.length)]!
        if (isNoteOn(event)) struck.push([event, moment.clock])
        passEvent(moment, event)
      }
      expect(moment.expecting.kept).toBe(30)
      expect(struck).toHaveLength(30)
      const due = (pitch: number, clock: number) =>
        notes.some((note) => note.pitch === pitch && Math.abs(note.onset - clock) <= note.tolerance)
      expect(struck.every(([pitch, clock]) => due(pitch, clock))).toBe(true)
    }
  })
})
