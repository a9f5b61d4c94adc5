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
  type DrumsCommand,
  type PresetNumber,
  type Request,
  requestTo,
  resetOf,
  sentenceOf,
} from '../../engine/surface/commands.js'
import { PendingControls } from '../../engine/surface/pending-controls.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import type { ControlSurface } from '../../engine/surface/surface.js'
import type { Ms } from '../../engine/units.js'
import { type Adjustment, adjusted } from './control-adjust.js'
import { type KeyAction, keyAction } from './key-bindings.js'

/** The views of the dashboard: the roll with the controls, the roll alone, or all meters. */
const VIEWS = ['all', 'roll', 'meters'] as const
export type View = (typeof VIEWS)[number]

/** All of the dashboard's own state: what the keys act on, and what is shown. */
export interface InputState {
  /** The part whose controls are shown and adjusted. */
  readonly part: PartName
  readonly chosen: ControlName
  /** The text typed so far; null while nothing is being typed. */
  readonly typed: string | null
  /** What is being typed, if anything is: the chosen control's value, or chords. */
  readonly typing: 'value' | 'chords'
  /** The question that the next key answers: whether to quit, or which preset to store; null for neither. */
  readonly asking: 'quit' | 'preset' | null
  readonly view: View
  readonly showsKeys: boolean
}

/** The objects that keys and mouse act on: the running program, and the process and terminal around it. */
interface InputHandlerOptions {
  readonly surface: Pick<ControlSurface, 'ask' | 'snapshot' | 'mix' | 'now'>
  readonly leave: (how: 'quit' | 'interrupt') => void
  readonly suspend: () => void
  readonly redraw: () => void
  /** Shows a sentence to the player. */
  readonly notice: (sentence: string) => void
}

/**
 * How long a requested change is shown, and adjusted on from, while no snapshot has confirmed it. Shorter than a snapshot
 * takes (some 100 ms): a held key loses steps. Longer: a change that was refused is shown for too long.
 */
const PATIENCE_MS: Ms = 400

/** Most characters of a typed value: no control's value is longer. Of chords, a song of 60 bars has as many. */
const MAX_TYPED = { value: 120, chords: 1000 } as const

/** MIDI's positions of a controller, 0-127: a bar is clicked with this resolution. */
const MAX_POSITION = 127

/** Turns keys, and what the mouse points at, into requests. Nothing throws. */
export class InputHandler {
  readonly #options: InputHandlerOptions
  readonly #pending = new PendingControls(PATIENCE_MS)
  #state: InputState = {
    part: 'piano',
    chosen: 'temperature',
    typed: null,
    typing: 'value',
    asking: null,
    view: 'all',
    showsKeys: false,
  }

  constructor(options: InputHandlerOptions) {
    this.#options = options
  }

  state(): InputState {
    // The drummer may have been sent away from elsewhere.
    if (this.#state.part === 'drums' && !this.#options.surface.snapshot('drums')) this.#show('piano')
    return this.#state
  }

  /** The controls of the part that is shown, as they will be once the part has carried out all pending requests. */
  controls(): Controls {
    return this.#pending.expected(this.#state.part, this.#told(), this.#options.surface.now())
  }

  /** Handles a key, named as the input parser names it. */
  press(key: string): void {
    this.state()
    const snapshot = this.#options.surface.snapshot()
    const action = keyAction(key, snapshot)
    // Keys for emergencies work whatever is being typed or asked.
    const isUrgent = action?.type === 'panic' || action?.type === 'interrupt' || action?.type === 'suspend'
    if (isUrgent) this.#dispatch(action, snapshot)
    else if (this.#state.typed !== null) this.#type(this.#state.typed, key)
    else if (this.#state.asking !== null) this.#answer(this.#state.asking, key)
    else if (action) this.#dispatch(action, snapshot)
  }

  /** Handles text that came at once: part of a value that is being typed, or else ignored. */
  paste(text: string): void {
    const { typed, typing } = this.#state
    if (typed === null) return
    this.#extend(typed, typing === 'value' ? text.replace(/\s+/g, '') : text.replace(/\s*\n\s*/g, ' | '))
  }

  choose(name: ControlName): void {
    this.#change({ chosen: name, typed: null, asking: null })
  }

  /** Sets the chosen control to a share 0-1 of its bar; a share beyond either end sets that end. */
  pointAt(share: number): void {
    const { chosen } = this.#state
    const position = Math.round(Math.max(0, Math.min(1, share)) * MAX_POSITION)
    const value = controlAtPosition(chosen, position)
    if (value !== undefined) this.#set(chosen, value)
  }

  adjust(name: ControlName, adjustment: Adjustment): void {
    const tide = this.#options.surface.snapshot(this.#state.part)?.tide ?? null
    const value = adjusted(name, this.controls(), tide, adjustment)
    if (value === undefined) this.#options.notice(`${CONTROLS[name].label} can only be typed: press = first.`)
    else this.#set(name, value)
  }

  #change(change: Partial<InputState>): void {
    this.#state = { ...this.#state, ...change }
  }

  /** The controls of the part that is shown, from its last snapshot. */
  #told(): Controls {
    return this.#options.surface.snapshot(this.#state.part)?.controls ?? defaultControls()
  }

  #ask(request: Request): void {
    const sentence = sentenceOf(this.#options.surface.ask(request, 'keys'))
    if (sentence !== null) this.#options.notice(sentence)
  }

  /** Asks the part that is shown to carry out a command. */
  #command(command: DrumsCommand): void {
    this.#ask(requestTo(this.#state.part, command))
  }

  #set(name: ControlName, value: ControlValue): void {
    this.#pending.record(this.#state.part, this.#told(), name, value, this.#options.surface.now())
    this.#command({ type: 'set', control: name, value })
  }

  #dispatch(action: KeyAction, snapshot: Snapshot | undefined): void {
    const { part, chosen, view, showsKeys } = this.#state
    switch (action.type) {
      case 'interrupt':
        this.#options.leave('interrupt')
        break
      case 'suspend':
        this.#options.suspend()
        break
      case 'redraw':
        this.#options.redraw()
        break
      case 'quit':
        if (snapshot === undefined || snapshot.paused) this.#options.leave('quit')
        else this.#change({ asking: 'quit' })
        break
      case 'choose':
        this.#chooseBy(action.by)
        break
      case 'next-part':
        this.#showNextPart()
        break
      case 'toggle-mute':
        this.#ask({ type: 'mute', part, on: !this.#options.surface.mix().muted[part] })
        break
      case 'toggle-solo':
        this.#ask({ type: 'solo', part: this.#options.surface.mix().solo === part ? null : part })
        break
      case 'adjust':
        this.adjust(chosen, action.adjustment)
        break
      case 'begin-typing':
        this.#change({ typed: '', typing: 'value' })
        break
      case 'begin-chords':
        this.#change({ typed: '', typing: 'chords' })
        break
      case 'reset-chosen':
        this.#set(chosen, untouchedOf(part)[chosen] ?? CONTROLS[chosen].default)
        break
      case 'begin-storing':
        this.#change({ asking: 'preset' })
        break
      case 'learn-chosen':
        this.#ask({ type: 'learn', control: chosen, part })
        break
      case 'next-view':
        this.#change({ view: VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length] ?? 'all', showsKeys: false })
        break
      case 'show-keys':
        this.#change({ showsKeys: !showsKeys })
        break
      case 'leave-off':
        if (!showsKeys) this.#ask({ type: 'learn', control: null })
        this.#change({ showsKeys: false })
        break
      default:
        this.#request(action)
    }
  }

  /** Requests what a key means. A reset, an undo and a preset may take back pending changes. */
  #request(action: Extract<KeyAction, Request | { readonly type: 'reset' }>): void {
    if (action.type === 'reset' || action.type === 'undo' || action.type === 'recall') this.#pending.clear()
    if (action.type === 'reset') this.#ask(resetOf(this.#state.part))
    else if (action.type === 'undo') this.#command(action)
    else this.#ask(action)
  }

  /** Chooses the control `by` places down the list, which wraps around. */
  #chooseBy(by: number): void {
    const names = controlsOf(this.#state.part)
    const index = (names.indexOf(this.#state.chosen) + by + names.length) % names.length
    this.choose(names[index] ?? this.#state.chosen)
  }

  /** Has a drummer play along; where one does, shows his controls, or those of the pianist again. */
  #showNextPart(): void {
    const { surface } = this.#options
    if (surface.mix().drummer !== 'on') this.#ask({ type: 'drummer', on: true })
    else if (this.#state.part === 'drums') this.#show('piano')
    else if (surface.snapshot('drums')) this.#show('drums')
  }

  #show(part: PartName): void {
    const chosen = controlsOf(part).find((name) => name === this.#state.chosen) ?? 'temperature'
    this.#change({ part, chosen, typed: null, asking: null })
  }

  /** Handles a key while a value is being typed, of which there is `typed` so far. */
  #type(typed: string, key: string): void {
    if (key === 'enter') this.#setTyped(typed)
    else if (key === 'escape') this.#change({ typed: null })
    else if (key === 'backspace') this.#change({ typed: [...typed].slice(0, -1).join('') })
    else if ([...key].length === 1) this.#extend(typed, key)
  }

  #extend(typed: string, text: string): void {
    this.#change({ typed: (typed + text).slice(0, MAX_TYPED[this.#state.typing]) })
  }

  #setTyped(text: string): void {
    this.#change({ typed: null })
    if (this.#state.typing === 'chords') {
      this.#ask({ type: 'chords', text })
      return
    }
    if (text.trim() === '') return
    const { chosen } = this.#state
    const parsed = parseControl(chosen, text)
    if (parsed.ok) this.#set(chosen, parsed.value)
    else this.#options.notice(`${CONTROLS[chosen].label} takes ${describeRange(chosen)}.`)
  }

  /** Handles the key that answers a question. */
  #answer(question: 'quit' | 'preset', key: string): void {
    this.#change({ asking: null })
    if (question === 'quit') {
      if (key === 'q' || key === 'y') this.#options.leave('quit')
    } else if (/^[1-9]$/.test(key)) this.#ask({ type: 'store', preset: Number(key) as PresetNumber })
  }
}
