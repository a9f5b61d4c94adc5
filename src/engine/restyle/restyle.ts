import { beginExpecting, decisions, expect } from '../form/expected-notes.js'
import { type EventIndex, FIRST_INPUT } from '../language/events.js'
import { encodeSteps, type StepNote } from '../language/performance.js'
import type { ModelSpec } from '../model/model.js'
import type { Network } from '../network/network.js'
import { beginContinuation, type Continuation } from '../offline/continuation.js'
import { promptEvents } from '../offline/prompt.js'
import { notesOfEvents } from '../sampling/event-notes.js'
import { shiftMoment } from '../sampling/moment.js'
import { Gram, gramOf, listen } from '../style/gram.js'
import { profileOf } from '../style/measure.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import { type Content, contentOf, expectedOf, harmonyLoss } from './content.js'
import { RestylePolicy } from './restyle-policy.js'
import { nearTranspositions, transposed } from './transposition.js'

/** What a restyled performance is a function of. */
export interface RestyleOptions {
  /** Plays. Nobody else may use it meanwhile. */
  readonly network: Network
  /** Hears what is played, without being told what is asked for: another network of the same model. */
  readonly ear: Network
  readonly spec: Pick<ModelSpec, 'network' | 'conditioning'>
  /** The performance whose melody, bass and harmony stay, as `quantize` returns it; at least one note. */
  readonly content: readonly StepNote[]
  /** The performance whose manner the music takes on, as `quantize` returns it; at least one note. */
  readonly style: readonly StepNote[]
  /** 0 (the content alone) to 1 (as much of the style as keeps the melody). */
  readonly balance: number
  /** Whether the content may be moved to the key in which it is nearest to the style. At balance 0 it never is. */
  readonly mayTranspose: boolean
  /** 0 to 2^32 - 1. */
  readonly seed: number
  /** Ways on that are tried for each phrase, at least 1. With 1 the style is only leaned to, as it is live. */
  readonly beam: number
}

/** A performance in another manner. */
interface Restyled {
  /** Ordered by start, from step 0 on. */
  readonly notes: readonly StepNote[]
  /** Semitones by which the content was moved. */
  readonly transposition: Pitch
  /** How far its style is from that of the reference, 0-2, as {@link Gram.distance} says. */
  readonly styleLoss: number
  /** How far its harmony is from that of the content, 0-1, as {@link harmonyLoss} says. */
  readonly contentLoss: number
}

/** After so many steps ways are compared. With more there is less to choose from, with fewer a figure is judged by its first note. */
const PHRASE: Steps = 1000 / STEP_MS

/**
 * How much of the reference's end is heard before the first note, so that the music goes on from there. Without it, 4 instead
 * of 7 of 9 excerpts were nearest to their own of three references.
 */
const HEARD: Steps = 30_000 / STEP_MS

/**
 * Multiples of the balance with which the ways lean towards the style, up to all of it. A lean that is too strong for the music costs only the
 * ways that have it; without strong ones there is less style to choose from. A single way leans by the balance.
 */
const LEANS = [1.4, 1, 0.7] as const

/** At balance 1 this share of the bass is not asked for: the style has basses of its own. */
const FREE_BASS = 0.5

/** How many keys are tried, besides the content's own, and how much of the content is played in each. More take longer. */
const TRIED_KEYS = 2
const TRIED: Steps = 8000 / STEP_MS

/** How many ways are tried in each of these keys. With one, its chance decides more than the key. */
const TRIED_BEAM = 2

/** What the ear has heard of a way: the style so far, and the state of its network. */
interface Heard {
  readonly gram: Gram
  readonly state: Float32Array
}

/** A performance as far as it has come. */
interface Way {
  readonly going: Continuation
  readonly heard: Heard
  /** The sum over its steps of the content loss. */
  lost: number
}

/**
 * Plays the melody, bass and harmony of one performance in the manner of another. As in Gatys, Ecker & Bethge 2015, style is the
 * Gram matrices of the hidden layers. There an image is moved down the gradient of a weighted sum of style loss and content loss; events
 * have no gradient, so of several ways on, sampled for each phrase, the one with the least sum goes on. They are sampled from the
 * network, leaned towards the style's habits (style-factors.ts) and told its density and loudness.
 *
 * Every note of the melody is struck within 20 ms of its time. Deterministic. Allocates; throws Refused for an unknown conditioning
 * layout.
 * @param onProgress receives, after every phrase of the keys that are tried and of the whole, the share that is done, 0-1
 */
export function restyle(options: RestyleOptions, onProgress?: (share: number) => void): Restyled {
  const { ear, spec, style, beam } = options
  const reference = gramOf(ear, spec.network, encodeSteps(style))
  const keys = keysToTry(options, reference)
  const beginning = options.content
    .filter(({ start }) => start < TRIED)
    .map((note) => ({ ...note, end: Math.min(note.end, TRIED) }))
  const [short, long] = [endOf(beginning) * TRIED_BEAM, endOf(options.content) * beam]
  const whole = long + (keys.length > 1 ? keys.length * short : 0)
  const transposition = chooseTransposition({ ...options, content: beginning }, reference, keys, (keysDone) =>
    onProgress?.((keysDone * short) / whole),
  )
  const content = transposed(options.content, transposition)
  const { notes, styleLoss, contentLoss } = playThrough({ ...options, content }, reference, (share) =>
    onProgress?.(1 - ((1 - share) * long) / whole),
  )
  return { notes, transposition, styleLoss, contentLoss }
}

/** The transpositions that are tried: none, and the nearest ones. */
function keysToTry({ ear, spec, balance, mayTranspose, content }: RestyleOptions, reference: Gram): Pitch[] {
  if (!mayTranspose || balance === 0) return [0]
  return [...new Set([0, ...nearTranspositions(ear, spec.network, content, reference, TRIED_KEYS)])]
}

/**
 * The one of `keys` in which the content comes out best.
 * @param onProgress receives, after every phrase, how many keys have been tried, with fractions
 */
function chooseTransposition(
  options: RestyleOptions,
  reference: Gram,
  keys: readonly Pitch[],
  onProgress: (keysDone: number) => void,
): Pitch {
  if (keys.length === 1) return keys[0]!
  const tried = keys.map((by, n) => {
    const content = transposed(options.content, by)
    const { styleLoss, contentLoss } = playThrough(
      { ...options, content, beam: TRIED_BEAM },
      reference,
      (share) => onProgress(n + share),
    )
    return { by, loss: weighed(options.balance, styleLoss, contentLoss) }
  })
  return tried.reduce((best, other) => (other.loss < best.loss ? other : best)).by
}

function endOf(notes: readonly StepNote[]): Steps {
  return notes.reduce((last, { end }) => Math.max(last, end), 1)
}

function weighed(balance: number, styleLoss: number, contentLoss: number): number {
  return balance * styleLoss + (1 - balance) * contentLoss
}

/** Plays the whole content in its own key. */
function playThrough(
  options: RestyleOptions,
  reference: Gram,
  onProgress: (share: number) => void,
): Omit<Restyled, 'transposition'> {
  const { ear, spec, style, balance, beam } = options
  const content = contentOf(options.content)
  const leans = (beam === 1 ? [1] : LEANS.slice(0, beam)).map((factor) => Math.min(factor * balance, 1))
  const policy = new RestylePolicy(content, profileOf(style), balance, leans, spec.conditioning)
  const best: Way = { going: begin(options, content, policy), heard: nothingHeard(options), lost: 0 }
  const start = best.going.count
  ear.reset()
  ear.condition(new Float32Array(ear.conditioningSize))
  ear.feed(FIRST_INPUT)
  ear.save(best.heard.state)
  const ways = Array.from({ length: beam }, (_, run): Way => {
    return { going: best.going.fork(run), heard: nothingHeard(options), lost: 0 }
  })
  for (let from: Steps = 0; from < content.end; from += PHRASE) {
    const to = Math.min(from + PHRASE, content.end)
    const losses = ways.map((way, n) => {
      policy.lean = n % leans.length
      const events = playOn(way.going, best.going, to)
      hear(ear, events, best.heard, way.heard)
      const notes = notesOfEvents(events, content.end, best.going.moment)
      way.lost = best.lost + (to - from) * harmonyLoss(content, notes, from, to)
      // Both of the whole so far: what a phrase adds to the one must weigh as much as what it adds to the other.
      return weighed(balance, way.heard.gram.distance(reference), way.lost / to)
    })
    const kept = ways[losses.indexOf(Math.min(...losses))]!
    best.going.become(kept.going)
    best.lost = kept.lost
    best.heard.gram.copyFrom(kept.heard.gram)
    best.heard.state.set(kept.heard.state)
    onProgress(to / content.end)
  }
  const notes = notesOfEvents(best.going.events(start), content.end)
  return {
    notes,
    styleLoss: best.heard.gram.distance(reference),
    contentLoss: harmonyLoss(content, notes, 0, content.end),
  }
}

/** The beginning, at step 0, with the content's notes expected; the style, if it counts, has just been heard. */
function begin(options: RestyleOptions, content: Content, policy: RestylePolicy): Continuation {
  const { network, style, balance, seed, beam } = options
  const going = beginContinuation({ network, policy, seed, run: beam })
  if (balance > 0) {
    for (const event of promptEvents(style, HEARD)) going.hear(event)
    shiftMoment(going.moment, -going.moment.clock)
  }
  policy.begin()
  const expected = expectedOf(content, 1 - FREE_BASS * balance)
  beginExpecting(going.moment.expecting, expect(expected, 1, 0, decisions(seed, 0)), 0)
  return going
}

function nothingHeard({ ear, spec }: RestyleOptions): Heard {
  return { gram: new Gram(spec.network), state: new Float32Array(ear.stateSize) }
}

/** Plays a way from where `from` is to step `to` or just past it. @returns its events from there on */
function playOn(going: Continuation, from: Continuation, to: Steps): EventIndex[] {
  going.become(from)
  while (going.moment.clock < to) going.sample()
  return going.events(from.count)
}

/** Has the ear hear `events` after what it heard `before`; `after` becomes what it has heard then. */
function hear(ear: Network, events: readonly EventIndex[], before: Heard, after: Heard): void {
  ear.restore(before.state)
  after.gram.copyFrom(before.gram)
  listen(ear, events, after.gram, after.state)
  ear.save(after.state)
}
