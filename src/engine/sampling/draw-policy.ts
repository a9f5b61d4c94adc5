import type { EventIndex } from '../language/events.js'
import type { Pitch } from '../units.js'
import type { DrawSettings } from './distribution.js'
import type { Moment } from './moment.js'

/** The steering of the draws by the controls and the player, as the plan uses it. It may change only just before a rewind. */
export interface DrawPolicy {
  /** The settings for the draw of the event after `moment`. The object is valid until the next call. */
  draw(moment: Moment): DrawSettings
  /** Most notes that may sound at once, 1-32, not counting the `others`. */
  readonly polyphony: number
  /** 1 for each pitch of history that the player holds, [128]: the pianist neither ends nor strikes it. */
  readonly others: Uint8Array
  /** The note that must end at `moment`, or -1. */
  mustEnd(moment: Moment): Pitch
  /** Writes to `target` the conditioning vector for the event after `moment`. @returns the guidance; 1 is none */
  condition(target: Float32Array, moment: Moment): number
  /** Writes to `allowed` [388] which events may follow `moment`. No control masks a note-off; percussion has no note-offs. */
  mask(allowed: Uint8Array, moment: Moment): void
  /**
   * Moves the aims of `moment` (its tide, its form, what it expects) past `event`, which the moment itself has passed already. May
   * depend on nothing but `moment` and on what can't change without everything planned being dropped.
   */
  pass(moment: Moment, event: EventIndex): void
}
