import { describe, expect, test } from 'vitest'
import { createControlUndo } from '../../../src/engine/controls/control-undo.js'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

const start = defaultControls()
const withDensity = (density: number): Controls => ({ ...start, density })

describe('the undo history of controls', () => {
  test('gives back the controls as they were before each change, the last change first', () => {
    const history = createControlUndo()
    history.record(start, withDensity(4), 'keys', 0)
    history.record(withDensity(4), { ...withDensity(4), temperature: 0.5 }, 'web', 0)
    expect(history.setters).toEqual({ density: 'keys', temperature: 'web' })
    expect(history.takeBack()).toEqual(withDensity(4))
    expect(history.setters).toEqual({ density: 'keys' })
    expect(history.takeBack()).toEqual(start)
    expect(history.setters).toEqual({})
    expect(history.takeBack()).toBeUndefined()
  })

  test('moves of a knob without a rest are one change; another origin or a rest of a second begins a new one', () => {
    const history = createControlUndo()
    let density = 1
    const turn = (by: 'controller' | 'keys', at: number) => {
      history.record(withDensity(density), withDensity(density + 1), by, at)
      density++
    }
    for (let at = 0; at <= 2000; at += 100) turn('controller', at)
    expect(history.length).toBe(1)
    turn('keys', 2050)
    expect(history.length).toBe(2)
    turn('keys', 3051)
    expect(history.length).toBe(3)
  })

  test('a change by the band is nothing to undo, and undoing other changes leaves it', () => {
    const history = createControlUndo()
    history.record(start, withDensity(4), 'keys', 0)
    history.record(withDensity(4), { ...withDensity(4), tempo: 97 }, 'band', 10)
    expect([history.length, history.setters.tempo]).toEqual([1, 'band'])
    expect(history.takeBack()).toEqual({ ...start, tempo: 97 })
  })

  test('the steps of a glide are one change, even where they set different controls', () => {
    const history = createControlUndo()
    history.record(start, { ...start, key: 'D' }, 'keys', 0, true)
    let before: Controls = { ...start, key: 'D' }
    for (let n = 1; n <= 20; n++) {
      const after = { ...before, temperature: 1 + n / 40, ...(n % 3 === 0 ? { density: n } : {}) }
      history.record(before, after, 'keys', 50 * n, true)
      before = after
    }
    expect(history.length).toBe(1)
    expect(history.takeBack()).toEqual(start)
  })

  test('setting a control to the value that it has is no change', () => {
    const history = createControlUndo()
    history.record(start, { ...start, register: [21, 108] }, 'keys', 0)
    expect(history.length).toBe(0)
  })

  test('the last hundred changes can be undone', () => {
    const history = createControlUndo()
    for (let n = 0; n < 150; n++)
      history.record({ ...start, delay: n }, { ...start, delay: n + 1 }, 'web', n * 2000)
    expect(history.length).toBe(100)
  })
})

describe('undo', () => {
  test('the music after a change that is undone at once is the music without the change', () => {
    const untouched = startPerformance(shippedNetwork('tiny'), 3, { temperature: 0.9 })
    const touched = startPerformance(shippedNetwork('tiny'), 3, { temperature: 0.9 })
    for (const { pianist } of [untouched, touched]) pianist.advance(5000)
    touched.set('temperature', 1.4)
    touched.command({ type: 'undo' })
    expect(touched.pianist.controls.temperature).toBe(0.9)
    for (const { pianist } of [untouched, touched]) pianist.advance(20_000)
    expect(touched.messages).toEqual(untouched.messages)
  })

  test('a preset is undone as a whole', () => {
    const { pianist, command } = startPerformance(shippedNetwork('tiny'), 3, { transpose: 5 })
    command({ type: 'set-some', controls: withDensity(8) })
    expect(pianist.controls).toEqual(withDensity(8))
    command({ type: 'undo' })
    expect(pianist.controls).toEqual({ ...start, transpose: 5 })
  })
})
