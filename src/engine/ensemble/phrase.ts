import { MOST_NOTES } from '../form/themes.js'
import type { Ms, Pitch, Velocity } from '../units.js'

/** A phrase shorter than this gives no density: one note more or less would change the figure too much. */
const SHORTEST_MS: Ms = 200

/** A note of a phrase, struck at plan time `at`. */
interface PhraseNote {
  readonly at: Ms
  readonly pitch: Pitch
}

/** The player's phrase: its first notes, of which a theme is made, and the figures that an answer follows. Never throws. */
export class Phrase {
  /** Note-ons by pitch class, [12]. */
  readonly weights = new Float64Array(12)
  readonly #notes: PhraseNote[] = []
  #length = 0
  #start: Ms = Number.NaN
  #velocities = 0
  #low: Pitch = 127
  #high: Pitch = 0

  /** Adds a note-on at plan time `at`. */
  strike(at: Ms, pitch: Pitch, velocity: Velocity): void {
    if (this.#length === 0) this.#start = at
    this.#length++
    if (this.#notes.length < MOST_NOTES) this.#notes.push({ at, pitch })
    this.#velocities += velocity
    this.#low = Math.min(this.#low, pitch)
    this.#high = Math.max(this.#high, pitch)
    this.weights[pitch % 12] = this.weights[pitch % 12]! + 1
  }

  /** Forgets every note: the next one begins a phrase. */
  clear(): void {
    this.weights.fill(0)
    this.#notes.length = 0
    this.#length = 0
    this.#start = Number.NaN
    this.#velocities = 0
    this.#low = 127
    this.#high = 0
  }

  /** The first notes, as many as a theme can have at most, in the order in which they were struck. */
  get notes(): readonly PhraseNote[] {
    return this.#notes
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
