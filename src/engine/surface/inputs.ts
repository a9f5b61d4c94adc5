import type { Origin } from '../controls/origin.js'
import type { HeardMessage } from '../language/messages.js'
import type { Pulse } from '../language/pulse.js'
import type { Ms, Steps } from '../units.js'
import type { Command } from './commands.js'

/**
 * Anything that reaches the pianist from outside while it plays. In the log, the `at` of a heard message is plan time.
 */
export type Input =
  | { readonly kind: 'command'; readonly command: Command; readonly by?: Origin | undefined }
  | { readonly kind: 'heard'; readonly message: HeardMessage }
  /** A quarter note of the band's clock lasts `beatMs` from now on; null where there is no clock any more. */
  | { readonly kind: 'tempo'; readonly beatMs: Ms | null }
  /** The beat that the music shares with a band from now on; null where there is none. Only sent while something follows it. */
  | { readonly kind: 'pulse'; readonly pulse: Pulse | null }
  /**
   * At the horizon the band's song is at place `beat` and goes on at `tempo`, both in quarter notes; null where no song runs. The music
   * doesn't depend on it: a replay needs it for the bars of its file.
   */
  | { readonly kind: 'song'; readonly song: { readonly beat: number; readonly tempo: number } | null }
  /** A bar begins at step `clock` of the event clock. For models whose steps are fractions of a beat. */
  | { readonly kind: 'bar'; readonly clock: Steps }
  /**
   * The origin of plan time has moved by `ms`: forward after the pianist fell behind, back over a silence at a start.
   */
  | { readonly kind: 'slip'; readonly ms: Ms }
/** An input and the horizon, in plan time, at which it was applied. */
export interface LoggedInput {
  readonly horizon: Ms
  readonly input: Input
}

/** A logged input with everything that a replay of the take needs. */
export interface TakenInput extends LoggedInput {
  /** The process time at which plan time 0 lies from this input on. */
  readonly origin: Ms
  /**
   * Process ms in one plan ms from this input on. Other than 1 only for a model whose steps are fractions of a beat.
   */
  readonly rate?: number | undefined
}

/** A command or heard message on its way to a performer; `at` is the process time at which it arrived. */
export type Arrival =
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly by?: Origin | undefined
      readonly at: Ms
      /** Process time at which it shall act, where it is to wait: a bar line that only the sender knows. */
      readonly due?: Ms | undefined
    }
  | { readonly kind: 'heard'; readonly message: HeardMessage; readonly at: Ms }
