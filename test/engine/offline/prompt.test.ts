import { describe, expect, test } from 'vitest'
import {
  isNoteOff,
  isNoteOn,
  isTimeShift,
  isVelocity,
  shiftSteps,
} from '../../../src/engine/language/events.js'
import { encodeSteps, type StepNote } from '../../../src/engine/language/performance.js'
import { promptEvents } from '../../../src/engine/offline/prompt.js'
import { decodePerformance } from '../../helpers/event-language.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const note = (pitch: number, start: number, end: number, velocity = 61): StepNote => ({
  pitch,
  velocity,
  start,
  end,
})

describe('a prompt', () => {
  test('that is long enough is the whole performance', () => {
    const notes = [note(60, 0, 50), note(64, 20, 40), note(67, 300, 350, 101)]
    expect(promptEvents(notes, 30_000)).toEqual([...encodeSteps(notes)])
  })

  test('begins with the first strike after the cut, and leaves out notes that sound across it', () => {
    const notes = [note(40, 0, 500), note(60, 100, 120), note(64, 200, 210), note(67, 300, 330)]
    expect(promptEvents(notes, 150)).toEqual([...encodeSteps([note(64, 0, 10), note(67, 100, 130)])])
  })

  test('is counted back from the last strike, so that a chord that rings on does not shorten it', () => {
    const notes = [note(60, 0, 100), note(64, 1000, 1050), note(48, 1100, 2200)]
    const kept = decodePerformance(promptEvents(notes, 100))
    expect(kept.map(({ pitch, start, end }) => [pitch, start, end])).toEqual([
      [64, 0, 50],
      [48, 100, 1200],
    ])
  })

  test('ends a note after 12 s: no piano sounds longer', () => {
    const events = promptEvents([note(60, 0, 8_000_000)], 100)
    const waited = events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)
    expect(waited).toBe(1200)
  })

  test('without notes has no events', () => {
    expect(promptEvents([], 100)).toEqual([])
  })

  test('of any 200 performances: a velocity first, every note ended, none struck before the cut', () => {
    const random = randomNumbers(7)
    const below = (limit: number) => Math.floor(random() * limit)
    for (let n = 0; n < 200; n++) {
      let start = 0
      const notes = Array.from({ length: 1 + below(80) }, (_, i) => {
        start += below(60)
        return note(i % 100, start, start + 1 + below(900), 1 + below(127))
      })
      const length = 1 + below(2000)
      const events = promptEvents(notes, length)
      expect(isVelocity(events[0]!)).toBe(true)
      const ons = events.filter(isNoteOn).length
      expect(events.filter(isNoteOff)).toHaveLength(ons)
      expect(ons).toBe(notes.filter((one) => one.start >= start - length).length)
      expect(decodePerformance(events)).toHaveLength(ons)
    }
  })
})
