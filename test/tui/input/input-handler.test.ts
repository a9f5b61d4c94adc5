import { describe, expect, test } from 'vitest'
import {
  CONTROL_NAMES,
  CONTROLS,
  defaultControls,
  untouchedMusic,
} from '../../../src/engine/controls/controls.js'
import { DRUMMER_CONTROLS, untouchedOf } from '../../../src/engine/controls/parts.js'
import type { Answer, Request } from '../../../src/engine/surface/commands.js'
import type { Snapshot } from '../../../src/engine/surface/snapshot.js'
import { InputHandler } from '../../../src/tui/input/input-handler.js'
import { KEY_BINDINGS, keyAction } from '../../../src/tui/input/key-bindings.js'
import { MIX, SNAPSHOT } from '../views.js'

/** An input handler over a pianist who never changes, and what was asked, said and done. */
function setUp(
  snapshot: Snapshot | undefined = SNAPSHOT,
  answer: Answer = { ok: true, sentence: null },
  drummers: Snapshot | (() => Snapshot | undefined) = () => undefined,
) {
  const asked: Request[] = []
  const said: string[] = []
  const done: string[] = []
  let now = 0
  const drums = typeof drummers === 'function' ? drummers : () => drummers
  const handler = new InputHandler({
    surface: {
      ask: (request) => {
        asked.push(request)
        return answer
      },
      snapshot: (part) => (part === 'drums' ? drums() : snapshot),
      mix: () => ({ ...MIX, drummer: drums() ? 'on' : 'off' }),
      now: () => now,
    },
    leave: (how) => done.push(how),
    suspend: () => done.push('suspend'),
    redraw: () => done.push('redraw'),
    notice: (sentence) => said.push(sentence),
  })
  const press = (...keys: string[]) => {
    for (const key of keys) handler.press(key)
  }
  return { handler, press, asked, said, done, wait: (ms: number) => (now += ms) }
}

describe('the table of keys', () => {
  test('no two bindings share a key, and each says what it does', () => {
    const keys = KEY_BINDINGS.flatMap((binding) => binding.key)
    expect(new Set(keys).size).toBe(keys.length)
    for (const { name, help } of KEY_BINDINGS) {
      expect(name.length).toBeGreaterThan(0)
      expect(help.length).toBeGreaterThan(3)
    }
  })

  test.each([
    [' ', { type: 'pause' }],
    ['!', { type: 'panic' }],
    ['e', { type: 'end' }],
    ['b', { type: 'again' }],
    ['k', { type: 'mark-theme' }],
    ['y', { type: 'take-style' }],
    ['Y', { type: 'set-style', style: null }],
    ['x', { type: 'forget' }],
    ['c', { type: 'capture' }],
    ['T', { type: 'tap-tempo' }],
    ['u', { type: 'undo' }],
    ['3', { type: 'recall', preset: 3 }],
    ['f1', { type: 'set', control: 'mode', value: 'solo' }],
    ['f6', { type: 'set', control: 'mode', value: 'harmonize' }],
    ['r', { type: 'set-some', controls: untouchedMusic() }],
  ] as const)('the key %s asks for %o', (key, request) => {
    const { press, asked } = setUp()
    press(key)
    expect(asked).toEqual([request])
  })

  test('space plays on where the music is paused; a key without a binding asks for nothing', () => {
    expect(keyAction(' ', { ...SNAPSHOT, paused: true })).toEqual({ type: 'play' })
    expect(keyAction('ä', SNAPSHOT)).toBeUndefined()
  })
})

describe('the input handler', () => {
  test('up and down choose one control after the other, and go round', () => {
    const { handler, press } = setUp()
    const seen = CONTROL_NAMES.map(() => {
      const { chosen } = handler.state()
      press('down')
      return chosen
    })
    expect(seen).toEqual(CONTROL_NAMES)
    press('up')
    expect(handler.state().chosen).toBe(CONTROL_NAMES[CONTROL_NAMES.length - 1])
  })

  test('adjustments add up before a snapshot tells of them, and are forgotten when none does in time', () => {
    const { handler, press, asked, wait } = setUp()
    press('right', 'right', '+')
    expect(asked.map((request) => request.type === 'set' && request.value)).toEqual([1, 1.1, 1.15])
    expect(handler.controls().temperature).toBe(1.15)
    wait(1000)
    expect(handler.controls().temperature).toBe(SNAPSHOT.controls.temperature)
  })

  test('backspace sets a control back to its default or to auto', () => {
    const { handler, press, asked } = setUp()
    press('backspace')
    handler.choose('density')
    press('backspace')
    expect(asked).toEqual([
      { type: 'set', control: 'temperature', value: CONTROLS.temperature.default },
      { type: 'set', control: 'density', value: null },
    ])
  })

  test('a typed value is read as on the command line; a wrong one is refused with a sentence and nothing is asked', () => {
    const { handler, press, asked, said } = setUp()
    press('=', '1', '.', '3', '4', 'backspace', 'enter')
    expect(asked).toEqual([{ type: 'set', control: 'temperature', value: 1.3 }])
    press('enter', '9', 'enter')
    expect(asked).toHaveLength(1)
    expect(said).toEqual(['Temperature takes 0.1 to 2.'])
    expect(handler.state().typed).toBeNull()
  })

  test('chords are typed with their spaces, asked for as text, and ended by an empty one; Esc asks for nothing', () => {
    const { handler, press, asked } = setUp()
    press('h', ...'Am7 F | C', 'enter')
    press('h', 'G')
    handler.paste('7 |\nD/F#')
    expect(handler.state()).toMatchObject({ typed: 'G7 | | D/F#', typing: 'chords' })
    press('enter', 'h', 'C', 'escape', 'h', 'enter', '=', '1', 'enter')
    expect(asked).toEqual([
      { type: 'chords', text: 'Am7 F | C' },
      { type: 'chords', text: 'G7 | | D/F#' },
      { type: 'chords', text: '' },
      { type: 'set', control: 'temperature', value: 1 },
    ])
  })

  test('while a value is typed, digits and letters ask for nothing, Esc ends typing, and ! still silences', () => {
    const { handler, press, asked } = setUp()
    handler.choose('register')
    press('=')
    handler.paste('48-\n7')
    press('2', 'x')
    expect(handler.state().typed).toBe('48-72x')
    press('!')
    expect(asked).toEqual([{ type: 'panic' }])
    press('escape', '1')
    expect(asked).toEqual([{ type: 'panic' }, { type: 'recall', preset: 1 }])
  })

  test('s and a digit store a preset; s and any other key do not', () => {
    const { press, asked } = setUp()
    press('s', '4', 's', 'x')
    expect(asked).toEqual([{ type: 'store', preset: 4 }])
  })

  test('the answer to a request is shown', () => {
    const { press, said } = setUp(SNAPSHOT, { ok: false, reason: 'Nothing is stored as preset 9.' })
    press('9')
    expect(said).toEqual(['Nothing is stored as preset 9.'])
  })

  test("d shows the drummer's controls, and choosing, adjusting, undo, reset and learning act on them alone", () => {
    const controls = { ...defaultControls(), temperature: 0.5, channel: 10 }
    const { handler, press, asked } = setUp(SNAPSHOT, undefined, { ...SNAPSHOT, controls })
    handler.choose('register')
    press('d')
    expect(handler.state()).toMatchObject({ part: 'drums', chosen: 'temperature' })
    expect(handler.controls().temperature).toBe(0.5)
    const seen = DRUMMER_CONTROLS.map(() => {
      const { chosen } = handler.state()
      press('down')
      return chosen
    })
    expect(seen).toEqual(DRUMMER_CONTROLS)
    press('+', 'u', 'l', 'r', 'm')
    const touched = { ...untouchedOf('drums') }
    expect(touched.channel).toBe(10)
    expect(asked).toEqual([
      { type: 'drums', command: { type: 'set', control: 'temperature', value: 0.55 } },
      { type: 'drums', command: { type: 'undo' } },
      { type: 'learn', control: 'temperature', part: 'drums' },
      { type: 'drums', command: { type: 'set-some', controls: touched } },
      // The mode is set for the pianist even while the drummer's controls are shown.
      { type: 'set', control: 'mode', value: 'duet' },
    ])
    press('d')
    expect(handler.controls().temperature).toBe(SNAPSHOT.controls.temperature)
  })

  test('without a drummer, d asks for one; D has him leave, z and Z are for the part that is shown', () => {
    const alone = setUp()
    alone.press('d', 'z', 'Z')
    expect(alone.handler.state().part).toBe('piano')
    expect(alone.asked).toEqual([
      { type: 'drummer', on: true },
      { type: 'mute', part: 'piano', on: true },
      { type: 'solo', part: 'piano' },
    ])
    const together = setUp(SNAPSHOT, undefined, SNAPSHOT)
    together.press('d', 'z', 'Z', 'D')
    expect(together.asked).toEqual([
      { type: 'mute', part: 'drums', on: true },
      { type: 'solo', part: 'drums' },
      { type: 'drummer', on: false },
    ])
  })

  test('the controls of a drummer who left are shown no longer', () => {
    let drums: Snapshot | undefined = SNAPSHOT
    const { handler, press } = setUp(SNAPSHOT, undefined, () => drums)
    press('d')
    expect(handler.state().part).toBe('drums')
    drums = undefined
    expect(handler.state().part).toBe('piano')
  })

  test('q asks before it quits while playing, but not while paused; Ctrl-C never asks', () => {
    const playing = setUp()
    playing.press('q')
    expect(playing.done).toEqual([])
    playing.press('e', 'q', 'q')
    expect(playing.done).toEqual(['quit'])
    const paused = setUp({ ...SNAPSHOT, paused: true })
    paused.press('q')
    expect(paused.done).toEqual(['quit'])
    playing.press('=', 'ctrl-c', 'ctrl-z')
    expect(playing.done).toEqual(['quit', 'interrupt', 'suspend'])
  })

  test('a click on the bar sets the chosen control, within its range', () => {
    const { handler, asked } = setUp()
    for (const share of [-1, 0, 1, 2]) handler.pointAt(share)
    expect(asked.map((request) => request.type === 'set' && request.value)).toEqual([0.1, 0.1, 2, 2])
  })
})
