import type { Ms, Velocity } from '../units.js'
import { CHORD_MS, type Strike } from './strike.js'

/** Density and loudness are those of this time: shorter jumps with every chord, longer follows the player late. */
const NOW_MS: Ms = 2000

/**
 * Slow playing is measured over at least so many chords, however long they take: fewer take one pause between two chords for
 * a tempo, more follow a change of slow playing late.
 */
const LEAST_CHORDS = 3

/**
 * How densely `strikes`, by time, are played at plan time `at`: note-ons per second, the notes of a chord counted one by one.
 * They are counted up to the last chord, over the time in which they were struck; a wait that lasts longer than those before
 * counts too, so that the density falls while nothing comes. Allocates nothing.
 */
export function densityNow(strikes: readonly Strike[], at: Ms): number {
  const last = strikes.at(-1)
  if (!last) return 0
  let first = strikes.length - 1
  let chords = 1
  let lastChord = first
  for (let n = strikes.length - 2; n >= 0; n--) {
    const isNew = strikes[n + 1]!.at - strikes[n]!.at > CHORD_MS
    if (isNew && strikes[n]!.at <= at - NOW_MS && chords >= LEAST_CHORDS) break
    if (isNew) chords++
    if (chords === 1) lastChord = n
    first = n
  }
  const from = strikes[first]!.at
  const whole = (1000 * (strikes.length - first)) / Math.max(chords === 1 ? NOW_MS : CHORD_MS, at - from)
  if (chords === 1) return whole
  return Math.min(whole, (1000 * (lastChord - first)) / (strikes[lastChord]!.at - from))
}

/** The mean velocity of the last strikes; 0 without any. Allocates nothing. */
export function loudnessNow(strikes: readonly Strike[]): Velocity {
  const from = (strikes.at(-1)?.at ?? 0) - NOW_MS
  let sum = 0
  let count = 0
  for (let n = strikes.length - 1; n >= 0 && strikes[n]!.at >= from; n--) {
    sum += strikes[n]!.velocity
    count++
  }
  return count === 0 ? 0 : sum / count
}
