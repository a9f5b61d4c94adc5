import { describe, expect, test } from 'vitest'
import { checkControl } from '../../../src/engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  type ControlName,
  defaultControls,
  withControl,
} from '../../../src/engine/controls/controls.js'
import { type Adjustment, adjusted } from '../../../src/tui/input/control-adjust.js'

const up: Adjustment = { by: 1, grain: 'coarse', end: 'high' }
const ADJUSTMENTS: readonly Adjustment[] = ([1, -1] as const).flatMap((by) =>
  (['coarse', 'fine'] as const).flatMap((grain) =>
    (['low', 'high'] as const).map((end) => ({ by, grain, end })),
  ),
)
const ADJUSTABLE = CONTROL_NAMES.filter((name) => name !== 'pitchWeights')

describe('adjusting a control', () => {
  test.each(ADJUSTABLE)(
    'every adjustment of %s gives a value that the control accepts, and both ends are reached',
    (name) => {
      for (const adjustment of ADJUSTMENTS) {
        let controls = defaultControls()
        let steps = 0
        for (; steps < 500; steps++) {
          const value = adjusted(name, controls, null, adjustment)
          expect(value).toBeDefined()
          expect(checkControl(name, value).ok).toBe(true)
          const next = withControl(controls, name, value ?? null)
          if (String(next[name]) === String(controls[name])) break
          controls = next
        }
        expect(steps).toBeLessThan(500)
      }
    },
  )

  test('a coarse adjustment goes a twentieth of the range, a fine one a step', () => {
    const at = (name: ControlName, adjustment: Adjustment) =>
      adjusted(name, defaultControls(), null, adjustment)
    expect(at('temperature', up)).toBe(1.1)
    expect(at('temperature', { ...up, grain: 'fine' })).toBe(1.05)
    expect(at('transpose', { ...up, by: -1 })).toBe(-2)
    expect(at('tide', { ...up, by: -1 })).toBe(false)
    expect(at('key', up)).toBe('C')
  })

  test('auto is adjusted from where the tide aims; down from its least value an auto control becomes auto', () => {
    const controls = defaultControls()
    expect(adjusted('density', controls, { density: 7.2, tonic: 0, mode: 'major' }, up)).toBe(9)
    expect(adjusted('dynamics', { ...controls, dynamics: 1 }, null, { ...up, by: -1 })).toBeNull()
  })

  test('the ends of a range never pass each other; weights can only be typed', () => {
    const controls = { ...defaultControls(), register: [60, 61] as const }
    expect(adjusted('register', controls, null, { ...up, end: 'low' })).toEqual([61, 61])
    expect(adjusted('register', controls, null, { ...up, by: -1 })).toEqual([60, 60])
    expect(adjusted('pitchWeights', controls, null, up)).toBeUndefined()
  })
})
