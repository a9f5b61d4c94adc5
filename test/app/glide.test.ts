import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGlide } from '../../src/app/glide.js'
import { type ControlChanges, type Controls, defaultControls } from '../../src/engine/controls/controls.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const FROM: Controls = { ...defaultControls(), temperature: 0.5, topP: 0.6, density: null, key: 'off' }
const TO: ControlChanges = { temperature: 1.5, topP: 0.8, density: 12, key: 'D' }

/** A glide from FROM to TO, and the controls as it sets them. */
function glideFor(duration: number) {
  let controls = FROM
  let count = 0
  const glide = createGlide(() => Date.now())
  glide.begin(FROM, TO, duration, (changes) => {
    controls = { ...controls, ...changes }
    count++
  })
  return {
    glide,
    controls: () => controls,
    count: () => count,
    set: (changes: ControlChanges) => {
      controls = { ...controls, ...changes }
    },
  }
}

test('numbers move, all else is there at once, what is not named stays, and it ends exactly there', () => {
  const { controls, count } = glideFor(2000)
  expect(controls()).toEqual({ ...FROM, density: 12, key: 'D' })
  vi.advanceTimersByTime(1000)
  expect(controls().temperature).toBeCloseTo(1, 1)
  expect(controls().topP).toBeCloseTo(0.7, 1)
  vi.advanceTimersByTime(1050)
  expect(controls()).toEqual({ ...FROM, ...TO })
  const steps = count()
  vi.advanceTimersByTime(1000)
  expect(count()).toBe(steps)
})

test('what a hand has set on the way stays as the hand set it', () => {
  const { glide, controls, set } = glideFor(2000)
  vi.advanceTimersByTime(1000)
  glide.leave('temperature')
  set({ temperature: 1.9 })
  vi.advanceTimersByTime(1500)
  expect(controls()).toEqual({ ...FROM, ...TO, temperature: 1.9 })
})

test('when nothing is left to move, it is over', () => {
  const { glide, count } = glideFor(2000)
  glide.leave('temperature')
  glide.leave('topP')
  const steps = count()
  vi.advanceTimersByTime(2000)
  expect(count()).toBeLessThanOrEqual(steps + 1)
})

test('without a time it is there at once', () => {
  const { controls, count } = glideFor(0)
  expect(controls()).toEqual({ ...FROM, ...TO })
  expect(count()).toBe(1)
})
