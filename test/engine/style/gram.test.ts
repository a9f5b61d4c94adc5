import { describe, expect, test } from 'vitest'
import { noteOff, noteOn, timeShift } from '../../../src/engine/language/events.js'
import { GRAM_SIZE, Gram, gramOf } from '../../../src/engine/style/gram.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const SHAPE = { layers: 2, units: 96 }

/** A state of two lanes with random h and c. */
function randomState(seed: number): Float32Array {
  const next = randomNumbers(seed)
  return Float32Array.from({ length: 2 * SHAPE.layers * 2 * SHAPE.units }, () => 2 * next() - 1)
}

function gramFrom(seeds: readonly number[]): Gram {
  const gram = new Gram(SHAPE)
  for (const seed of seeds) gram.add(randomState(seed))
  return gram
}

describe('Gram matrices', () => {
  test('are symmetric, and no direction has less than nothing', () => {
    const gram = gramFrom([1, 2, 3])
    const next = randomNumbers(9)
    for (let layer = 0; layer < SHAPE.layers; layer++) {
      const direction = Array.from({ length: GRAM_SIZE }, () => next() - 0.5)
      let along = 0
      for (let i = 0; i < GRAM_SIZE; i++) {
        for (let j = 0; j < GRAM_SIZE; j++) {
          expect(gram.at(layer, i, j)).toBe(gram.at(layer, j, i))
          along += direction[i]! * gram.at(layer, i, j) * direction[j]!
        }
      }
      expect(along).toBeGreaterThanOrEqual(0)
    }
  })

  test('are the sum of h h^T, so one of a single h has rank one', () => {
    const gram = gramFrom([4])
    const square = (i: number, j: number) => gram.at(1, i, j) ** 2
    for (let i = 0; i < GRAM_SIZE; i++)
      for (let j = 0; j < GRAM_SIZE; j++)
        expect(square(i, j)).toBeCloseTo(gram.at(1, i, i) * gram.at(1, j, j), 6)
  })

  test('look at h of the first lane alone', () => {
    const state = randomState(5)
    const other = state.slice()
    const { layers, units } = SHAPE
    for (let layer = 0; layer < layers; layer++)
      other.fill(0.5, (2 * layer + 1) * units, (2 * layer + 2) * units)
    other.fill(0.5, layers * 2 * units)
    const [a, b] = [new Gram(SHAPE), new Gram(SHAPE)]
    a.add(state)
    b.add(other)
    expect(a.distance(b)).toBeCloseTo(0, 12)
  })

  test('are at distance 0 from themselves, at whatever length, and as far one way as the other', () => {
    const gram = gramFrom([1, 2, 3])
    const other = gramFrom([4, 5])
    expect(gram.distance(gram)).toBeCloseTo(0, 12)
    expect(gram.distance(gramFrom([1, 2, 3, 1, 2, 3]))).toBeCloseTo(0, 12)
    expect(gram.distance(other)).toBe(other.distance(gram))
    expect(gram.distance(other)).toBeGreaterThan(0)
    expect(gram.distance(other)).toBeLessThanOrEqual(2)
  })

  test('of nothing are as far as can be from anything', () => {
    expect(new Gram(SHAPE).distance(gramFrom([1]))).toBe(2)
    expect(gramFrom([1]).distance(new Gram(SHAPE))).toBe(2)
  })

  test('go on by themselves after a fork', () => {
    const gram = gramFrom([1, 2])
    const fork = gram.fork()
    expect(gram.distance(fork)).toBeCloseTo(0, 12)
    fork.add(randomState(3))
    expect([gram.count, fork.count]).toEqual([2, 3])
    expect(gram.distance(gramFrom([1, 2]))).toBeCloseTo(0, 12)
    expect(fork.distance(gramFrom([1, 2, 3]))).toBeCloseTo(0, 12)
  })
})

describe('the style of a performance as a network hears it', () => {
  const network = shippedNetwork('tiny')
  const shape = { layers: 2, units: 8 }

  test('counts the notes struck, and is the same whatever the network has played before', () => {
    const events = [noteOn(60), timeShift(10), noteOff(60), noteOn(64), timeShift(10), noteOff(64)]
    const gram = gramOf(network, shape, events)
    network.step(noteOn(30))
    expect(gram.count).toBe(2)
    expect(gram.distance(gramOf(network, shape, events))).toBe(gram.distance(gram))
  })

  test('changes with the time between the notes', () => {
    const gram = gramOf(network, shape, [noteOn(60), timeShift(10), noteOn(64)])
    expect(gram.distance(gramOf(network, shape, [noteOn(60), timeShift(90), noteOn(64)]))).toBeGreaterThan(0)
  })
})
