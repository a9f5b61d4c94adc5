import { type EventIndex, FIRST_INPUT, isTimeShift, shiftSteps } from '../language/events.js'
import type { FillConditioning } from '../model/conditioning-request.js'
import type { Network } from '../network/network.js'
import type { Steps } from '../units.js'
import type { ComingNotes } from './performance-conditioning.js'

/** A measure of how well a network predicted a performance. */
interface Evaluation {
  readonly events: number
  /** Sum over the events of -ln p(event | all before it), in nats. */
  readonly nats: number
}

/** The coming notes of a known performance, and how the network's layout writes them as conditioning. */
interface KnownFuture {
  readonly coming: ComingNotes
  readonly fill: FillConditioning
}

/**
 * Runs a network over a performance, teacher-forced from silence: event n is predicted by the logits after the input {@link
 * FIRST_INPUT} and events 0 to n - 1. With `known`, the conditioning of each event describes the notes that come from the
 * event's own time on (for a time-shift: from the time at which it begins), and the place in the bar, counted from step 0.
 * Without `known` the conditioning is all zeros, which in every layout here asks for nothing. Resets the network first and
 * leaves it after the last input. Allocates one vector; never throws.
 */
export function evaluate(
  network: Network,
  events: ArrayLike<EventIndex>,
  known: KnownFuture | null = null,
): Evaluation {
  const vector = new Float32Array(network.conditioningSize)
  network.reset()
  network.condition(vector)
  let clock: Steps = 0
  let conditionedAt: Steps = -1
  let input = FIRST_INPUT
  let nats = 0
  for (let n = 0; n < events.length; n++) {
    if (known && clock !== conditionedAt) {
      known.fill(vector, known.coming(clock), clock)
      network.condition(vector)
      conditionedAt = clock
    }
    network.step(input)
    const event = events[n]!
    nats += negativeLogLikelihood(network.logits, event)
    if (isTimeShift(event)) clock += shiftSteps(event)
    input = event
  }
  return { events: events.length, nats }
}

/** -ln softmax(logits)[event] in nats, computed in doubles and without overflow. Allocates nothing. */
export function negativeLogLikelihood(logits: Float32Array, event: EventIndex): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i]!)
  let mass = 0
  for (let i = 0; i < logits.length; i++) mass += Math.exp(logits[i]! - highest)
  return Math.log(mass) + highest - logits[event]!
}
