import { expect, test } from 'vitest'
import { float16sToFloat32s, float16ToFloat32 } from '../../../src/engine/model/float16.js'
import { floatToHalf } from '../../helpers/half-encoder.js'

const ALL = Uint16Array.from({ length: 65536 }, (_, bits) => bits)

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x03ff, 1023 * 2 ** -24],
  [0x0001, 2 ** -24],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
])('the half %i is %f', (bits, value) => {
  expect(float16ToFloat32(bits)).toBe(value)
})

test('converting many gives each the value that converting one gives', () => {
  const floats = new Float32Array(65536)
  float16sToFloat32s(ALL, floats)
  expect(floats).toEqual(Float32Array.from(ALL, float16ToFloat32))
})

test('every half that is a number survives the way to a float and back', () => {
  const numbers = ALL.filter((bits) => (bits & 0x7c00) !== 0x7c00)
  expect(numbers.length).toBe(63488)
  expect(numbers.map((bits) => floatToHalf(float16ToFloat32(bits)))).toEqual(numbers)
})

test('encoding rounds to the nearest half, ties to the even one', () => {
  expect(floatToHalf(1 + 1 / 2048)).toBe(0x3c00)
  expect(floatToHalf(1 + 3 / 2048)).toBe(0x3c02)
  expect(floatToHalf(2 - 1 / 4096)).toBe(0x4000)
  expect(floatToHalf(65519)).toBe(0x7bff)
  expect(floatToHalf(65520)).toBe(0x7c00)
})
