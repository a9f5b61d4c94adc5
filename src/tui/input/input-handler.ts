import { controlAtPosition } from '../../engine/controls/control-steps.js'
import { describeRange, parseControl } from '../../engine/controls/control-values.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
  defaultControls,
} from '../../engine/controls/controls.js'
import { controlsOf, type PartName, untouchedOf } from '../../engine/controls/parts.js'
import {
  type Answer,
  type DrumsCommand,
  type PresetNumber,
  type Request,
  requestTo,
} from '../../engine/surface/commands.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import type { ControlSurface } from '../../engine/surface/surface.js'
import type { Ms } from '../../engine/units.js'
import { type Adjustment, adjusted } from './control-adjust.js'
import { type KeyAction, keyAction } from './key-bindings.js'

/** The dashboard's three looks. */
export const VIEWS = ['all', 'roll', 'meters'] as const
export type View = (typeof VIEWS)[number]

/** Where the hand stands: all of the dashboard's state that isn't the pianist's. */
export interface InputState {
  /** Whose controls are shown and turned. */
  readonly part: PartName
  readonly chosen: ControlName
  /** What has been typed so far as the chosen control's value; null while nothing is being typed. */
  readonly typed: string | null
  readonly asking: 'quit' | 'preset' | null
  readonly view: View
  readonly showsKeys: boolean
}

/** What the desk does to the program around it. */
export interface InputHandlerOptions {
  readonly face: Pick<ControlSurface, 'ask' | 'snapshot' | 'now'>
  readonly leave: (how: 'quit' | 'interrupt') => void
  readonly suspend: () => void
  readonly redraw: () => void
  /** Shows a sentence. */
  readonly say: (sentence: string) => void
}

/** Turns keys, and what the mouse points at, into requests. Nothing throws. */
export interface InputHandler {
  state(): InputState
  /** The controls as they will stand when their player has taken in what was asked for. */
  controls(): Controls
  press(key: string): void
  /** Text that came at once: part of a value being typed, or nothing. */
  paste(text: string): void
  choose(name: ControlName): void
  /** The chosen control to a share 0-1 of its bar. */
  pointAt(share: number): void
  adjust(name: ControlName, turn: Adjustment): void
}

/**
 * How long a change asked for is shown, and turned on from, before the pianist has told of it. Shorter than a snapshot
 * takes (some 100 ms), and a held key loses steps; longer, and another's change of the same control shows late.
 */
const PENDING_MS: Ms = 400

/** Longer is no value of any control. */
const LONGEST_TYPED = 120

export function createInputHandler({ face, leave, suspend, redraw, say }: InputHandlerOptions): InputHandler {
  let state: InputState = {
    part: 'piano',
    chosen: 'temperature',
    typed: null,
    asking: null,
    view: 'all',
    showsKeys: false,
  }
  const pending = new Map<ControlName, { readonly value: ControlValue; readonly until: Ms }>()

  function controls(): Controls {
    const now = face.now()
    const standing = face.snapshot(state.part)?.controls ?? defaultControls()
    const changed = [...pending].filter(([, { until }]) => until > now)
    return Object.assign(
      { ...standing },
      Object.fromEntries(changed.map(([name, { value }]) => [name, value])),
    )
  }

  function ask(request: Request): void {
    const answer: Answer = face.ask(request, 'keys')
    const sentence = answer.ok ? answer.sentence : answer.reason
    if (sentence !== null) say(sentence)
  }

  /** Of whoever's controls are shown. */
  function command(what: DrumsCommand): void {
    ask(requestTo(state.part, what))
  }

  function set(name: ControlName, value: ControlValue): void {
    pending.set(name, { value, until: face.now() + PENDING_MS })
    command({ type: 'set', control: name, value })
  }

  function adjust(name: ControlName, by: Adjustment): void {
    const value = adjusted(name, controls(), face.snapshot(state.part)?.tide ?? null, by)
    if (value === undefined) say(`${CONTROLS[name].label} is typed: press = first.`)
    else set(name, value)
  }

  function choose(name: ControlName): void {
    state = { ...state, chosen: name, typed: null, asking: null }
  }

  function nextPlayer(): void {
    if (!face.snapshot('drums')) {
      say('No drummer plays along; start Rubato with --drums.')
      return
    }
    const part = state.part === 'piano' ? 'drums' : 'piano'
    pending.clear()
    const chosen = controlsOf(part).find((name) => name === state.chosen) ?? 'temperature'
    state = { ...state, part, chosen, typed: null, asking: null }
  }

  function commit(text: string): void {
    state = { ...state, typed: null }
    if (text.trim() === '') return
    const parsed = parseControl(state.chosen, text)
    if (parsed.ok) set(state.chosen, parsed.value)
    else say(`${CONTROLS[state.chosen].label} takes ${describeRange(state.chosen)}.`)
  }

  function typeKey(typed: string, key: string): void {
    if (key === 'enter') commit(typed)
    else if (key === 'escape') state = { ...state, typed: null }
    else if (key === 'backspace') state = { ...state, typed: [...typed].slice(0, -1).join('') }
    else if ([...key].length === 1) state = { ...state, typed: (typed + key).slice(0, LONGEST_TYPED) }
  }

  function press(key: string): void {
    const snapshot = face.snapshot()
    const action = keyAction(key, snapshot)
    // What a hand reaches for in trouble works whatever is being typed.
    const isUrgent = action?.type === 'panic' || action?.type === 'interrupt' || action?.type === 'suspend'
    if (isUrgent) obey(action, snapshot)
    else if (state.typed !== null) typeKey(state.typed, key)
    else if (state.asking === 'preset') storeAs(key)
    else if (state.asking === 'quit') {
      state = { ...state, asking: null }
      if (key === 'q' || key === 'y') leave('quit')
    } else if (action) obey(action, snapshot)
  }

  function storeAs(key: string): void {
    state = { ...state, asking: null }
    if (/^[1-9]$/.test(key)) ask({ type: 'store', preset: Number(key) as PresetNumber })
  }

  function obey(action: KeyAction, snapshot: Snapshot | undefined): void {
    switch (action.type) {
      case 'interrupt':
        leave('interrupt')
        break
      case 'suspend':
        suspend()
        break
      case 'quit':
        if (snapshot === undefined || snapshot.paused) leave('quit')
        else state = { ...state, asking: 'quit' }
        break
      case 'redraw':
        redraw()
        break
      case 'choose': {
        const names = controlsOf(state.part)
        const index = (names.indexOf(state.chosen) + action.by + names.length) % names.length
        choose(names[index] ?? state.chosen)
        break
      }
      case 'next-part':
        nextPlayer()
        break
      case 'turn':
        adjust(state.chosen, action.turn)
        break
      case 'begin-typing':
        state = { ...state, typed: '' }
        break
      case 'reset-chosen':
        set(state.chosen, untouchedOf(state.part)[state.chosen] ?? CONTROLS[state.chosen].default)
        break
      case 'reset':
        pending.clear()
        command({ type: 'set-some', controls: untouchedOf(state.part) })
        break
      case 'undo':
        // It may take back what is still on its way, as a preset may.
        pending.clear()
        command(action)
        break
      case 'begin-storing':
        state = { ...state, asking: 'preset' }
        break
      case 'learn-chosen':
        ask({ type: 'learn', control: state.chosen, part: state.part })
        break
      case 'next-view':
        state = {
          ...state,
          view: VIEWS[(VIEWS.indexOf(state.view) + 1) % VIEWS.length] ?? 'all',
          showsKeys: false,
        }
        break
      case 'show-keys':
        state = { ...state, showsKeys: !state.showsKeys }
        break
      case 'leave-off':
        if (!state.showsKeys) ask({ type: 'learn', control: null })
        state = { ...state, showsKeys: false }
        break
      default:
        if (action.type === 'recall') pending.clear()
        ask(action)
    }
  }

  return {
    state: () => state,
    controls,
    press,
    paste: (text) => {
      if (state.typed === null) return
      state = { ...state, typed: (state.typed + text.replace(/\s+/g, '')).slice(0, LONGEST_TYPED) }
    },
    choose,
    pointAt: (share) => {
      const value = controlAtPosition(state.chosen, Math.round(Math.max(0, Math.min(1, share)) * 127))
      if (value !== undefined) set(state.chosen, value)
    },
    adjust,
  }
}
