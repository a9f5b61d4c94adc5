import { describe, expect, test } from 'vitest'
import { noteOn, timeShift, velocityEvent } from '../../../src/engine/language/events.js'
import { createMask } from '../../../src/engine/sampling/event-mask.js'
import { moveWaits, type WaitGrid } from '../../../src/engine/sampling/wait-grid.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** A grid with a point every 10 steps, of which the first lies `first` steps ahead; 0 for a moment on a point. */
function everyTen(first: number, share = 1): WaitGrid {
  const lengths = Array.from({ length: 101 }, (_, length) => {
    const point = Math.floor((length - first) / 10)
    const shorter = first + 10 * point
    const isThere = shorter > 0 || (first === 0 && shorter === 0)
    const longer = shorter === length ? length : shorter + 10
    return { shorter: isThere ? shorter : -1, longer, longerShare: (length - Math.max(shorter, 0)) / 10 }
  })
  return {
    share,
    shorter: Int16Array.from(lengths, ({ shorter }) => shorter),
    longer: Int16Array.from(lengths, ({ longer }) => longer),
    longerShare: Float64Array.from(lengths, ({ longerShare }) => longerShare),
    postpone: first,
    postponed: share ** 2,
  }
}

const sumOf = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)
/** The mean length of a wait times how likely one is; what happens now has length 0. */
const meanOf = (probabilities: Float64Array) =>
  probabilities.reduce((sum, p, event) => sum + (event >= 256 && event < 356 ? (event - 255) * p : 0), 0)

function randomProbabilities(seed: number): Float64Array {
  const random = randomNumbers(seed)
  const values = Float64Array.from({ length: 388 }, () => random() ** 4)
  const sum = sumOf(values)
  return values.map((value) => value / sum)
}

describe('waits on a grid', () => {
  test.each([1, 2, 3, 4])(
    'probabilities keep their sum, and from a point the mean wait stays (seed %i)',
    (seed) => {
      for (const share of [0.2, 1]) {
        const probabilities = randomProbabilities(seed)
        const before = meanOf(probabilities)
        moveWaits(probabilities, createMask(), everyTen(0, share), 0)
        expect(sumOf(probabilities)).toBeCloseTo(1, 9)
        expect(meanOf(probabilities)).toBeCloseTo(before, 9)
        expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0)
      }
    },
  )

  test('with all of it moved, every wait ends on the grid', () => {
    const probabilities = randomProbabilities(5)
    moveWaits(probabilities, createMask(), everyTen(4), 0)
    for (let length = 1; length <= 99; length++)
      if (length % 10 !== 4) expect(probabilities[timeShift(length)], `${length}`).toBeLessThan(1e-12)
  })

  test('what must not be drawn gets nothing, and a wait without an end on the grid stays', () => {
    const allowed = createMask()
    allowed.fill(0, timeShift(1), timeShift(100) + 1)
    allowed.fill(1, timeShift(11), timeShift(18) + 1)
    const probabilities = new Float64Array(388)
    probabilities[timeShift(12)] = 0.75
    probabilities[noteOn(60)] = 0.25
    moveWaits(probabilities, allowed, everyTen(0), 0)
    expect(probabilities[timeShift(12)]).toBe(0.75)
    expect(probabilities[timeShift(10)]).toBe(0)
    expect(probabilities[timeShift(20)]).toBe(0)
  })

  test('a wait that has begun never gets shorter than it has lasted', () => {
    const probabilities = new Float64Array(388)
    probabilities[timeShift(13)] = 1
    moveWaits(probabilities, createMask(), everyTen(0), 12)
    expect(probabilities[timeShift(20)]).toBe(1)
  })

  test('beside the grid notes wait for its next point', () => {
    const probabilities = new Float64Array(388)
    probabilities[noteOn(60)] = 0.5
    probabilities[velocityEvent(9)] = 0.25
    probabilities[timeShift(6)] = 0.25
    moveWaits(probabilities, createMask(), everyTen(6), 0)
    expect(probabilities[timeShift(6)]).toBe(1)
  })
})
