import { describe, expect, test } from 'vitest'
import {
  controlAtPosition,
  controlAtShare,
  shareOf,
  shareOfNumber,
  snapped,
  stepped,
  withEnd,
} from '../../../src/engine/controls/control-steps.js'
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
import { DRUM_CONTROLS } from '../../../src/engine/controls/table/drums.js'
import { EXPRESSION_CONTROLS } from '../../../src/engine/controls/table/expression.js'
import { FORM_CONTROLS } from '../../../src/engine/controls/table/form.js'
import { HARMONY_CONTROLS } from '../../../src/engine/controls/table/harmony.js'
import { OUTPUT_CONTROLS } from '../../../src/engine/controls/table/output.js'
import { PLAY_CONTROLS } from '../../../src/engine/controls/table/play.js'
import { SAMPLING_CONTROLS } from '../../../src/engine/controls/table/sampling.js'
import { TIME_CONTROLS } from '../../../src/engine/controls/table/time.js'
import { TOGETHER_CONTROLS } from '../../../src/engine/controls/table/together.js'

/** The names in the order that flags, takes, presets and all control surfaces show. */
const NAMES_IN_ORDER = [
  ...['temperature', 'pitchTemperature', 'timingTemperature', 'dynamicsTemperature', 'topP'],
  ...['density', 'dynamics', 'dynamicsRange', 'pitchWeights', 'guidance', 'key', 'scale'],
  ...['mode', 'fade', 'avoid', 'balance', 'pause', 'pauseBeats', 'voices', 'intervals', 'glide'],
  ...['tide', 'keyLock', 'register', 'listen', 'memory', 'form'],
  ...['chordLock', 'chordLatch', 'styleStrength', 'steady', 'fills'],
  ...[
    'polyphony',
    'grid',
    'gridStrength',
    'swing',
    'quantise',
    'beatsPerBar',
    'tempo',
    'clockOffset',
    'countIn',
  ],
  ...['articulation', 'pedal', 'velocityMin', 'velocityMax', 'delay', 'channel', 'transpose'],
]

describe('the table of controls', () => {
  test('the controls keep their names and their order', () => {
    expect(CONTROL_NAMES).toEqual(NAMES_IN_ORDER)
  })

  test('every control of every group file is in the table once, with the group of its file', () => {
    const files = {
      Play: { ...PLAY_CONTROLS, ...FORM_CONTROLS, ...DRUM_CONTROLS },
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

  test.each(CONTROL_NAMES)('%s takes its own default, also as typed text', (name) => {
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

  test('positions of a controller go from the least value to the greatest; 0 is auto where the control has auto', () => {
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

describe('steps of a control', () => {
  const scale = { min: -1, max: 2, step: 0.05 }

  test('a step is added to the value; snapping goes to the nearest multiple of the step; neither passes an end', () => {
    expect(stepped(scale, 0.12, 1)).toBe(0.17)
    expect(stepped(scale, 0.12, -100)).toBe(-1)
    expect(snapped(scale, 0.12)).toBe(0.1)
    expect(snapped(scale, 5)).toBe(2)
  })

  test('the share of a number goes from 0 at the lower end to 1 at the upper, and never beyond', () => {
    expect([-2, -1, 0.5, 2, 3].map((value) => shareOfNumber(scale, value))).toEqual([0, 0, 0.5, 1, 1])
  })

  test('the ends of a range meet and never cross', () => {
    expect(withEnd([40, 60], 'low', 70)).toEqual([60, 60])
    expect(withEnd([40, 60], 'high', 30)).toEqual([40, 40])
    expect(withEnd([40, 60], 'high', 70)).toEqual([40, 70])
  })

  test('a value is found again at its share of the way', () => {
    for (const name of CONTROL_NAMES) {
      const value = defaultControls()[name]
      const share = shareOf(name, value)
      if (share !== undefined) expect(controlAtShare(name, share), name).toEqual(value)
    }
  })
})
