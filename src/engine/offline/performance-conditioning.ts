import type { StepNote } from '../language/performance.js'
import { type ConditioningRequest, emptyRequest } from '../model/conditioning-request.js'
import { STEP_MS, type Steps } from '../units.js'

/**
 * Windows ahead of the moment (the rubato-piano model card): density and loudness from the next 3 s, pitch classes
 * from the next 5 s. A network is told what it was trained with, so these aren't tunable.
 */
const SOON_SECONDS = 3
const LATER_SECONDS = 5
const STEPS_PER_SECOND = 1000 / STEP_MS
const SOON: Steps = SOON_SECONDS * STEPS_PER_SECOND
const LATER: Steps = LATER_SECONDS * STEPS_PER_SECOND

/**
 * What is to come in a known performance, as a request to the network. `at` is a step of the event clock and never
 * goes back from call to call. Allocates nothing and never throws; the result is overwritten by the next call.
 */
export type ComingNotes = (at: Steps) => ConditioningRequest

/**
 * Looks ahead in a performance: `notes` ordered by start, as `quantize` makes them, with their velocities as played
 * (not the bins'). A window holds the note-ons at steps `at` <= start < `at` + window, so also those of this step that
 * were drawn already. A window without note-ons is given as density 0, velocity 0 and a histogram of zeros, as in
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
