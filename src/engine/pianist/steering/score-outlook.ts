import type { Score } from '../../form/score.js'
import {
  emptyRequest,
  type FillConditioning,
  LATER,
  SOON,
  SOON_SECONDS,
} from '../../model/conditioning-request.js'
import type { Moment } from '../../sampling/moment.js'

/**
 * Tells a network what comes next in the score that a moment is in: the density of the next seconds and their pitch classes, at
 * the tempo of the moment. Loudness isn't asked for, since a score has none.
 */
export class ScoreOutlook {
  readonly #fill: FillConditioning
  readonly #request = emptyRequest()

  /** @param fill how the network's layout writes a request */
  constructor(fill: FillConditioning) {
    this.#fill = fill
  }

  /** Writes the conditioning for the event after `moment` to `target`. Allocates nothing. */
  condition(target: Float32Array, { place, clock }: Moment): void {
    const request = this.#request
    request.pitchWeights.fill(0)
    request.hasPitchWeights = true
    request.density = place.score ? this.#count(place.score, place, clock) / SOON_SECONDS : 0
    this.#fill(target, request, clock)
  }

  /** Adds the pitch classes of the next LATER steps to the request. @returns the number of notes in the next SOON steps */
  #count(score: Score, { chord, began, dueAt, pace }: Moment['place'], clock: number): number {
    const { pitchWeights } = this.#request
    const here = score.chords[chord]
    let count = 0
    // A chord that began before now counts no more, as in training; its last notes are a few hundredths of a second late.
    for (let c = began >= 0 && began < clock ? chord + 1 : chord; here && c < score.chords.length; c++) {
      const { onset, pitches } = score.chords[c]!
      const ahead = dueAt + (onset - here.onset) * pace - clock
      if (ahead >= LATER) break
      if (ahead < SOON) count += pitches.length
      for (const pitch of pitches) pitchWeights[pitch % 12]! += 1
    }
    return count
  }
}
