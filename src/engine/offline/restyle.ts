import { beginExpecting, decisions, expect } from '../form/expected-notes.js'
import { FIRST_INPUT } from '../language/events.js'
import { encodeSteps, type StepNote } from '../language/performance.js'
import { CONDITIONING_LAYOUTS } from '../model/conditioning.js'
import type { ModelSpec } from '../model/model.js'
import type { Network } from '../network/network.js'
import { Refused } from '../refused.js'
import { shiftMoment } from '../sampling/moment.js'
import { Gram, gramOf, listen } from '../style/gram.js'
import { profileOf } from '../style/measure.js'
import type { Steps } from '../units.js'
import { beginContinuation, type Continuation } from './continuation.js'
import { contentOf, expectedOf, harmonyLoss } from './content.js'
import { notesOfEvents } from './event-notes.js'
import { promptEvents } from './prompt.js'
import { RestylePolicy } from './restyle-policy.js'

/** What a restyled performance is a function of. */
export interface RestyleOptions {
  /** Plays. */
  readonly network: Network
  /** Hears what is played as a listener who knows nothing of what is asked: another network of the same model. */
  readonly ear: Network
  readonly spec: Pick<ModelSpec, 'network' | 'conditioning'>
  /** The performance whose melody, bass and harmony stay, as `quantize` returns it. */
  readonly content: readonly StepNote[]
  /** The performance whose manner the music takes on, as `quantize` returns it. */
  readonly style: readonly StepNote[]
  /** 0 (the content alone) to 1 (as much of the style as keeps the melody). */
  readonly balance: number
  /** 0 to 2^32 - 1. */
  readonly seed: number
  /** Ways on that are tried for each phrase, at least 1. */
  readonly beam: number
}

/** A performance in another manner. */
export interface Restyled {
  readonly notes: StepNote[]
  /** How far the style is from that of the reference, 0-2; see {@link Gram.distance}. */
  readonly styleLoss: number
  /** How far the harmony is from the content's, 0-1; see {@link harmonyLoss}. */
  readonly contentLoss: number
}

export const TUNE = { phrase: 150, prompt: 3000, lean: 1, bass: 0.5, spread: [0.5, 0.75, 1, 0.25] }

/** A way on for a phrase, and what is heard of it. */
interface Way {
  readonly going: Continuation
  readonly gram: Gram
  /** The state of the ear after it. */
  readonly heard: Float32Array
}

export function restyle(options: RestyleOptions, onProgress?: (share: number) => void): Restyled {
  const { network, ear, spec, style, balance, seed, beam } = options
  const fill = CONDITIONING_LAYOUTS.get(spec.conditioning)?.fill
  if (!fill) throw new Refused(`The conditioning layout ${spec.conditioning} isn't known here.`)
  const content = contentOf(options.content)
  const reference = gramOf(ear, spec.network, encodeSteps(style))
  const strengths = beam === 1 ? [balance] : TUNE.spread.map((share) => Math.min(1, share * balance * TUNE.lean))
  const policy = new RestylePolicy(content, profileOf(style), balance, strengths, fill)
  const first = beginContinuation({ network, policy, seed, run: beam })
  if (balance > 0 && TUNE.prompt > 0) {
    policy.isAsking = false
    for (const event of promptEvents(style, TUNE.prompt)) first.hear(event)
    policy.isAsking = true
    shiftMoment(first.moment, -first.moment.clock)
  }
  const start = first.count
  const list = expect(expectedOf(content, 1 - TUNE.bass * balance), 1, 0, decisions(seed, 0))
  beginExpecting(first.moment.expecting, list, 0)
  const ways = Array.from({ length: beam }, (_, run): Way => ({
    going: first.fork(run),
    gram: new Gram(spec.network),
    heard: new Float32Array(ear.stateSize),
  }))
  ear.reset()
  ear.condition(new Float32Array(ear.conditioningSize))
  ear.feed(FIRST_INPUT)
  const best: Way = { going: first, gram: new Gram(spec.network), heard: new Float32Array(ear.stateSize) }
  ear.save(best.heard)
  for (let from = 0; from < content.end; ) {
    const to = Math.min(from + TUNE.phrase, content.end)
    let least = Number.POSITIVE_INFINITY
    let kept = best
    for (const [n, way] of ways.entries()) {
      const { going, gram } = way
      going.become(best.going)
      policy.lean = n % strengths.length
      while (going.moment.clock < to) going.sample()
      const events = going.events(best.going.count)
      ear.restore(best.heard)
      gram.copyFrom(best.gram)
      listen(ear, events, gram, way.heard)
      ear.save(way.heard)
      const notes = notesOfEvents(events, content.end, best.going.moment)
      const loss =
        balance * gram.distance(reference) + (1 - balance) * harmonyLoss(content, notes, from, to)
      if (loss >= least) continue
      least = loss
      kept = way
    }
    best.going.become(kept.going)
    best.gram.copyFrom(kept.gram)
    best.heard.set(kept.heard)
    from = to
    onProgress?.(from / content.end)
  }
  const notes = notesOfEvents(best.going.events(start), content.end)
  return {
    notes,
    styleLoss: best.gram.distance(reference),
    contentLoss: harmonyLoss(content, notes, 0, content.end),
  }
}
