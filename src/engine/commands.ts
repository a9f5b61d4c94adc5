import type { ControlName, ControlValue } from './controls.js'
import type { HeardMessage } from './notes.js'
import type { Ms } from './units.js'

/** What a face may ask of the pianist. */
export type Command =
  | { readonly type: 'set'; readonly control: ControlName; readonly value: ControlValue }
  /** Go on after a pause, or begin. */
  | { readonly type: 'play' }
  /** No new note-on; what sounds ends as planned within 1 s. */
  | { readonly type: 'pause' }
  /** Play to the next breath, at most 4 s, then pause. */
  | { readonly type: 'end' }
  /** Everything silent at once, the plan dropped, paused. */
  | { readonly type: 'panic' }
  /** Back to 4 s ago, and on from there differently. */
  | { readonly type: 'again' }
  /** Notes end, the memory is wiped, a new performance begins. */
  | { readonly type: 'forget' }

/** Anything that comes in from outside while playing. The `at` of a heard message is plan time in the log. */
export type Input =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'heard'; readonly message: HeardMessage }
  /** The plan's origin has moved by `ms`: forward after falling behind, back over a silence at a start. */
  | { readonly kind: 'slip'; readonly ms: Ms }

/** An input and the horizon, in plan time, at which it was applied. */
export interface LoggedInput {
  readonly horizon: Ms
  readonly input: Input
}
