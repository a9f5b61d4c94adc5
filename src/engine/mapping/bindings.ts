import { checkControl } from '../controls/control-values.js'
import {
  CONTROLS,
  type Control,
  type ControlName,
  type Controls,
  type ControlValue,
} from '../controls/controls.js'
import { isDrummers, type PlayerName } from '../controls/parts.js'
import type { PresetNumber } from '../surface/commands.js'
import type { Channel, Pitch, Velocity } from '../units.js'

/** What a controller sends, named. Channels 0-15, values 0-127, of a bend 0-16383 (8192 is its centre). */
export type ControllerMessage =
  | { readonly kind: 'cc'; readonly channel: Channel; readonly controller: number; readonly value: number }
  | { readonly kind: 'bend'; readonly channel: Channel; readonly value: number }
  | {
      readonly kind: 'note-on'
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: Velocity
    }
  | { readonly kind: 'note-off'; readonly channel: Channel; readonly pitch: Pitch }
  | { readonly kind: 'program'; readonly channel: Channel; readonly number: number }

/** How an endless encoder tells its turns: -1 as 127, as 63, or as 65. */
export const ENCODINGS = ['twos-complement', 'offset-64', 'sign-magnitude'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * Where a binding listens; channel null is any. `cc14`: a controller 0-31 with its lower seven bits 32 above (MIDI 1.0). A
 * `cc` that is a `button` is pressed at 64 and more, whatever comes after it.
 */
export type Source =
  | {
      readonly kind: 'cc'
      readonly channel: Channel | null
      readonly controller: number
      readonly relative?: Encoding
      readonly button?: true
    }
  | { readonly kind: 'cc14'; readonly channel: Channel | null; readonly controller: number }
  | { readonly kind: 'bend'; readonly channel: Channel | null }
  | { readonly kind: 'note'; readonly channel: Channel | null; readonly pitch: Pitch }
  | { readonly kind: 'program'; readonly channel: Channel | null; readonly number: number }

/** What a button may ask for. */
export const BUTTON_REQUESTS = [
  'play',
  'pause',
  'play-pause',
  'end',
  'panic',
  'again',
  'take-over',
  'forget',
  'undo',
  'capture',
] as const
export type ButtonRequest = (typeof BUTTON_REQUESTS)[number]

/** What it moves: a control of the pianist or of that `player`, which a button may set to one `value`. */
export type Target =
  | {
      readonly kind: 'control'
      readonly control: ControlName
      readonly player?: PlayerName
      readonly value?: ControlValue
    }
  | { readonly kind: 'request'; readonly request: ButtonRequest }
  | { readonly kind: 'preset'; readonly preset: PresetNumber }

export interface Binding {
  readonly source: Source
  readonly target: Target
}

/**
 * What a knob does that doesn't stand where its control does: it sets it at once; nothing until it passes it; or it
 * moves it in proportion, so that both come to the end together.
 */
export const TAKE_OVERS = ['jump', 'pickup', 'scaled'] as const
export type TakeOver = (typeof TAKE_OVERS)[number]

/** What a controller's knobs, keys and pedals do. */
export interface ControllerMap {
  readonly takeOver: TakeOver
  readonly bindings: readonly Binding[]
}

/** A map in which nothing is bound. */
export const EMPTY_MAP: ControllerMap = { takeOver: 'pickup', bindings: [] }

export type ControlTarget = Extract<Target, { kind: 'control' }>

/** The control of a player, as a target. */
export function controlTarget(control: ControlName, player: PlayerName): ControlTarget {
  return { kind: 'control', control, ...(player === 'piano' ? {} : { player }) }
}

/** Why a binding can't be, or null where it can. */
export function refuseBinding({ source, target }: Binding): string | null {
  if (target.kind === 'control' && target.player === 'drums' && !isDrummers(target.control))
    return `a drummer has no ${target.control} of his own`
  const canPress =
    source.kind === 'note' || source.kind === 'program' || (source.kind === 'cc' && !source.relative)
  if (target.kind !== 'control' || target.value !== undefined) {
    return canPress
      ? null
      : 'what is only asked for, or set to one value, takes a button: a note, a program change or a plain controller'
  }
  const { control } = target
  const { kind } = CONTROLS[control]
  if (kind === 'range' || kind === 'weights')
    return `${control} has no single place that a knob could stand at`
  const isSwitch = source.kind === 'note' || source.kind === 'program' || isButton(source)
  if (isSwitch && kind !== 'switch' && kind !== 'choice') {
    return `a button can't set ${control}, which is a number, but to one value`
  }
  return null
}

function isButton(source: Source): boolean {
  return source.kind === 'cc' && source.button === true
}

/** Where a control's value stands between its ends, 0-1; auto is 0. Undefined for ranges and weights. */
export function shareOf(name: ControlName, value: ControlValue): number | undefined {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'number':
    case 'auto-number':
      return value === null ? 0 : (Number(value) - control.min) / (control.max - control.min)
    case 'switch':
      return value === true ? 1 : 0
    case 'choice':
      return (control.options.indexOf(String(value)) + 0.5) / control.options.length
    default:
      return undefined
  }
}

/** The value one detent of an encoder further: numbers go by their step, choices by one option, switches to an end. */
export function detented(name: ControlName, controls: Controls, detents: number): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value = controls[name]
  switch (control.kind) {
    case 'auto-number':
      if (value === null && detents < 0) return null
      if (value !== null && Number(value) + detents * control.step < control.min) return null
      return stepped(control, value === null ? control.min : Number(value), detents)
    case 'number':
      return stepped(control, Number(value), detents)
    case 'switch':
      return detents > 0
    case 'choice': {
      const index = control.options.indexOf(String(value)) + Math.sign(detents)
      const option = control.options[Math.min(Math.max(index, 0), control.options.length - 1)]
      return checked(name, option)
    }
    default:
      return undefined
  }
}

/** A switch turned over, or the next option of a choice, the first after the last. */
export function pressed(name: ControlName, controls: Controls): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value = controls[name]
  if (control.kind === 'switch') return value !== true
  if (control.kind !== 'choice') return undefined
  return checked(name, control.options[(control.options.indexOf(String(value)) + 1) % control.options.length])
}

function checked(name: ControlName, value: unknown): ControlValue | undefined {
  const result = checkControl(name, value)
  return result.ok ? result.value : undefined
}

function stepped(
  { min, max, step }: { readonly min: number; readonly max: number; readonly step: number },
  value: number,
  detents: number,
): number {
  return Number(Math.min(max, Math.max(min, value + detents * step)).toFixed(4))
}
