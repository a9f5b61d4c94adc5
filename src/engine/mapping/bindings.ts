import { CONTROLS, type ControlName, type ControlValue } from '../controls/controls.js'
import { isDrummers, type PartName } from '../controls/parts.js'
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
      readonly part?: PartName
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
export function controlTarget(control: ControlName, part: PartName): ControlTarget {
  return { kind: 'control', control, ...(part === 'piano' ? {} : { part }) }
}

/** Why a binding can't be, or null where it can. */
export function refuseBinding({ source, target }: Binding): string | null {
  if (target.kind === 'control' && target.part === 'drums' && !isDrummers(target.control))
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
