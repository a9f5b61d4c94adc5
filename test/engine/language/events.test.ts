import { describe, expect, test } from 'vitest'
import {
  binVelocity,
  EVENT_COUNT,
  eventBin,
  eventPitch,
  FIRST_INPUT,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  isVelocity,
  noteOff,
  noteOn,
  shiftSteps,
  timeShift,
  velocityBin,
  velocityEvent,
} from '../../../src/engine/language/events.js'
import { describeEvent } from '../../helpers/event-language.js'

const everyEvent = Array.from({ length: EVENT_COUNT }, (_, event) => event)

describe('the event language', () => {
  test('has these events at these indices', () => {
    const table = [0, 127, 128, 255, 256, 355, 356, 387].map((event) => [event, describeEvent(event)])
    expect(table).toEqual([
      [0, { kind: 'note-on', pitch: 0 }],
      [127, { kind: 'note-on', pitch: 127 }],
      [128, { kind: 'note-off', pitch: 0 }],
      [255, { kind: 'note-off', pitch: 127 }],
      [256, { kind: 'time-shift', steps: 1 }],
      [355, { kind: 'time-shift', steps: 100 }],
      [356, { kind: 'velocity', bin: 1 }],
      [387, { kind: 'velocity', bin: 32 }],
    ])
  })

  test('every event is of exactly one kind', () => {
    for (const event of everyEvent) {
      const kinds = [isNoteOn, isNoteOff, isTimeShift, isVelocity].filter((is) => is(event))
      expect(kinds).toHaveLength(1)
    }
  })

  test('the functions that make an event and those that read it are inverse', () => {
    for (const event of everyEvent) {
      if (isNoteOn(event)) expect(noteOn(eventPitch(event))).toBe(event)
      else if (isNoteOff(event)) expect(noteOff(eventPitch(event))).toBe(event)
      else if (isTimeShift(event)) expect(timeShift(shiftSteps(event))).toBe(event)
      else expect(velocityEvent(eventBin(event))).toBe(event)
    }
  })

  test('a performance begins after a shift of one second', () => {
    expect(describeEvent(FIRST_INPUT)).toEqual({ kind: 'time-shift', steps: 100 })
  })

  test.each([-1, 388, 1.5, Number.NaN])('%s is no event', (event) => {
    expect(() => describeEvent(event)).toThrow(RangeError)
  })
})

describe('velocity bins', () => {
  test('hold four velocities each', () => {
    expect([1, 4, 5, 64, 65, 124, 125, 127].map(velocityBin)).toEqual([1, 1, 2, 16, 17, 31, 32, 32])
  })

  test('play at the softest velocity they hold', () => {
    for (let velocity = 1; velocity <= 127; velocity++) {
      const played = binVelocity(velocityBin(velocity))
      expect(played).toBeLessThanOrEqual(velocity)
      expect(velocity - played).toBeLessThan(4)
      expect(velocityBin(played)).toBe(velocityBin(velocity))
    }
  })
})
