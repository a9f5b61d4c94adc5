import type { Ms, Pitch, Velocity } from '../units.js'

/** A phrase shorter than this gives no density: one note more or less would change the figure too much. */
const SHORTEST_MS: Ms = 200

/** The player's phrase: its notes from the first on, reduced to the figures that an answer follows. Never throws. */
export class Phrase {
  /** Note-ons by pitch class, [12]. */
  readonly weights = new Float64Array(12)
  #length = 0
  #start: Ms = Number.NaN
  #velocities = 0
  #low: Pitch = 127
  #high: Pitch = 0

  /** Adds a note-on at plan time `at`. */
  strike(at: Ms, pitch: Pitch, velocity: Velocity): void {
    if (this.#length === 0) this.#start = at
    this.#length++
    this.#velocities += velocity
    this.#low = Math.min(this.#low, pitch)
    this.#high = Math.max(this.#high, pitch)
    this.weights[pitch % 12] = this.weights[pitch % 12]! + 1
  }

  /** Forgets every note: the next one begins a phrase. */
  clear(): void {
    this.weights.fill(0)
    this.#length = 0
    this.#start = Number.NaN
    this.#velocities = 0
    this.#low = 127
    this.#high = 0
  }

  /** Number of notes so far. */
  get length(): number {
    return this.#length
  }

  /** Plan time of the first note; NaN before it. */
  get start(): Ms {
    return this.#start
  }

  /** Mean velocity; 0 before any note. */
  get loudness(): Velocity {
    return this.#length === 0 ? 0 : this.#velocities / this.#length
  }

  /** The lowest and the highest pitch; the whole keyboard before any note. */
  get range(): readonly [low: Pitch, high: Pitch] {
    return this.#length === 0 ? [0, 127] : [this.#low, this.#high]
  }

  /** Note-ons per second from the first until `end`, when the last key was lifted; 0 where the phrase is too short to tell. */
  densityUntil(end: Ms): number {
    // Measured to the release of the last key and not to its note-on: holding a note is sparse playing too.
    return end - this.#start < SHORTEST_MS ? 0 : (1000 * this.#length) / (end - this.#start)
  }
}
