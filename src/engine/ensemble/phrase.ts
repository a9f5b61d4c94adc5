import type { Ms, Pitch, Velocity } from '../units.js'

/** What somebody plays from a first note to a pause: what an answer takes up. Never throws. */
export interface Phrase {
  /** Takes in a note; plan time. */
  strike(at: Ms, pitch: Pitch, velocity: Velocity): void
  /** Forgets everything: the next note begins a phrase. */
  clear(): void
  /** Notes so far. */
  readonly length: number
  /** Of the first note; NaN before it. */
  readonly start: Ms
  /** Note-ons by pitch class, [12]. */
  readonly weights: Float64Array
  /** Mean velocity; 0 before any note. */
  readonly loudness: Velocity
  /** Note-ons per second from the first until `end`, when the last key was lifted; 0 while there is no telling. */
  densityUntil(end: Ms): number
  /** The lowest and the highest pitch; the whole keyboard before any note. */
  readonly range: readonly [low: Pitch, high: Pitch]
}

/** A phrase shorter than this says nothing about density. */
const SHORTEST_MS: Ms = 200

/** A phrase without notes. */
export function createPhrase(): Phrase {
  const weights = new Float64Array(12)
  let length = 0
  let start = Number.NaN
  let velocities = 0
  let low = 127
  let high = 0

  return {
    weights,
    strike: (at, pitch, velocity) => {
      if (length === 0) start = at
      length++
      velocities += velocity
      low = Math.min(low, pitch)
      high = Math.max(high, pitch)
      weights[pitch % 12] = weights[pitch % 12]! + 1
    },
    clear: () => {
      weights.fill(0)
      length = 0
      start = Number.NaN
      velocities = 0
      low = 127
      high = 0
    },
    get length() {
      return length
    },
    get start() {
      return start
    },
    get loudness() {
      return length === 0 ? 0 : velocities / length
    },
    // A note that is held is sparse playing too.
    densityUntil: (end) => (end - start < SHORTEST_MS ? 0 : (1000 * length) / (end - start)),
    get range() {
      return length === 0 ? ([0, 127] as const) : ([low, high] as const)
    },
  }
}
