import { chance } from '../chance.js'
import { aptness } from '../form/score.js'
import type { ScorePlace } from '../form/score-place.js'
import {
  binVelocity,
  EVENT_COUNT,
  eventBin,
  isNoteOff,
  isTimeShift,
  noteOff,
  noteOn,
  PITCH_COUNT,
  VELOCITY,
} from '../language/events.js'
import { createDistribution, PLAIN_SETTINGS } from '../sampling/distribution.js'
import { createMask } from '../sampling/event-mask.js'
import { momentVelocity, SILENT } from '../sampling/moment.js'
import { likeliest, massOf, pick, softmaxPlainly } from '../sampling/plain-distribution.js'
import { limitToScore, overdueEnd, weighByTempo } from '../sampling/score-mask.js'
import type { Pitch, Velocity } from '../units.js'
import type { Continuation } from './continuation.js'

/** One of the performances of a score that are made side by side. */
export interface ScoreReader {
  /** The performance so far; its moment's place is in the score. */
  readonly going: Continuation
  /** ln of how likely the notes of the score were in this performance since it was last weighed, in nats. */
  weight: number
  /** The mean of the distribution from which the velocity of each pitch's last strike was drawn, [128]. */
  readonly velocities: Float64Array
}

/** The pitches that others hold, [128]: none. */
export const NOBODY: Uint8Array = new Uint8Array(PITCH_COUNT)

/** Uses of the random numbers of an event. */
const EVENT_USE = 0
const VELOCITY_USE = 1
const PITCH_USE = 2

/**
 * Velocities that are tried before a strike. Fewer leave out those that fit the pitch; more take a step of the network each for
 * some thousandths of the probability.
 */
const TRIED = 8

/** A velocity that the score doesn't expect at all counts this little. With 0 nothing would be left where all are like that. */
const LEAST_FIT = 1e-9

/** Plays scores event by event. One of them serves any number of readers of one music, one after the other. */
export class ScorePlayer {
  readonly #seed: number
  readonly #probes: readonly Continuation[]
  readonly #distribution = createDistribution()
  readonly #allowed = createMask()
  readonly #weights = new Float64Array(EVENT_COUNT)
  readonly #settings = { ...PLAIN_SETTINGS, eventWeights: this.#weights }
  readonly #plain = new Float64Array(EVENT_COUNT)
  readonly #after = new Float64Array(EVENT_COUNT)

  /** @param any a continuation of the music */
  constructor(any: Continuation, seed: number) {
    this.#seed = seed
    this.#probes = Array.from({ length: TRIED }, () => any.fork(any.run))
  }

  /** Takes the performance one event further, or one strike with all that belongs to it. */
  step(reader: ScoreReader): void {
    const { going } = reader
    const { moment } = going
    const overdue = overdueEnd(moment, NOBODY)
    if (overdue >= 0) {
      going.feed(noteOff(overdue))
      return
    }
    limitToScore(this.#allowed, moment, NOBODY)
    weighByTempo(this.#weights, moment)
    const number = this.#number(going, EVENT_USE)
    // Logits that aren't numbers (a diverged model) leave nothing to draw; the score goes on all the same.
    const event = this.#distribution.shape(going.logits, this.#settings, this.#allowed, 0)
      ? this.#distribution.draw(number)
      : this.#allowed.indexOf(1)
    if (isNoteOff(event) || isTimeShift(event)) going.feed(event)
    else this.#strike(reader)
  }

  /** Strikes one of the notes that are due, after the ends of those that sound at their pitches. */
  #strike(reader: ScoreReader): void {
    const { going } = reader
    const { moment } = going
    const { due } = moment.place
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (due[pitch] === 1 && moment.struckAt[pitch] !== SILENT) going.feed(noteOff(pitch))
    }
    const tried = this.#tryVelocities(reader)
    const chosen = tried[pick(tried.map(sumOf), this.#number(going, VELOCITY_USE))]!
    if (chosen.probe) going.become(chosen.probe)
    const n = pick(chosen.masses, this.#number(going, PITCH_USE))
    const pitch = chosen.pitches[n]!
    going.feed(noteOn(pitch))
    reader.velocities[pitch] = meanVelocity(tried, n)
  }

  /**
   * Tries the velocities of the next strike, the last of them the one that is in force. The network draws velocities before pitches;
   * here the pitches are known, so by Bayes' rule P(velocity, pitch | pitches due) is proportional to P(velocity) P(pitch | velocity),
   * which takes one more step for each velocity tried. Where the score tells how loud its notes are expected to be, each product
   * is multiplied by how well the velocity fits (a product of experts: Hinton 2002).
   */
  #tryVelocities(reader: ScoreReader): Tried[] {
    const { going } = reader
    const { due } = going.moment.place
    const pitches = [...due.keys()].filter((pitch) => due[pitch] === 1)
    const fits = pitches.map((pitch) => fitsOf(going.moment.place, pitch))
    softmaxPlainly(this.#plain, going.logits)
    const unmoved = momentVelocity(going.moment)
    const tried: Tried[] = [
      {
        pitches,
        velocity: unmoved,
        masses: pitches.map((pitch, n) => this.#plain[pitch]! * fits[n]!(unmoved)),
      },
    ]
    let likelihood = massOf(this.#plain, due)
    this.#after.set(this.#plain)
    for (let event = VELOCITY; event < EVENT_COUNT; event++) {
      const velocity = binVelocity(eventBin(event))
      const best = fits.reduce((most, fitOf) => Math.max(most, fitOf(velocity)), 0)
      this.#after[event] = this.#plain[event]! * best
    }
    for (const [n, event] of likeliest(this.#after, VELOCITY, EVENT_COUNT, TRIED).entries()) {
      const probe = this.#probes[n]!
      probe.become(going)
      probe.feed(event)
      softmaxPlainly(this.#after, probe.logits)
      const velocity = binVelocity(eventBin(event))
      const mass = this.#plain[event]!
      likelihood += mass * massOf(this.#after, due)
      tried.push({
        pitches,
        velocity,
        probe,
        masses: pitches.map((pitch, i) => mass * this.#after[pitch]! * fits[i]!(velocity)),
      })
    }
    if (likelihood > 0) reader.weight += Math.log(likelihood)
    return tried
  }

  #number({ run, count }: Continuation, use: number): number {
    return chance(this.#seed, run, count, use)
  }
}

/** A velocity tried before a strike. */
interface Tried {
  /** The pitches that are due. */
  readonly pitches: readonly Pitch[]
  readonly velocity: Velocity
  /** The performance after its velocity event; none where it is in force already. */
  readonly probe?: Continuation
  /** How likely it is together with each of `pitches`; they need not sum to 1. */
  readonly masses: readonly number[]
}

function sumOf({ masses }: Tried): number {
  return masses.reduce((a, b) => a + b, 0)
}

/** The mean of the velocities with which pitch number `n` is struck. */
function meanVelocity(tried: readonly Tried[], n: number): Velocity {
  const mass = tried.reduce((sum, { masses }) => sum + masses[n]!, 0)
  if (!(mass > 0)) return tried[0]!.velocity
  return tried.reduce((sum, { velocity, masses }) => sum + velocity * masses[n]!, 0) / mass
}

/** How well velocities fit what the score expects of a pitch that is due. */
function fitsOf({ score, chord }: ScorePlace, pitch: Pitch): (velocity: Velocity) => number {
  const { pitches, loudness } = score!.chords[chord]!
  const expected = loudness?.[pitches.indexOf(pitch)]
  return expected ? (velocity) => Math.max(aptness(velocity, expected), LEAST_FIT) : () => 1
}
