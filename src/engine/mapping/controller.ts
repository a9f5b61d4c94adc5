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
  type Encoding,
  refuseBinding,
  type Source,
  type Target,
} from './bindings.js'
import { encodingOf, isButtonLike, LEARN_PLACES } from './midi-learn.js'

/** What a message of a controller asks for. */
export type Action =
  | {
      readonly kind: 'set'
      readonly part: PartName
      readonly control: ControlName
      readonly value: ControlValue
    }
  | { readonly kind: 'request'; readonly request: ButtonRequest }
  | { readonly kind: 'preset'; readonly preset: PresetNumber }
  /** The knob hasn't passed the control yet, which stands above where it `isBelow`; said once, when it begins to be moved. */
  | {
      readonly kind: 'waits'
      readonly part: PartName
      readonly control: ControlName
      readonly isBelow: boolean
    }
  /** What was being learnt is bound now. */
  | { readonly kind: 'learnt'; readonly binding: Binding }
  /** What was moved can't be bound to it, and why; learning goes on. */
  | { readonly kind: 'unfit'; readonly reason: string }

/** The controls of a player as they stand; undefined where that player doesn't play. */
export type ControlsOf = (part: PartName) => Controls | undefined

/** One controller: what its knobs do by its map. Never throws. */
export interface Controller {
  readonly map: ControllerMap
  /** Takes in a message. Undefined where it means nothing. */
  receive(message: ControllerMessage, standing: ControlsOf): Action | undefined
  /** The next knob, key or pedal that is moved is bound to `target`; null takes it back. */
  learn(target: Target | null): void
  /** Messages that make the controller's faders and rings stand as the controls do: of all, or those that have changed. */
  feedback(standing: ControlsOf, before: ControlsOf | null): ControllerMessage[]
}

/** The share of its whole way from which a button that is a plain controller counts as pressed. */
const PRESSED_SHARE = SWITCH_ON / 127

/** How near a knob must come to its control to take it over, of the whole way: nearer is never met by a knob of 128 places. */
const NEAR = 1.5 / 127

/** What is known of a knob: where it stands, and whether it has its control. */
interface KnobState {
  share: number
  isTaken: boolean
  /** The control's own place when the knob last moved it: if it has moved since, somebody else has it. */
  last: number
}

/** A controller that hasn't been touched. */
export function createController(first: ControllerMap): Controller {
  let map = first
  let learning: Target | null = null
  /** Values seen of each controller while learning. */
  let seen = new Map<number, Set<number>>()
  const hands = new Map<Binding, KnobState>()
  const isDown = new Map<Binding, boolean>()
  /** Upper seven bits of each 14-bit controller, by channel * 128 + controller, and whether the lower ones came after them. */
  const uppers = new Map<number, { readonly value: number; readonly isWhole: boolean }>()

  function receive(message: ControllerMessage, standing: ControlsOf): Action | undefined {
    if (learning) return learnFrom(message, learning)
    for (const binding of map.bindings) {
      const action = heardBy(binding, message, standing)
      if (action) return action
    }
    return undefined
  }

  function heardBy(binding: Binding, message: ControllerMessage, standing: ControlsOf): Action | undefined {
    const { source, target } = binding
    if (source.channel !== null && source.channel !== message.channel) return undefined
    if (source.kind === 'cc' && source.relative) {
      if (message.kind !== 'cc' || message.controller !== source.controller || target.kind !== 'control')
        return undefined
      const turns = detents(message.value, source.relative)
      return set(target, standing, (controls) => detented(target.control, controls, turns))
    }
    if (isStruck(source, message)) return press(target, standing)
    const share = placeOf(source, message)
    if (share === undefined) return undefined
    const isKnob = target.kind === 'control' && target.value === undefined
    if (isKnob && !(source.kind === 'cc' && source.button)) return turn(binding, target, share, standing)
    const wasDown = isDown.get(binding) === true
    isDown.set(binding, share >= PRESSED_SHARE)
    return !wasDown && share >= PRESSED_SHARE ? press(target, standing) : undefined
  }

  function press(target: Target, standing: ControlsOf): Action | undefined {
    if (target.kind !== 'control') return target
    return set(target, standing, (controls) => target.value ?? pressed(target.control, controls))
  }

  /** Where a knob has been turned to, 0-1. */
  function placeOf(source: Source, message: ControllerMessage): number | undefined {
    if (source.kind === 'bend') return message.kind === 'bend' ? message.value / 16_383 : undefined
    if (message.kind !== 'cc') return undefined
    if (source.kind === 'cc')
      return message.controller === source.controller ? message.value / 127 : undefined
    if (source.kind !== 'cc14') return undefined
    const key = 128 * message.channel + source.controller
    const before = uppers.get(key)
    if (message.controller === source.controller) {
      uppers.set(key, { value: message.value, isWhole: false })
      // The lower bits come right after: without them a fader that moves evenly would flutter.
      return before?.isWhole ? undefined : message.value / 127
    }
    if (message.controller !== source.controller + 32 || before === undefined) return undefined
    uppers.set(key, { value: before.value, isWhole: true })
    return (128 * before.value + message.value) / 16_383
  }

  /** A knob at `share` moves its control, as far as it has it. */
  function turn(
    binding: Binding,
    target: ControlTarget,
    share: number,
    standing: ControlsOf,
  ): Action | undefined {
    const { control, part = 'piano' } = target
    const controls = standing(part)
    const present = controls && shareOf(control, controls[control])
    if (present === undefined) return undefined
    const hand = hands.get(binding)
    const before = hand?.share ?? share
    // What is left to the music stands nowhere that a knob could pass: whoever turns it takes it.
    const isAuto = controls?.[control] === null
    const hasIt = isAuto || (hand?.isTaken === true && Math.abs(present - hand.last) <= NEAR)
    const next = { share, isTaken: hasIt, last: present }
    hands.set(binding, next)
    let place = share
    if (!hasIt && map.takeOver !== 'jump') {
      const passes = (before - present) * (share - present) <= 0 && hand !== undefined
      next.isTaken = passes || Math.abs(share - present) <= NEAR
      if (!next.isTaken && map.takeOver === 'pickup')
        return hand?.isTaken === false
          ? undefined
          : { kind: 'waits', part, control, isBelow: share < present }
      if (!next.isTaken) place = scaled(before, share, present)
    } else next.isTaken = true
    const value = controlAtShare(control, place)
    const action = set(target, standing, () => value)
    next.last = value === undefined ? present : (shareOf(control, value) ?? present)
    if (map.takeOver === 'scaled') next.last = place
    return action
  }

  function learnFrom(message: ControllerMessage, target: Target): Action | undefined {
    const source = learntSource(message)
    if (!source) return undefined
    const binding = { source, target }
    const reason = refuseBinding(binding)
    if (reason !== null) return { kind: 'unfit', reason }
    const others = map.bindings.filter(
      (old) => !sameSource(old.source, source) && !sameTarget(old.target, target),
    )
    map = { ...map, bindings: [...others, binding] }
    learning = null
    return { kind: 'learnt', binding }
  }

  /** What has been moved, once that is clear. */
  function learntSource(message: ControllerMessage): Source | undefined {
    const { channel } = message
    switch (message.kind) {
      case 'note-on':
        return { kind: 'note', channel, pitch: message.pitch }
      case 'program':
        return { kind: 'program', channel, number: message.number }
      case 'note-off':
        return undefined
      case 'bend': {
        const values = see(-1 - channel, message.value >> 7)
        return values.size >= LEARN_PLACES ? { kind: 'bend', channel } : undefined
      }
      case 'cc':
        return learntController(channel, message.controller, message.value)
    }
  }

  function see(key: number, value: number): Set<number> {
    const values = seen.get(key) ?? new Set<number>()
    seen.set(key, values.add(value))
    return values
  }

  function learntController(channel: number, controller: number, value: number): Source | undefined {
    const values = see(128 * channel + controller, value)
    const upper = controller - 32
    // The lower bits of a pair come right after the upper ones and take every value.
    if (upper >= 0 && upper < 32 && seen.has(128 * channel + upper)) {
      return values.size >= LEARN_PLACES ? { kind: 'cc14', channel, controller: upper } : undefined
    }
    const relative = encodingOf(values)
    if (relative) return { kind: 'cc', channel, controller, relative }
    if (isButtonLike(values)) return { kind: 'cc', channel, controller, button: true }
    if (values.size < LEARN_PLACES) return undefined
    // Its lower bits, should there be any, would have come by now.
    const hasLower = controller < 32 && seen.has(128 * channel + controller + 32)
    return { kind: hasLower ? 'cc14' : 'cc', channel, controller }
  }

  return {
    get map() {
      return map
    },
    receive,
    learn: (target) => {
      learning = target
      seen = new Map()
    },
    feedback: (standing, before) =>
      map.bindings.flatMap(({ source, target }) => {
        if (target.kind !== 'control') return []
        const { control, part = 'piano' } = target
        const value = standing(part)?.[control]
        if (value === undefined || before?.(part)?.[control] === value) return []
        if (target.value !== undefined) return shown(source, target.value === value ? 1 : 0)
        return shown(source, shareOf(control, value) ?? 0)
      }),
  }
}

/** Sets a control to what `valueFrom` makes of the controls of its player; nothing where it stands there. */
function set(
  { control, part = 'piano' }: ControlTarget,
  standing: ControlsOf,
  valueFrom: (controls: Controls) => ControlValue | undefined,
): Action | undefined {
  const controls = standing(part)
  const value = controls && valueFrom(controls)
  if (value === undefined || value === controls?.[control]) return undefined
  return { kind: 'set', part, control, value }
}

function isStruck(source: Source, message: ControllerMessage): boolean {
  if (source.kind === 'note') return message.kind === 'note-on' && message.pitch === source.pitch
  return source.kind === 'program' && message.kind === 'program' && message.number === source.number
}

/**
 * A knob that goes from `before` to `after` while its control stands at `present`: what is left of the way moves in
 * proportion, so that both come to the end together (as Ableton Live's value scaling does).
 */
function scaled(before: number, after: number, present: number): number {
  if (after === before) return present
  const left = after > before ? 1 - before : before
  const free = after > before ? 1 - present : present
  return present + ((after - before) * free) / Math.max(left, 1e-9)
}

/** Detents turned, above 0 to the right. */
function detents(value: number, encoding: Encoding): number {
  switch (encoding) {
    case 'twos-complement':
      return value < 64 ? value : value - 128
    case 'offset-64':
      return value - 64
    case 'sign-magnitude':
      return value < 64 ? value : 64 - value
  }
}

function sameSource(a: Source, b: Source): boolean {
  return numberOf(a) === numberOf(b) && (a.channel === null || b.channel === null || a.channel === b.channel)
}

/** What a source listens to, apart from the channel. */
function numberOf(source: Source): string {
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

function sameTarget(a: Target, b: Target): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** What makes a fader, a ring or a button's light stand at `share`. Encoders and programs show nothing. */
function shown(source: Source, share: number): ControllerMessage[] {
  const channel = source.channel ?? 0
  switch (source.kind) {
    case 'cc':
      return source.relative
        ? []
        : [{ kind: 'cc', channel, controller: source.controller, value: Math.round(127 * share) }]
    case 'cc14': {
      const value = Math.round(16_383 * share)
      return [
        { kind: 'cc', channel, controller: source.controller, value: value >> 7 },
        { kind: 'cc', channel, controller: source.controller + 32, value: value & 0x7f },
      ]
    }
    case 'bend':
      return [{ kind: 'bend', channel, value: Math.round(16_383 * share) }]
    case 'note':
      return share > 0.5
        ? [{ kind: 'note-on', channel, pitch: source.pitch, velocity: 127 }]
        : [{ kind: 'note-off', channel, pitch: source.pitch }]
    case 'program':
      return []
  }
}
