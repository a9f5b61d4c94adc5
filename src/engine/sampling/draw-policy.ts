import type { Pitch } from '../units.js'
import type { DrawSettings } from './distribution.js'
import type { Moment } from './moment.js'

/** What steers the draws: the controls and the player, as the plan sees them. Changes between rewinds only. */
export interface DrawPolicy {
  /** How the event after `moment` is drawn; the object is valid until the next call. */
  draw(moment: Moment): DrawSettings
  /** Most notes sounding at once, 1-32, besides the `others`. */
  readonly polyphony: number
  /** 1 where a pitch of history is held by the player, [128]: the pianist neither ends nor strikes it. */
  readonly others: Uint8Array
  /** The note that must end at `moment`, or -1. */
  mustEnd(moment: Moment): Pitch
  /** Writes the conditioning vector for the event after `moment`. @returns the guidance, 1 where nothing is asked for */
  condition(target: Float32Array, moment: Moment): number
  /** Writes into `allowed` [388] which events may follow `moment`. NOTE_OFF is never masked by a control; percussion has none. */
  mask(allowed: Uint8Array, moment: Moment): void
}
