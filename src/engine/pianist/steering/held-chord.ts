import type { Lead } from '../../ensemble/mode.js'
import type { ConditioningRequest } from '../../model/conditioning-request.js'

/** Fewer pitch classes are a melody or an interval, which models of chords haven't seen. */
const LEAST_TONES = 3

/**
 * Tells `request` the chord of the keys that the player holds, in the pitches of history, which sound `transpose` semitones
 * higher. @returns whether they are a chord. Allocates nothing.
 */
export function tellHeldChord(
  request: ConditioningRequest,
  { weights, lowest = -1 }: Lead,
  transpose: number,
): boolean {
  if (lowest < 0) return false
  let tones = 0
  for (const weight of weights) if (weight > 0) tones++
  if (tones < LEAST_TONES) return false
  for (let pc = 0; pc < 12; pc++) {
    request.chordTones[(pc - transpose + 120) % 12] = weights[pc]! > 0 ? 1 : 0
  }
  request.bass = (lowest - transpose + 120) % 12
  return true
}
