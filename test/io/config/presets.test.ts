import { describe, expect, it } from 'vitest'
import { checkControl } from '../../../src/engine/controls/control-values.js'
import { type ControlName, untouchedMusic } from '../../../src/engine/controls/controls.js'
import { FACTORY_PRESETS } from '../../../src/engine/surface/factory-presets.js'
import { formatPresets, type Presets, parsePresets } from '../../../src/io/config/presets.js'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('presets', () => {
  it('are read as they were written', () => {
    const presets: Presets = {
      2: { name: 'Slow', controls: { density: 2, register: [40, 80] } },
      9: { name: 'C, loud', controls: { ...untouchedMusic(), key: 'C', dynamics: 100 } },
    }
    expect(parsePresets(bytes(formatPresets(presets)))).toEqual(presets)
  })

  it.each([
    ['[]', 'table of presets'],
    ['{"0": {"name": "a", "controls": {}}}', '"0"'],
    ['{"1": 5}', 'table'],
    ['{"1": {"name": "a\\u001b[2J", "controls": {}}}', 'name'],
    ['{"1": {"name": "a", "controls": {"density": 400}}}', 'density takes'],
    ['{"1": {"name": "a", "controls": {"speed": 4}}}', '"speed"'],
    ['{"1": {"name": "a", "colour": 1, "controls": {}}}', '"colour"'],
  ])('%s is refused with a reason', (text, reason) => {
    expect(() => parsePresets(bytes(text))).toThrow(reason)
  })

  it('of the factory hold values that the controls accept, and are read as they were written', () => {
    for (const preset of Object.values(FACTORY_PRESETS)) {
      for (const [name, value] of Object.entries(preset.controls))
        expect(checkControl(name as ControlName, value).ok).toBe(true)
      // A preset recalled in a concert must change neither channel nor tempo, nor how the players play together.
      for (const name of ['channel', 'tempo', 'mode', 'delay'])
        expect(preset.controls).not.toHaveProperty(name)
    }
    expect(parsePresets(bytes(formatPresets(FACTORY_PRESETS)))).toEqual(FACTORY_PRESETS)
  })
})
