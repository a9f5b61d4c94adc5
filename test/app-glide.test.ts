import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { between, createGlide } from '../src/app-glide.js'
import { type Controls, defaultControls } from '../src/engine/controls.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const FROM: Controls = { ...defaultControls(), temperature: 0.5, density: null, key: 'off' }
const TO: Controls = { ...defaultControls(), temperature: 1.5, density: 12, key: 'D' }

test('numbers move, all else is there at once, and it ends exactly there', () => {
  const half = between(FROM, TO, 0.5, new Set())
  expect(half.temperature).toBe(1)
  expect(half.density).toBe(12)
  expect(half.key).toBe('D')
  expect(between(FROM, TO, 1, new Set())).toEqual(TO)
})

test('takes its time, leaves alone what somebody else has set, and stops', () => {
  const set: Controls[] = []
  const glide = createGlide(() => Date.now())
  glide.begin(FROM, TO, 2000, (controls) => set.push(controls))
  vi.advanceTimersByTime(1000)
  expect(set.at(-1)?.temperature).toBeCloseTo(1, 1)
  glide.leave('temperature')
  vi.advanceTimersByTime(1500)
  expect(set.at(-1)).toEqual({ ...TO, temperature: 0.5 })
  const count = set.length
  vi.advanceTimersByTime(1000)
  expect(set.length).toBe(count)
})

test('without a time it is there at once', () => {
  const set: Controls[] = []
  createGlide(() => 0).begin(FROM, TO, 0, (controls) => set.push(controls))
  expect(set).toEqual([TO])
})
