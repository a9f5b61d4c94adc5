import type { Ms, Pitch } from '../units.js'
import type { Strike } from './strike.js'

/** With fewer pitch classes than this sounding, the chord is also made of what was struck lately. */
const LEAST_CLASSES = 2

/** A broken chord is struck within this time: a shorter time misses its first notes, a longer one mixes it with the chord before. */
const BROKEN_MS: Ms = 2000

/**
 * The chord that sounds under the player's hands: the pitch classes held by keys or pedal. Where only one sounds, those struck
 * in the last 2 s belong to it too, and a release never leaves less than two. Never throws.
 */
export class SoundingChord {
  /** How many keys of each pitch class C to B belong to it, [12]. */
  readonly weights = new Float64Array(12)
  readonly #next = new Float64Array(12)
  #changedAt: Ms = Number.NEGATIVE_INFINITY

  /** When pitch classes last came or went; -Infinity before any. */
  get changedAt(): Ms {
    return this.#changedAt
  }

  /**
   * The player's keys have changed at plan time `at`.
   * @param held the pitches that keys or pedal hold
   * @param isStrike whether a key was struck; else something was released
   * @param strikes the player's last strikes, with this one
   */
  update(held: readonly Pitch[], isStrike: boolean, strikes: readonly Strike[], at: Ms): void {
    const next = this.#next
    next.fill(0)
    for (const pitch of held) next[pitch % 12] = next[pitch % 12]! + 1
    if (sizeOf(next) < LEAST_CLASSES) {
      // What is left of a chord whose keys come up one by one is still that chord.
      if (!isStrike) return
      for (let n = strikes.length - 1; n >= 0 && strikes[n]!.at > at - BROKEN_MS; n--) {
        const { pitch } = strikes[n]!
        if (next[pitch % 12] === 0) next[pitch % 12] = 1
      }
    }
    if (next.some((weight, pitchClass) => weight > 0 !== this.weights[pitchClass]! > 0)) this.#changedAt = at
    this.weights.set(next)
  }

  forget(): void {
    this.weights.fill(0)
    this.#changedAt = Number.NEGATIVE_INFINITY
  }
}

function sizeOf(weights: Float64Array): number {
  let size = 0
  for (const weight of weights) if (weight > 0) size++
  return size
}
