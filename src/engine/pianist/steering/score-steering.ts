import type { EnsembleState } from '../../ensemble/ensemble.js'
import { type Score, scoreOf, widened } from '../../form/score.js'
import { beginScore } from '../../form/score-place.js'
import { EVENT_COUNT, type EventIndex, isTimeShift, TIME_SHIFT, VELOCITY } from '../../language/events.js'
import type { Moment } from '../../sampling/moment.js'
import { weighByLoudness } from '../../sampling/score-loudness.js'
import { limitToScore, weighByTempo } from '../../sampling/score-mask.js'
import type { Command } from '../../surface/commands.js'

export type GiveScore = Extract<Command, { type: 'give-score' }>

/** Has the live pianist play scores that it was given. */
export class ScoreSteering {
  readonly #ensemble: EnsembleState
  /** The newest score given; null for none. */
  #score: Score | null = null
  /** Number of scores given so far, so that each is begun once. */
  #given = 0
  readonly #weights = new Float64Array(EVENT_COUNT)

  constructor(ensemble: EnsembleState) {
    this.#ensemble = ensemble
  }

  /** Takes over a score. Everything planned must be dropped then. @returns whether it has notes that can be played */
  give({ notes, freedom }: GiveScore): boolean {
    const { transpose } = this.#ensemble.controls
    const inHistory = notes
      .map((note) => ({ ...note, pitch: note.pitch - transpose }))
      .filter(({ pitch }) => pitch >= 0 && pitch <= 127)
    if (inHistory.length === 0) return false
    this.#score = widened(scoreOf(inHistory, freedom))
    this.#given++
    return true
  }

  /** Whether the music after `moment` follows a score, or is to begin one. A drummer has none. */
  leads({ place, hasEnds }: Moment): boolean {
    return hasEnds && (place.score !== null || place.begun < this.#given)
  }

  /** Begins a score that was given, at the end of a wait. */
  pass(moment: Moment, event: EventIndex): void {
    const { place, clock, hasEnds } = moment
    if (!hasEnds || this.#score === null || place.begun >= this.#given || !isTimeShift(event)) return
    place.begun = this.#given - 1
    beginScore(place, this.#score, clock)
  }

  /** Reduces `allowed` [388] to what may follow `moment`: before a score waits alone, since it begins after one. */
  limit(allowed: Uint8Array, moment: Moment): void {
    if (moment.place.score) {
      limitToScore(allowed, moment, this.#ensemble.notes.others)
      return
    }
    allowed.fill(0)
    allowed.fill(1, TIME_SHIFT, VELOCITY)
  }

  /** Factors on the probabilities of the events after `moment`, [388]. Valid until the next call. */
  weights(moment: Moment): Float64Array {
    weighByTempo(this.#weights, moment)
    weighByLoudness(this.#weights, moment)
    return this.#weights
  }
}
