import { describe, expect, test } from 'vitest'
import {
  type EventIndex,
  NOTE_OFF,
  noteOff,
  noteOn,
  TIME_SHIFT,
  timeShift,
  velocityEvent,
} from '../../../src/engine/language/events.js'
import type { StepNote } from '../../../src/engine/language/performance.js'
import { emptyRequest } from '../../../src/engine/model/conditioning-request.js'
import { firstMoment, passEvent } from '../../../src/engine/sampling/moment.js'
import { profileOf } from '../../../src/engine/style/measure.js'
import { NEUTRAL_PROFILE } from '../../../src/engine/style/neutral-profile.js'
import { askForStyle, StyleFactors } from '../../../src/engine/style/style-factors.js'

/** Loud, short, slow, low notes, each a fifth above or below the last, in C. */
const FIFTHS: StepNote[] = Array.from({ length: 300 }, (_, n) => ({
  pitch: n % 2 === 0 ? 36 : 43,
  velocity: 110,
  start: 80 * n,
  end: 80 * n + 20,
}))
const PROFILE = profileOf(FIFTHS)

function momentAfter(...events: EventIndex[]) {
  const moment = firstMoment(0)
  for (const event of events) passEvent(moment, event)
  return moment
}

describe('the factors of a style', () => {
  test('are all 1 at strength 0, and where the style is the neutral one', () => {
    const moment = momentAfter(noteOn(60), noteOn(64))
    expect([...new StyleFactors(PROFILE, 0).at(moment)].every((factor) => factor === 1)).toBe(true)
    expect([...new StyleFactors(NEUTRAL_PROFILE, 1).at(moment)].every((factor) => factor === 1)).toBe(true)
  })

  test('stay between a quarter and four', () => {
    for (const moment of [
      momentAfter(),
      momentAfter(noteOn(36), timeShift(3)),
      momentAfter(noteOn(96), timeShift(9)),
    ]) {
      const factors = new StyleFactors(PROFILE, 1).at(moment)
      expect(factors).toHaveLength(388)
      expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.25)
      expect(Math.max(...factors)).toBeLessThanOrEqual(4)
    }
  })

  test('favour registers within chords too, where the style has hardly any chords', () => {
    const factors = new StyleFactors({ ...PROFILE, chordShare: 0 }, 1).at(momentAfter(noteOn(48)))
    expect(factors[noteOn(36)]).toBeGreaterThan(3 * factors[noteOn(72)]!)
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1 / 16)
  })

  test('favour the velocities, waits, registers and note-offs of the style', () => {
    const factors = new StyleFactors(PROFILE, 1).at(momentAfter())
    expect(factors[velocityEvent(28)]).toBeGreaterThan(1)
    expect(factors[velocityEvent(14)]).toBeLessThan(1)
    expect(factors[timeShift(60)]).toBeGreaterThan(1)
    expect(factors[timeShift(1)]).toBeLessThan(1)
    expect(factors[noteOn(36)]).toBeGreaterThan(1)
    expect(factors[noteOn(72)]).toBeLessThan(1)
    expect(new Set(factors.subarray(NOTE_OFF, TIME_SHIFT)).size).toBe(1)
    expect(factors[noteOff(60)]).toBeGreaterThan(1)
  })

  test('grow with the strength', () => {
    const at = (strength: number) => new StyleFactors(PROFILE, strength).at(momentAfter())[velocityEvent(28)]!
    expect(1 < at(0.1) && at(0.1) < at(0.2) && at(0.2) < at(0.3)).toBe(true)
  })

  test('depend on the note struck last, for as long as it sounds', () => {
    const factors = new StyleFactors({ ...PROFILE, intervals: intervalsOf(7) }, 1)
    const afterC = factors.at(momentAfter(noteOn(48), timeShift(20)))
    const fifth = afterC[noteOn(55)]!
    expect(fifth).toBeGreaterThan(afterC[noteOn(56)]!)
    const ended = factors.at(momentAfter(noteOn(48), timeShift(20), noteOff(48)))
    expect(ended[noteOn(55)]).toBeLessThan(fifth)
  })

  test('favour chords only while one is being struck', () => {
    const chordal = { ...NEUTRAL_PROFILE, chordShare: 0.9 }
    const factors = new StyleFactors(chordal, 1)
    expect(factors.at(momentAfter(noteOn(60)))[noteOn(64)]).toBeGreaterThan(1.5)
    expect(factors.at(momentAfter(noteOn(60), timeShift(3)))[noteOn(64)]).toBe(1)
  })

  test('move the steps of the scale into the key of the moment', () => {
    const tonicOnly = {
      ...NEUTRAL_PROFILE,
      degrees: Array.from({ length: 24 }, (_, n) => (n % 12 ? 0 : 0.5)),
    }
    const factors = new StyleFactors(tonicOnly, 1)
    for (const tonic of [0, 3, 7]) {
      const scale = [0, 4, 7, 0, 4, 7, 0].map((degree) => noteOn(60 + tonic + degree))
      const moment = momentAfter(...scale.flatMap((note) => [note, timeShift(20), note + NOTE_OFF]))
      const notes = factors.at(moment).slice(60, 72)
      expect(notes.indexOf(Math.max(...notes))).toBe(tonic)
    }
  })
})

/** All intervals `semitones`. */
function intervalsOf(semitones: number): number[] {
  return Array.from({ length: 25 }, (_, n) => (n === 12 + semitones ? 1 : 0))
}

describe('what a style asks for', () => {
  test('is nothing at strength 0, and its own density and velocity at 1', () => {
    const request = emptyRequest()
    askForStyle(request, PROFILE, 0, firstMoment(0))
    expect(request).toEqual(emptyRequest())
    askForStyle(request, PROFILE, 1, firstMoment(0))
    expect(request.density).toBeCloseTo(PROFILE.density, 9)
    expect(request.velocity).toBeCloseTo(PROFILE.velocity, 9)
  })

  test('lies in between otherwise: of what was asked, or of what was played', () => {
    const request = { ...emptyRequest(), density: 9 }
    const moment = firstMoment(0)
    askForStyle(request, { ...PROFILE, density: 4, velocity: 101 }, 0.5, moment)
    expect(request.density).toBeCloseTo(6, 9)
    expect(request.velocity).toBe((moment.meanVelocity + 101) / 2)
  })
})
