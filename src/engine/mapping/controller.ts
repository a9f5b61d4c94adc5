import { controlAtShare, detented, pressed, shareOf } from '../controls/control-steps.js'
import type { ControlName, Controls, ControlValue } from '../controls/controls.js'
import type { PartName } from '../controls/parts.js'
import { SWITCH_ON } from '../language/messages.js'
import type { PresetNumber } from '../surface/commands.js'
import {
  type Binding,
  type ButtonRequest,
  type ControllerMap,
  type ControllerMessage,
  type ControlTarget,
  refuseBinding,
  type Source,
  type Target,
} from './bindings.js'
import { MidiLearn } from './midi-learn.js'
import { type KnobState, moveKnob } from './soft-take-over.js'
import { detentsOf, feedbackFor, isStruck, SourcePositions } from './source-position.js'

/** The action that a message of a controller asks for. */
export type Action =
  | {
      readonly kind: 'set'
      readonly part: PartName
      readonly control: ControlName
      readonly value: ControlValue
    }
  | { readonly kind: 'request'; readonly request: ButtonRequest }
  | { readonly kind: 'preset'; readonly preset: PresetNumber }
  /**
   * The knob moves without effect until it meets its control; `isBelow`: the knob stands below the control. Reported
   * once, when the knob begins to move.
   */
  | {
      readonly kind: 'waits'
      readonly part: PartName
      readonly control: ControlName
      readonly isBelow: boolean
    }
  /** MIDI learn has ended: the knob, key or pedal that was moved is bound now. */
  | { readonly kind: 'learnt'; readonly binding: Binding }
  /** The knob, key or pedal that was moved can't be bound to the target, for this reason; learning goes on. */
  | { readonly kind: 'unfit'; readonly reason: string }

/** The current controls of a part; undefined where that part doesn't play. */
export type ControlsOf = (part: PartName) => Controls | undefined

/** One MIDI controller: what its knobs, keys and pedals do according to its map. Never throws. */
export interface Controller {
  readonly map: ControllerMap
  /** Receives a message. @returns the action that the message asks for; undefined if there is none */
  receive(message: ControllerMessage, standing: ControlsOf): Action | undefined
  /** Binds the next knob, key or pedal that is moved to `target`; null ends learning. */
  learn(target: Target | null): void
  /**
   * Messages that make the controller's faders, rings and lights show the controls: all controls, or those whose value
   * differs from `before`.
   */
  feedback(standing: ControlsOf, before: ControlsOf | null): ControllerMessage[]
}

/** A plain controller used as a button is pressed from this share of its whole way on. */
const PRESSED = SWITCH_ON / 127

/** A controller that hasn't been touched yet, with the map `map`. */
export function createController(map: ControllerMap): Controller {
  return new MappedController(map)
}

class MappedController implements Controller {
  #map: ControllerMap
  /** The MIDI learn in progress; null while nothing is being learnt. */
  #learning: MidiLearn | null = null
  readonly #positions = new SourcePositions()
  /** The knobs that have been moved. */
  readonly #knobs = new Map<Binding, KnobState>()
  /** Plain controllers used as buttons that are held down. */
  readonly #down = new Set<Binding>()

  constructor(map: ControllerMap) {
    this.#map = map
  }

  get map(): ControllerMap {
    return this.#map
  }

  receive(message: ControllerMessage, standing: ControlsOf): Action | undefined {
    if (this.#learning) return this.#receiveLearning(this.#learning, message)
    for (const binding of this.#map.bindings) {
      const action = this.#actionOf(binding, message, standing)
      if (action) return action
    }
    return undefined
  }

  learn(target: Target | null): void {
    this.#learning = target && new MidiLearn(target)
  }

  feedback(standing: ControlsOf, before: ControlsOf | null): ControllerMessage[] {
    return this.#map.bindings.flatMap(({ source, target }) => {
      if (target.kind !== 'control') return []
      const { control, part = 'piano' } = target
      const value = standing(part)?.[control]
      if (value === undefined || before?.(part)?.[control] === value) return []
      if (target.value !== undefined) return feedbackFor(source, target.value === value ? 1 : 0)
      return feedbackFor(source, shareOf(control, value) ?? 0)
    })
  }

  #receiveLearning(learning: MidiLearn, message: ControllerMessage): Action | undefined {
    const source = learning.receive(message)
    if (!source) return undefined
    const binding = { source, target: learning.target }
    const reason = refuseBinding(binding)
    if (reason !== null) return { kind: 'unfit', reason }
    this.#bind(binding)
    this.#learning = null
    return { kind: 'learnt', binding }
  }

  /** Adds a binding in place of those with the same source or the same target. */
  #bind(binding: Binding): void {
    const others = this.#map.bindings.filter(
      (old) => !overlap(old.source, binding.source) && !isSameTarget(old.target, binding.target),
    )
    this.#map = { ...this.#map, bindings: [...others, binding] }
  }

  #actionOf(binding: Binding, message: ControllerMessage, standing: ControlsOf): Action | undefined {
    const { source, target } = binding
    if (source.channel !== null && source.channel !== message.channel) return undefined
    if (source.kind === 'cc' && source.relative) {
      if (message.kind !== 'cc' || message.controller !== source.controller || target.kind !== 'control')
        return undefined
      const detents = detentsOf(message.value, source.relative)
      return setAction(target, standing, (controls) => detented(target.control, controls, detents))
    }
    if (isStruck(source, message)) return pressAction(target, standing)
    const share = this.#positions.position(source, message)
    if (share === undefined) return undefined
    const isKnob = target.kind === 'control' && target.value === undefined
    if (isKnob && !(source.kind === 'cc' && source.button))
      return this.#moveKnob(binding, target, share, standing)
    return this.#pressButton(binding, share, standing)
  }

  /**
   * A plain controller used as a button asks for an action when it goes down, and for nothing more until it has been
   * up.
   */
  #pressButton(binding: Binding, share: number, standing: ControlsOf): Action | undefined {
    const wasDown = this.#down.has(binding)
    if (share < PRESSED) this.#down.delete(binding)
    else this.#down.add(binding)
    return share >= PRESSED && !wasDown ? pressAction(binding.target, standing) : undefined
  }

  #moveKnob(
    binding: Binding,
    target: ControlTarget,
    share: number,
    standing: ControlsOf,
  ): Action | undefined {
    const { control, part = 'piano' } = target
    const controls = standing(part)
    const controlShare = controls && shareOf(control, controls[control])
    if (controlShare === undefined) return undefined
    const { takeOver } = this.#map
    const before = this.#knobs.get(binding)
    const place = { share: controlShare, isAuto: controls?.[control] === null }
    const move = moveKnob(takeOver, before, share, place)
    this.#knobs.set(binding, move.knob)
    if (move.target === null) {
      const hasSaidSo = before?.hasControl === false
      return hasSaidSo ? undefined : { kind: 'waits', part, control, isBelow: share < controlShare }
    }
    const value = controlAtShare(control, move.target)
    // A control is rounded to its step. A scaled knob goes on from the value before rounding, so that rounding errors
    // don't add up.
    const reached =
      takeOver === 'scaled' ? move.target : value === undefined ? undefined : shareOf(control, value)
    this.#knobs.set(binding, { ...move.knob, controlShare: reached ?? controlShare })
    return setAction(target, standing, () => value)
  }
}

/** The action that a press of a button or key, or a program change, asks for. */
function pressAction(target: Target, standing: ControlsOf): Action | undefined {
  if (target.kind !== 'control') return target
  return setAction(target, standing, (controls) => target.value ?? pressed(target.control, controls))
}

/**
 * Sets a control to the value that `valueFrom` makes of its part's controls; undefined if the control has that value
 * already.
 */
function setAction(
  { control, part = 'piano' }: ControlTarget,
  standing: ControlsOf,
  valueFrom: (controls: Controls) => ControlValue | undefined,
): Action | undefined {
  const controls = standing(part)
  const value = controls && valueFrom(controls)
  if (value === undefined || value === controls?.[control]) return undefined
  return { kind: 'set', part, control, value }
}

/** Whether two sources would both receive some message. */
function overlap(a: Source, b: Source): boolean {
  const isSameChannel = a.channel === null || b.channel === null || a.channel === b.channel
  return isSameChannel && sourceName(a) === sourceName(b)
}

/** A name for the messages that a source receives, whatever their channel. */
function sourceName(source: Source): string {
  switch (source.kind) {
    case 'cc':
    case 'cc14':
      return `cc ${source.controller}`
    case 'note':
      return `note ${source.pitch}`
    case 'program':
      return `program ${source.number}`
    case 'bend':
      return 'bend'
  }
}

function isSameTarget(a: Target, b: Target): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
