import type { StepNote } from '../language/performance.js'
import {
  type ConditioningRequest,
  emptyRequest,
  LATER,
  SOON,
  SOON_SECONDS,
} from '../model/conditioning-request.js'
import type { Steps } from '../units.js'

/**
 * Returns the notes that come from step `at` on in a known performance, as a request to the network. `at` must not decrease
 * from call to call. The result is overwritten by the next call. Allocates nothing; never throws.
 */
export type ComingNotes = (at: Steps) => ConditioningRequest

/**
 * Looks ahead in a performance of `notes`, ordered by start as `quantize` returns them, with the velocities that were played
 * (not those of their bins). A window contains the note-ons at steps `at` <= start < `at` + window, including those of step
 * `at` that have been predicted already. For a window without note-ons density, velocity and all pitch weights are 0, as in
 * training.
 */
export function comingNotes(notes: readonly StepNote[]): ComingNotes {
  const request = emptyRequest()
  const weights = request.pitchWeights
  let from = 0
  let soon = 0
  let later = 0
  let velocitySum = 0
  return (at) => {
    for (; soon < notes.length && notes[soon]!.start < at + SOON; soon++) {
      velocitySum += notes[soon]!.velocity
    }
    for (; later < notes.length && notes[later]!.start < at + LATER; later++) {
      weights[notes[later]!.pitch % 12]! += 1
    }
    for (; from < notes.length && notes[from]!.start < at; from++) {
      velocitySum -= notes[from]!.velocity
      weights[notes[from]!.pitch % 12]! -= 1
    }
    const count = soon - from
    request.density = count / SOON_SECONDS
    request.velocity = count > 0 ? velocitySum / count : 0
    request.hasPitchWeights = true
    return request
  }
}
