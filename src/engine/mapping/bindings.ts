import { CONTROLS, type ControlName, type ControlValue } from '../controls/controls.js'
import { isDrummers, type PartName } from '../controls/parts.js'
import type { PresetNumber } from '../surface/commands.js'
import type { Channel, Pitch, Velocity } from '../units.js'

/** A message of a MIDI controller. Channels are 0-15 and values 0-127; a bend has 0-16383 with its centre at 8192. */
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

/** The encodings of an endless encoder. The value that each sends for one detent to the left: 127, 63, 65. */
export const ENCODINGS = ['twos-complement', 'offset-64', 'sign-magnitude'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * The knob, key or pedal of a binding. Channel null is any channel. `cc14` is a controller 0-31 whose lower seven
 * bits come as the controller 32 above it (MIDI 1.0). A `cc` with `button` counts as pressed at values of 64 and
 * more, even if it could be a knob.
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

/** The requests that a button may make. */
export const BUTTON_REQUESTS = [
  'play',
  'pause',
  'play-pause',
  'end',
  'panic',
  'again',
  'take-over',
  'mark-theme',
  'take-style',
  'forget',
  'undo',
  'capture',
  'tap-tempo',
  'drummer',
  'mute-piano',
  'mute-drums',
] as const
export type ButtonRequest = (typeof BUTTON_REQUESTS)[number]

/**
 * The control, value or request that a binding acts on. A control is the pianist's unless `part` names another part;
 * with a `value` the source is a button that sets the control to that value.
 */
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
 * How a knob acts while its position differs from the value of its control. `jump`: the control follows at once.
 * `pickup`: the knob does nothing until it meets the control. `scaled`: the control moves in proportion, so that both
 * reach the end together.
 */
export const TAKE_OVERS = ['jump', 'pickup', 'scaled'] as const
export type TakeOver = (typeof TAKE_OVERS)[number]

/** The map of a controller: its bindings, and how its knobs take over. */
export interface ControllerMap {
  readonly takeOver: TakeOver
  readonly bindings: readonly Binding[]
}

/** A map without bindings. */
export const EMPTY_MAP: ControllerMap = { takeOver: 'pickup', bindings: [] }

export type ControlTarget = Extract<Target, { kind: 'control' }>

/** A control of a part, as a target. */
export function controlTarget(control: ControlName, part: PartName): ControlTarget {
  return { kind: 'control', control, ...(part === 'piano' ? {} : { part }) }
}

/** Why a binding makes no sense, as half a sentence; null if it makes sense. */
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
