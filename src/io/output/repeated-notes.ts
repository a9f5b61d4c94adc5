import type { Ms } from '../../engine/units.js'
import { SLOTS } from '../shared/ledger.js'

/**
 * The silence before a note that is struck again while it sounds, unless another is asked for. With less, drivers and DAWs that
 * count in milliseconds put the end of the one note and the beginning of the next at one time, and take them apart in the
 * wrong order. With more, a trill is heard to stop between its notes.
 */
export const REPEAT_GAP_MS: Ms = 2

/** When each pitch of each channel may be struck again. Allocates nothing after it was made. */
export class RepeatedNotes {
  readonly gap: Ms
  readonly #releasedAt = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY)

  constructor(gap: Ms = REPEAT_GAP_MS) {
    this.gap = gap
  }

  /** The note of a slot of the ledger ended at `at`. */
  released(slot: number, at: Ms): void {
    this.#releasedAt[slot] = at
  }

  /** The earliest time at which a slot's next note may begin. */
  readyAt(slot: number): Ms {
    return this.#releasedAt[slot]! + this.gap
  }
}
