import { expect, test } from 'vitest'
import { float16sToFloat32s, float16ToFloat32 } from '../../../src/engine/model/float16.js'
import { floatToFloat16 } from '../../helpers/float16-encoder.js'

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
])('the float16 %i is %f', (bits, value) => {
  expect(float16ToFloat32(bits)).toBe(value)
})

test('converting many float16s gives each the value that converting it alone gives', () => {
  const floats = new Float32Array(65536)
  float16sToFloat32s(ALL, floats)
  expect(floats).toEqual(Float32Array.from(ALL, float16ToFloat32))
})

test('every float16 that is a number is the same after conversion to float32 and back', () => {
  const numbers = ALL.filter((bits) => (bits & 0x7c00) !== 0x7c00)
  expect(numbers.length).toBe(63488)
  expect(numbers.map((bits) => floatToFloat16(float16ToFloat32(bits)))).toEqual(numbers)
})

test('encoding rounds to the nearest float16, and ties to the even one', () => {
  expect(floatToFloat16(1 + 1 / 2048)).toBe(0x3c00)
  expect(floatToFloat16(1 + 3 / 2048)).toBe(0x3c02)
  expect(floatToFloat16(2 - 1 / 4096)).toBe(0x4000)
  expect(floatToFloat16(65519)).toBe(0x7bff)
  expect(floatToFloat16(65520)).toBe(0x7c00)
})
