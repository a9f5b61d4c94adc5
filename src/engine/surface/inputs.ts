import type { Origin } from '../controls/origin.js'
import type { HeardMessage } from '../language/messages.js'
import type { Ms, Steps } from '../units.js'
import type { Command } from './commands.js'

/** Anything that comes in from outside while playing. The `at` of a heard message is plan time in the log. */
export type Input =
  | { readonly kind: 'command'; readonly command: Command; readonly by?: Origin | undefined }
  | { readonly kind: 'heard'; readonly message: HeardMessage }
  /** A quarter note of the band's clock lasts so long now; null: there is no clock. */
  | { readonly kind: 'tempo'; readonly beatMs: Ms | null }
  /** A bar begins at step `clock` of the event clock, for a pianist whose time is the beat. */
  | { readonly kind: 'bar'; readonly clock: Steps }
  /** The plan's origin has moved by `ms`: forward after falling behind, back over a silence at a start. */
  | { readonly kind: 'slip'; readonly ms: Ms }
/** An input and the horizon, in plan time, at which it was applied. */
export interface LoggedInput {
  readonly horizon: Ms
  readonly input: Input
}

/** A logged input with all that a replay needs. */
export interface TakenInput extends LoggedInput {
  /** Process time of plan time 0 from then on, while playing. */
  readonly origin: Ms
  /** Process ms of a plan ms from then on; 1 but for a model whose steps are fractions of a beat. */
  readonly rate?: number | undefined
}

/** What reaches a performer, with its moment of arrival in process time. */
export type Arrival =
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly by?: Origin | undefined
      readonly at: Ms
    }
  | { readonly kind: 'heard'; readonly message: HeardMessage; readonly at: Ms }
