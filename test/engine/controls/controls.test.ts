import { describe, expect, test } from 'vitest'
import { controlAtPosition } from '../../../src/engine/controls/control-steps.js'
import {
  checkControl,
  describeRange,
  formatControl,
  parseControl,
} from '../../../src/engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlName,
  defaultControls,
} from '../../../src/engine/controls/controls.js'
import { EXPRESSION_CONTROLS } from '../../../src/engine/controls/table/expression.js'
import { HARMONY_CONTROLS } from '../../../src/engine/controls/table/harmony.js'
import { OUTPUT_CONTROLS } from '../../../src/engine/controls/table/output.js'
import { PLAY_CONTROLS } from '../../../src/engine/controls/table/play.js'
import { SAMPLING_CONTROLS } from '../../../src/engine/controls/table/sampling.js'
import { TIME_CONTROLS } from '../../../src/engine/controls/table/time.js'
import { TOGETHER_CONTROLS } from '../../../src/engine/controls/table/together.js'

/** The names in the order that flags, takes, presets and all faces have shown since 0.1. */
const NAMES_IN_ORDER = [
  ...['temperature', 'pitchTemperature', 'timingTemperature', 'dynamicsTemperature', 'topP'],
  ...['density', 'dynamics', 'dynamicsRange', 'pitchWeights', 'key', 'scale', 'guidance'],
  ...['mode', 'fade', 'avoid', 'balance', 'pause', 'pauseBeats', 'voices', 'intervals', 'glide'],
  ...['tide', 'keyLock', 'register', 'polyphony', 'quantise', 'beatsPerBar', 'tempo', 'clockOffset'],
  ...['articulation', 'velocityMin', 'velocityMax', 'delay', 'channel', 'transpose'],
]

describe('the table of controls', () => {
  test('the controls keep their names and their order', () => {
    expect(CONTROL_NAMES).toEqual(NAMES_IN_ORDER)
  })

  test('every control of every group file is in the table once, with the group of its file', () => {
    const files = {
      Play: PLAY_CONTROLS,
      Harmony: HARMONY_CONTROLS,
      Together: TOGETHER_CONTROLS,
      Time: TIME_CONTROLS,
      Expression: EXPRESSION_CONTROLS,
      Output: OUTPUT_CONTROLS,
      More: SAMPLING_CONTROLS,
    }
    const names = Object.values(files).flatMap(Object.keys)
    expect(names.toSorted()).toEqual(CONTROL_NAMES.toSorted())
    for (const [group, controls] of Object.entries(files)) {
      for (const [name, control] of Object.entries(controls)) {
        expect(control, name).toBe(CONTROLS[name as ControlName])
        expect(control.group, name).toBe(group)
      }
    }
  })

  test.each(CONTROL_NAMES)('%s: the default fits its own range and survives being typed', (name) => {
    const value = defaultControls()[name]
    expect(checkControl(name, value)).toEqual({ ok: true, value })
    expect(parseControl(name, formatControl(name, value))).toEqual({ ok: true, value })
    expect(CONTROLS[name].help.length).toBeGreaterThan(10)
    expect(describeRange(name).length).toBeGreaterThan(5)
  })

  test('no two controls share a MIDI controller', () => {
    const ccs = CONTROL_NAMES.flatMap((name) => ('cc' in CONTROLS[name] ? [CONTROLS[name].cc] : []))
    expect(new Set(ccs).size).toBe(ccs.length)
    expect(ccs.length).toBeGreaterThan(1)
  })

  test.each<[ControlName, string, unknown]>([
    ['temperature', '0.9', 0.9],
    ['temperature', ' .5 ', 0.5],
    ['density', 'auto', null],
    ['register', '50-69', [50, 69]],
    ['key', 'bb', 'A#'],
    ['key', 'G', 'G'],
    ['scale', 'Dorian', 'dorian'],
    ['keyLock', 'on', true],
    ['pitchWeights', '1,0,1,0,1,1,0,1,0,1,0,1', [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1]],
    ['transpose', '-12', -12],
  ])('%s reads %s', (name, text, value) => {
    expect(parseControl(name, text)).toEqual({ ok: true, value })
  })

  test.each<[ControlName, string]>([
    ['temperature', '3'],
    ['temperature', '1e0'],
    ['temperature', ''],
    ['temperature', 'NaN'],
    ['polyphony', '2.5'],
    ['register', '72-48'],
    ['register', '10-60'],
    ['register', '50'],
    ['key', 'H'],
    ['keyLock', 'yes'],
    ['pitchWeights', '0,0,0,0,0,0,0,0,0,0,0,0'],
    ['pitchWeights', '1,1'],
    ['pitchWeights', '1,0,-1,0,1,1,0,1,0,1,0,1'],
  ])('%s refuses %j with one sentence that names it', (name, text) => {
    const checked = parseControl(name, text)
    expect(checked).toMatchObject({
      ok: false,
      reason: expect.stringMatching(new RegExp(`^${name} takes .+\\.$`)),
    })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '1', {}, [], undefined, true])(
    'temperature refuses the value %j',
    (value) => {
      expect(checkControl('temperature', value).ok).toBe(false)
    },
  )

  test('a controller position goes from least to most; 0 is auto where there is auto', () => {
    expect(controlAtPosition('temperature', 0)).toBe(0.1)
    expect(controlAtPosition('temperature', 127)).toBe(2)
    expect(controlAtPosition('dynamics', 0)).toBeNull()
    expect(controlAtPosition('dynamics', 64)).toBe(64)
    expect(controlAtPosition('register', 64)).toBeUndefined()
    for (const name of CONTROL_NAMES) {
      for (let position = 0; position < 128; position++) {
        const value = controlAtPosition(name, position)
        if (value !== undefined) expect(checkControl(name, value).ok).toBe(true)
      }
    }
  })
})
