import { expect, test } from 'vitest'
import { beatAt, timeOf } from '../../../src/engine/language/pulse.js'

test('places and times of a pulse lead to one another', () => {
  const pulse = { at: -250, beatMs: 625 }
  expect(beatAt(pulse, 1000)).toBe(2)
  expect(timeOf(pulse, 2)).toBe(1000)
  expect(timeOf(pulse, beatAt(pulse, 777.7))).toBeCloseTo(777.7, 9)
})
