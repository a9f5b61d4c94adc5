import type { Ms, Pitch, Velocity } from '../units.js'

/** A key struck by the player, in plan time. */
export interface Strike {
  readonly at: Ms
  readonly pitch: Pitch
  readonly velocity: Velocity
}

/**
 * Strikes closer together than this are one chord and give no density: a shorter limit regards a spread chord as fast
 * notes, a longer one regards fast notes as a chord.
 */
export const CHORD_MS: Ms = 50
