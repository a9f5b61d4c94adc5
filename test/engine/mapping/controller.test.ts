import { describe, expect, test } from 'vitest'
import { shareOf } from '../../../src/engine/controls/control-steps.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type Controls,
  defaultControls,
  withControl,
} from '../../../src/engine/controls/controls.js'
import type {
  Binding,
  ControllerMessage,
  Encoding,
  Source,
  TakeOver,
  Target,
} from '../../../src/engine/mapping/bindings.js'
import { refuseBinding } from '../../../src/engine/mapping/bindings.js'
import { type ControlsOf, createController } from '../../../src/engine/mapping/controller.js'
import { factoryMap } from '../../../src/engine/mapping/factory-maps.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const cc = (controller: number, value: number, channel = 0): ControllerMessage => ({
  kind: 'cc',
  channel,
  controller,
  value,
})
const TEMPERATURE: Target = { kind: 'control', control: 'temperature' }

/** A pianist's controls where nobody else plays. */
const only =
  (controls: Controls): ControlsOf =>
  (part) =>
    part === 'piano' ? controls : undefined

/** A controller with one binding, and the controls as the controller sets them. */
function bound(source: Source, target: Target = TEMPERATURE, takeOver: TakeOver = 'pickup') {
  const controller = createController({ takeOver, bindings: [{ source, target }] })
  let controls = defaultControls()
  return {
    controller,
    hear: (message: ControllerMessage) => {
      const action = controller.receive(message, only(controls))
      if (action?.kind === 'set') controls = withControl(controls, action.control, action.value)
      return action
    },
    set: (change: Partial<Controls>) => {
      controls = { ...controls, ...change }
    },
    controls: () => controls,
  }
}

const knob: Source = { kind: 'cc', channel: null, controller: 20 }

/** The position 0-127 at which a knob has the default of temperature. */
const HOME = Math.round(127 * (shareOf('temperature', 1) ?? 0))

describe('a knob that does not stand where its control does', () => {
  test('pickup: a knob does nothing until it passes its control, then moves it', () => {
    const { hear, controls } = bound(knob)
    // A waiting knob is reported once, when it begins to move.
    expect(hear(cc(20, 0))).toEqual({ kind: 'waits', part: 'piano', control: 'temperature', isBelow: true })
    for (let value = 5; value < HOME - 2; value += 5) expect(hear(cc(20, value))).toBeUndefined()
    hear(cc(20, HOME + 4))
    expect(controls().temperature).toBeGreaterThan(1)
    hear(cc(20, 127))
    expect(controls().temperature).toBe(2)
  })

  test('pickup: a knob waits again after somebody else has set its control', () => {
    const { hear, set, controls } = bound(knob)
    hear(cc(20, HOME))
    hear(cc(20, 100))
    expect(controls().temperature).toBeCloseTo(1.6, 1)
    set({ temperature: 0.3 })
    expect(hear(cc(20, 105))).toMatchObject({ kind: 'waits', isBelow: false })
    expect(hear(cc(20, 106))).toBeUndefined()
    expect(controls().temperature).toBe(0.3)
    hear(cc(20, 10))
    expect(controls().temperature).toBeCloseTo(0.25, 1)
  })

  test('a control that is auto stands nowhere, so a knob moves it at once', () => {
    const { hear, controls } = bound(knob, { kind: 'control', control: 'density' })
    hear(cc(20, 64))
    expect(controls().density).toBe(20.5)
  })

  test('scaled: a knob moves its control in proportion, and both reach the end together', () => {
    const { hear, controls } = bound(knob, TEMPERATURE, 'scaled')
    hear(cc(20, 20))
    let last = controls().temperature
    for (let value = 25; value <= 125; value += 5) {
      hear(cc(20, value))
      expect(controls().temperature).toBeGreaterThanOrEqual(last)
      last = controls().temperature
    }
    hear(cc(20, 127))
    expect(controls().temperature).toBe(2)
  })

  test('jump: a knob sets its control at once', () => {
    const { hear, controls } = bound(knob, TEMPERATURE, 'jump')
    hear(cc(20, 127))
    expect(controls().temperature).toBe(2)
  })
})

describe('other sources', () => {
  test.each([
    ['twos-complement', 1, 127],
    ['offset-64', 65, 63],
    ['sign-magnitude', 1, 65],
  ] as const)(
    'an encoder (%s) moves its control by steps from wherever the control stands',
    (relative: Encoding, up, down) => {
      const { hear, set, controls } = bound({ kind: 'cc', channel: null, controller: 7, relative })
      hear(cc(7, up))
      hear(cc(7, up))
      expect(controls().temperature).toBeCloseTo(1.1, 9)
      set({ temperature: 0.5 })
      hear(cc(7, down))
      expect(controls().temperature).toBeCloseTo(0.45, 9)
    },
  )

  test('a 14-bit controller has 16,384 places', () => {
    const { hear, controls } = bound(
      { kind: 'cc14', channel: null, controller: 3 },
      { kind: 'control', control: 'density' },
      'jump',
    )
    const places = new Set<unknown>()
    for (let value = 0; value < 128; value++) {
      hear(cc(3, 65))
      hear(cc(35, value))
      places.add(controls().density)
    }
    // One step of the upper bits is 0.31 notes/s, and density goes by halves: 20.5 and 21.
    expect(places.size).toBe(2)
    hear(cc(3, 127))
    hear(cc(35, 127))
    expect(controls().density).toBe(40)
  })

  test('a 14-bit fader that moves evenly moves its control evenly, up and down', () => {
    const { hear, controls } = bound(
      { kind: 'cc14', channel: null, controller: 3 },
      { kind: 'control', control: 'tempo' },
      'jump',
    )
    const places = Array.from({ length: 400 }, (_, n) => 8000 + 10 * n)
    for (const way of [places, places.toReversed()]) {
      const tempos: number[] = []
      for (const place of way) {
        for (const message of [cc(3, place >> 7), cc(35, place & 127)]) {
          hear(message)
          tempos.push(controls().tempo)
        }
      }
      // The very first message has no lower bits before it, so its upper bits alone are its position.
      const seen = way === places ? tempos.slice(1) : tempos.toReversed()
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    }
    // A device that never sends lower bits is understood too.
    hear(cc(3, 0))
    hear(cc(3, 127))
    expect(controls().tempo).toBe(300)
  })

  test('pitch bend goes from end to end', () => {
    const { hear, controls } = bound({ kind: 'bend', channel: 2 }, TEMPERATURE, 'jump')
    hear({ kind: 'bend', channel: 2, value: 16_383 })
    expect(controls().temperature).toBe(2)
    hear({ kind: 'bend', channel: 1, value: 0 })
    expect(controls().temperature).toBe(2)
  })

  test('a note reverses a switch, a program change selects the next option, a button makes a request', () => {
    const lock = bound({ kind: 'note', channel: null, pitch: 36 }, { kind: 'control', control: 'keyLock' })
    lock.hear({ kind: 'note-on', channel: 9, pitch: 36, velocity: 1 })
    expect(lock.controls().keyLock).toBe(true)
    lock.hear({ kind: 'note-off', channel: 9, pitch: 36 })
    lock.hear({ kind: 'note-on', channel: 9, pitch: 36, velocity: 1 })
    expect(lock.controls().keyLock).toBe(false)
    const mode = bound({ kind: 'program', channel: null, number: 4 }, { kind: 'control', control: 'mode' })
    mode.hear({ kind: 'program', channel: 0, number: 4 })
    expect(mode.controls().mode).toBe('duet')
    const again = bound(knob, { kind: 'request', request: 'again' })
    expect(again.hear(cc(20, 127))).toEqual({ kind: 'request', request: 'again' })
    expect(again.hear(cc(20, 100))).toBeUndefined()
    expect(again.hear(cc(20, 0))).toBeUndefined()
    expect(again.hear(cc(20, 64))).toEqual({ kind: 'request', request: 'again' })
  })

  test('a button may set one value, and its light shows whether the control has that value', () => {
    const target: Target = { kind: 'control', control: 'mode', value: 'duet' }
    for (const source of [
      { kind: 'note', channel: null, pitch: 36 },
      { kind: 'cc', channel: null, controller: 20 },
    ] as const) {
      const pad = bound(source, target)
      const press =
        source.kind === 'note'
          ? ({ kind: 'note-on', channel: 0, pitch: 36, velocity: 9 } as const)
          : cc(20, 127)
      expect(pad.hear(press)).toEqual({ kind: 'set', part: 'piano', control: 'mode', value: 'duet' })
      if (source.kind === 'cc') expect(pad.hear(cc(20, 0))).toBeUndefined()
      expect(pad.hear(press)).toBeUndefined()
      const [lit] = pad.controller.feedback(only(pad.controls()), null)
      const [dark] = pad.controller.feedback(only({ ...pad.controls(), mode: 'solo' }), null)
      expect(lit).toMatchObject(source.kind === 'note' ? { kind: 'note-on' } : { value: 127 })
      expect(dark).toMatchObject(source.kind === 'note' ? { kind: 'note-off' } : { value: 0 })
    }
    const loud: Target = { kind: 'control', control: 'density', value: 16 }
    expect(refuseBinding({ source: { kind: 'note', channel: null, pitch: 1 }, target: loud })).toBeNull()
    expect(refuseBinding({ source: { kind: 'bend', channel: null }, target: loud })).toMatch(/button/)
  })

  test('a controller used as a button acts on each press, and not on its release', () => {
    const { hear, controls } = bound(
      { kind: 'cc', channel: null, controller: 20, button: true },
      { kind: 'control', control: 'keyLock' },
    )
    const seen = [127, 0, 127, 0].map((value) => {
      hear(cc(20, value))
      return controls().keyLock
    })
    expect(seen).toEqual([true, true, false, false])
  })

  test("a knob for the drums moves the drummer's control alone, and nothing where no drummer plays", () => {
    const controller = createController({
      takeOver: 'jump',
      bindings: [{ source: knob, target: { kind: 'control', control: 'density', part: 'drums' } }],
    })
    const band: ControlsOf = (part) => ({ ...defaultControls(), density: part === 'drums' ? 4 : 20 })
    expect(controller.receive(cc(20, 127), band)).toEqual({
      kind: 'set',
      part: 'drums',
      control: 'density',
      value: 40,
    })
    expect(controller.receive(cc(20, 127), only(defaultControls()))).toBeUndefined()
    expect(controller.feedback(band, null)).toEqual([{ kind: 'cc', channel: 0, controller: 20, value: 11 }])
    expect(controller.feedback(only(defaultControls()), null)).toEqual([])
    const mode: Target = { kind: 'control', control: 'mode', part: 'drums' }
    expect(refuseBinding({ source: knob, target: mode })).toMatch(/drummer has no mode/)
  })

  test.each([
    [{ kind: 'note', channel: null, pitch: 1 }, TEMPERATURE],
    [knob, { kind: 'control', control: 'register' }],
    [
      { kind: 'bend', channel: null },
      { kind: 'request', request: 'panic' },
    ],
  ] as const)('a binding that makes no sense is refused with a reason', (source, target) => {
    expect(refuseBinding({ source, target })).toMatch(/\w+ \w+/)
  })
})

describe('MIDI learn', () => {
  const learnt = (messages: readonly ControllerMessage[], target: Target = TEMPERATURE) => {
    const controller = createController({ takeOver: 'pickup', bindings: [] })
    controller.learn(target)
    const found: Binding[] = []
    for (const message of messages) {
      const action = controller.receive(message, only(defaultControls()))
      if (action?.kind === 'learnt') found.push(action.binding)
    }
    return { found, controller }
  }

  test('binds the knob that moves, not a fader that trembles', () => {
    const { found } = learnt([cc(1, 60), cc(1, 61), cc(74, 10), cc(1, 60), cc(74, 11), cc(74, 13)])
    expect(found.map(({ source }) => source)).toEqual([{ kind: 'cc', channel: 0, controller: 74 }])
  })

  test('tells an encoder, a 14-bit pair, a bend, a button and a note apart', () => {
    expect(learnt([cc(5, 1), cc(5, 127)]).found[0]?.source).toMatchObject({ relative: 'twos-complement' })
    expect(learnt([cc(5, 65), cc(5, 63)]).found[0]?.source).toMatchObject({ relative: 'offset-64' })
    const pair = [cc(2, 10), cc(34, 3), cc(2, 10), cc(34, 60), cc(2, 10), cc(34, 90)]
    expect(learnt(pair).found[0]?.source).toEqual({ kind: 'cc14', channel: 0, controller: 2 })
    const fast = [10, 40, 90].flatMap((value) => [cc(2, value), cc(34, value)])
    expect(learnt(fast).found[0]?.source).toEqual({ kind: 'cc14', channel: 0, controller: 2 })
    const bend = [100, 3000, 9000].map((value): ControllerMessage => ({ kind: 'bend', channel: 0, value }))
    expect(learnt(bend).found[0]?.source).toEqual({ kind: 'bend', channel: 0 })
    const button = learnt([cc(80, 127), cc(80, 0)], { kind: 'request', request: 'again' })
    expect(button.found[0]?.source).toEqual({ kind: 'cc', channel: 0, controller: 80, button: true })
    const note: ControllerMessage = { kind: 'note-on', channel: 0, pitch: 36, velocity: 9 }
    const key = learnt([note], { kind: 'control', control: 'keyLock' })
    expect(key.found[0]?.source).toEqual({ kind: 'note', channel: 0, pitch: 36 })
  })

  test('replaces the bindings that the knob and the control had before', () => {
    const { controller } = learnt([cc(1, 1), cc(1, 2), cc(1, 3)])
    controller.learn({ kind: 'control', control: 'density' })
    for (const value of [1, 2, 3]) controller.receive(cc(1, value), only(defaultControls()))
    expect(controller.map.bindings.length).toBe(1)
    expect(controller.map.bindings[0]?.target).toEqual({ kind: 'control', control: 'density' })
  })

  test('reports why a source does not fit the control, and goes on', () => {
    const controller = createController({ takeOver: 'pickup', bindings: [] })
    controller.learn(TEMPERATURE)
    const note: ControllerMessage = { kind: 'note-on', channel: 0, pitch: 60, velocity: 9 }
    expect(controller.receive(note, only(defaultControls()))).toMatchObject({ kind: 'unfit' })
    for (const value of [1, 2]) controller.receive(cc(1, value), only(defaultControls()))
    expect(controller.receive(cc(1, 3), only(defaultControls()))).toMatchObject({ kind: 'learnt' })
  })
})

describe('feedback to the controller', () => {
  test('shows all controls at first, then those that changed; its messages would set the same values again', () => {
    const names = CONTROL_NAMES.filter((name) => shareOf(name, CONTROLS[name].default) !== undefined).slice(
      0,
      20,
    )
    const bindings = names.map(
      (control, n): Binding => ({
        source: { kind: 'cc', channel: 0, controller: 40 + n },
        target: { kind: 'control', control },
      }),
    )
    const controller = createController({ takeOver: 'jump', bindings })
    const controls = defaultControls()
    expect(controller.feedback(only(controls), null).length).toBe(names.length)
    const changed = { ...controls, temperature: 1.7, voices: 4 }
    const shown = controller.feedback(only(changed), only(controls))
    expect(shown.length).toBe(2)
    for (const message of shown) {
      const action = controller.receive(message, only(controls))
      expect(action?.kind).toBe('set')
      if (action?.kind === 'set') expect(action.value).toBeCloseTo(Number(changed[action.control]), 1)
    }
  })

  test('every binding of the factory maps makes sense', () => {
    const { bindings } = factoryMap('nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0')
    expect(bindings.length).toBeGreaterThan(15)
    for (const binding of bindings) expect(refuseBinding(binding)).toBeNull()
    expect(factoryMap('Something else').bindings).toEqual([])
  })
})

test('20,000 random messages throw nothing, and every value that they set is one that its control takes', () => {
  const random = randomNumbers(3)
  const bindings = CONTROL_NAMES.flatMap((control, n): Binding[] => {
    const sources: Source[] = [
      { kind: 'cc', channel: null, controller: n },
      { kind: 'cc', channel: 1, controller: 64 + n, relative: 'twos-complement' },
      { kind: 'note', channel: null, pitch: n },
    ]
    return sources
      .map((source) => ({ source, target: { kind: 'control', control } as const }))
      .filter((binding) => refuseBinding(binding) === null)
  })
  const controller = createController({ takeOver: 'scaled', bindings })
  let controls = defaultControls()
  let sets = 0
  for (let n = 0; n < 20_000; n++) {
    const number = Math.floor(128 * random())
    const channel = Math.floor(3 * random())
    const message: ControllerMessage =
      random() < 0.8
        ? cc(number, Math.floor(128 * random()), channel)
        : { kind: 'note-on', channel, pitch: number, velocity: 64 }
    const action = controller.receive(message, only(controls))
    if (action?.kind !== 'set') continue
    sets++
    controls = withControl(controls, action.control, action.value)
    const share = shareOf(action.control, action.value) ?? Number.NaN
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(1)
  }
  expect(sets).toBeGreaterThan(1000)
})
