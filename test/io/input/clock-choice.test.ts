import { expect, test } from 'vitest'
import { createClockChoice } from '../../../src/io/input/clock-choice.js'

const TICK = 0xf8
const START = 0xfa

test('of two clocks only the first counts, with its transport, until it has gone silent', () => {
  const choice = createClockChoice()
  expect(choice.accepts('b', START, 0)).toBe(true)
  expect(choice.accepts('a', TICK, 10)).toBe(true)
  expect(choice.accepts('b', TICK, 20)).toBe(false)
  expect(choice.accepts('b', START, 20)).toBe(false)
  expect(choice.accepts('a', START, 20)).toBe(true)
  expect(choice.accepts('b', TICK, 1005)).toBe(false)
  expect(choice.accepts('b', TICK, 1020)).toBe(true)
  expect(choice.accepts('a', TICK, 1030)).toBe(false)
})

test('keys, pedals and active sensing of every port count', () => {
  const choice = createClockChoice()
  choice.accepts('a', TICK, 0)
  for (const status of [0x90, 0xb0, 0xfe, 0xff]) expect(choice.accepts('b', status, 1)).toBe(true)
})
