import { expect, test } from 'vitest'
import { Glide } from '../../src/app/requests/glide.js'
import { type ControlChanges, type Controls, defaultControls } from '../../src/engine/controls/controls.js'
import { handClock } from '../helpers/hand-clock.js'

const FROM: Controls = { ...defaultControls(), temperature: 0.5, topP: 0.6, density: null, key: 'off' }
const TO: ControlChanges = { temperature: 1.5, topP: 0.8, density: 12, key: 'D' }

/** A glide from FROM to TO, and the controls as it sets them. */
function glideFor(duration: number) {
  let controls = FROM
  let count = 0
  const clock = handClock()
  const glide = new Glide(clock)
  glide.begin(FROM, TO, duration, (changes) => {
    controls = { ...controls, ...changes }
    count++
  })
  return {
    glide,
    clock,
    controls: () => controls,
    count: () => count,
    set: (changes: ControlChanges) => {
      controls = { ...controls, ...changes }
    },
  }
}

test('numbers glide, other controls are set at once, controls that are not named stay, and the glide ends exactly at its aim', () => {
  const { clock, controls, count } = glideFor(2000)
  expect(controls()).toEqual({ ...FROM, density: 12, key: 'D' })
  clock.advance(1000)
  expect(controls().temperature).toBe(1)
  expect(controls().topP).toBe(0.7)
  clock.advance(1000)
  expect(controls()).toEqual({ ...FROM, ...TO })
  const steps = count()
  clock.advance(1000)
  expect(count()).toBe(steps)
})

test('a control that somebody else has set on the way stays as it was set', () => {
  const { glide, clock, controls, set } = glideFor(2000)
  clock.advance(1000)
  glide.leave('temperature')
  set({ temperature: 1.9 })
  clock.advance(1500)
  expect(controls()).toEqual({ ...FROM, ...TO, temperature: 1.9 })
})

test('a glide with nothing left to move ends', () => {
  const { glide, clock, count } = glideFor(2000)
  glide.leave('temperature')
  glide.leave('topP')
  const steps = count()
  clock.advance(2000)
  expect(count()).toBeLessThanOrEqual(steps + 1)
})

test('a stopped glide leaves the controls where they are', () => {
  const { glide, clock, controls } = glideFor(2000)
  clock.advance(1000)
  glide.stop()
  const stopped = controls()
  clock.advance(2000)
  expect(controls()).toEqual(stopped)
})

test('a glide of no duration sets everything at once', () => {
  const { controls, count } = glideFor(0)
  expect(controls()).toEqual({ ...FROM, ...TO })
  expect(count()).toBe(1)
})
