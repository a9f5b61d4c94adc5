import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import {
  EVENT_COUNT,
  noteOff,
  noteOn,
  timeShift,
  velocityEvent,
} from '../../../src/engine/language/events.js'
import { createDistribution, MASS_COUNT } from '../../../src/engine/sampling/distribution.js'
import { createMask } from '../../../src/engine/sampling/event-mask.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const plain = { ...defaultControls(), topP: 1 }

/** Logits of uneven events of all kinds. */
function someLogits(seed: number): Float32Array {
  const random = randomNumbers(seed)
  return Float32Array.from({ length: EVENT_COUNT }, () => 8 * random() - 6)
}

function shaped(logits: Float32Array, settings: Partial<typeof plain>, mask = createMask(), from = 0) {
  const distribution = createDistribution()
  expect(distribution.shape(logits, { ...plain, ...settings }, mask, from)).toBe(true)
  return distribution
}

const sum = (values: ArrayLike<number>, first = 0, end = values.length) =>
  Array.from(values)
    .slice(first, end)
    .reduce((a, b) => a + b, 0)

describe('the distribution', () => {
  test('is the softmax of the logits over the temperature', () => {
    const logits = someLogits(1)
    const { probabilities } = shaped(logits, { temperature: 0.7 })
    const raised = Array.from(logits, (logit) => Math.exp(logit / 0.7))
    for (const event of [0, 60, 200, 300, 387]) {
      expect(probabilities[event]).toBeCloseTo((raised[event] ?? 0) / sum(raised), 12)
    }
    expect(sum(probabilities)).toBeCloseTo(1, 12)
  })

  test.each([
    ['pitchTemperature', 0, 128],
    ['timingTemperature', 256, 356],
    ['dynamicsTemperature', 356, 388],
  ] as const)(
    '%s spreads its class and leaves its mass, and all else, as they were',
    (factor, first, end) => {
      const logits = someLogits(2)
      const before = shaped(logits, {}).probabilities
      const { probabilities } = shaped(logits, { [factor]: 2 })
      expect(sum(probabilities, first, end)).toBeCloseTo(sum(before, first, end), 12)
      expect(Math.max(...probabilities.slice(first, end))).toBeLessThan(Math.max(...before.slice(first, end)))
      for (let event = 0; event < EVENT_COUNT; event++) {
        if (event < first || event >= end) expect(probabilities[event]).toBeCloseTo(before[event] ?? 0, 12)
      }
    },
  )

  test.each([0.5, 0.9, 0.98])('top-p %d keeps the fewest events that reach it, in proportion', (topP) => {
    const logits = someLogits(3)
    const full = shaped(logits, {}).probabilities
    const { probabilities } = shaped(logits, { topP })
    const kept = Array.from(full).filter((_, event) => (probabilities[event] ?? 0) > 0)
    expect(sum(kept)).toBeGreaterThanOrEqual(topP)
    expect(sum(kept) - Math.min(...kept)).toBeLessThan(topP)
    const cut = Array.from(full).filter((_, event) => probabilities[event] === 0)
    expect(Math.max(...cut)).toBeLessThan(Math.min(...kept))
    expect(sum(probabilities)).toBeCloseTo(1, 12)
    expect((probabilities[300] ?? 0) * sum(kept)).toBeCloseTo(
      (probabilities[300] ?? 0) > 0 ? (full[300] ?? 0) : 0,
      12,
    )
  })

  test('masked events have no share, and with all events masked there is no distribution', () => {
    const mask = createMask().fill(0)
    expect(createDistribution().shape(someLogits(4), plain, mask, 0)).toBe(false)
    mask[noteOn(60)] = 1
    mask[timeShift(7)] = 1
    const { probabilities } = shaped(someLogits(4), {}, mask)
    expect((probabilities[noteOn(60)] ?? 0) + (probabilities[timeShift(7)] ?? 0)).toBeCloseTo(1, 12)
    const waiting = shaped(someLogits(4), {}, createMask(), 40).probabilities
    expect(sum(waiting, 256 + 39, 356)).toBeCloseTo(1, 12)
  })
})

describe('the order of draws', () => {
  test('is velocities, notes, then shifts ascending', () => {
    const logits = new Float32Array(EVENT_COUNT).fill(Number.NEGATIVE_INFINITY)
    const events = [velocityEvent(3), noteOn(60), noteOff(61), timeShift(2), timeShift(90)]
    for (const event of events) logits[event] = 0
    const distribution = shaped(logits, {})
    expect([0.1, 0.3, 0.5, 0.7, 0.9].map((number) => distribution.draw(number))).toEqual(events)
    expect(distribution.draw(1 - 2 ** -53)).toBe(timeShift(90))
    const masses = new Float64Array(MASS_COUNT)
    distribution.massesBefore(masses)
    expect(masses[0]).toBeCloseTo(0.6, 12)
    expect(masses[1]).toBeCloseTo(0.6, 12)
    expect(masses[2]).toBeCloseTo(0.8, 12)
    expect(masses[100]).toBeCloseTo(1, 12)
    expect(distribution.drawShift(0.79, 2, masses[1] ?? 0)).toBe(timeShift(2))
    expect(distribution.drawShift(0.79, 3, masses[2] ?? 0)).toBe(timeShift(90))
  })
})

test('a lean changes the shares of the notes among each other, and nothing else', () => {
  const logits = Float32Array.from({ length: 388 }, (_, event) => Math.sin(event))
  const settings = { ...defaultControls(), topP: 1 }
  const plain = createDistribution()
  plain.shape(logits, settings, createMask(), 0)
  const leaning = createDistribution()
  const pitchLean = Float64Array.from({ length: 12 }, (_, pitchClass) => (pitchClass === 0 ? 1 : 0.25))
  leaning.shape(logits, { ...settings, pitchLean }, createMask(), 0)
  const mass = (probabilities: Float64Array, from: number, to: number) =>
    probabilities.slice(from, to).reduce((sum, share) => sum + share, 0)
  for (const [from, to] of [
    [0, 128],
    [128, 256],
    [256, 388],
  ] as const)
    expect(mass(leaning.probabilities, from, to)).toBeCloseTo(mass(plain.probabilities, from, to), 12)
  const ratio = (event: number) => (leaning.probabilities[event] ?? 0) / (plain.probabilities[event] ?? 1)
  expect(ratio(60) / ratio(61)).toBeCloseTo(4, 9)
  expect(ratio(200)).toBeCloseTo(1, 9)
})
