import { chance } from '../chance.js'
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
import type { Velocity } from '../units.js'
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
    const mean = this.#chooseVelocity(reader)
    softmaxPlainly(this.#plain, going.logits)
    const pitches = [...due.keys()].filter((pitch) => due[pitch] === 1)
    const masses = pitches.map((pitch) => this.#plain[pitch]!)
    const pitch = pitches[pick(masses, this.#number(going, PITCH_USE))]!
    going.feed(noteOn(pitch))
    reader.velocities[pitch] = mean
  }

  /**
   * Draws the velocity of the next strike, or none where it stays as it was. The network draws velocities before pitches; here the
   * pitches are known, so by Bayes' rule P(velocity | pitches due) is proportional to P(velocity) P(pitches due | velocity), which
   * takes one more step for each velocity tried.
   * @returns the mean of that distribution
   */
  #chooseVelocity(reader: ScoreReader): Velocity {
    const { going } = reader
    const { due } = going.moment.place
    softmaxPlainly(this.#plain, going.logits)
    const velocities = likeliest(this.#plain, VELOCITY, EVENT_COUNT, TRIED)
    const unchanged = massOf(this.#plain, due)
    const masses = velocities.map((velocity, n) => {
      const probe = this.#probes[n]!
      probe.become(going)
      probe.feed(velocity)
      softmaxPlainly(this.#after, probe.logits)
      return this.#plain[velocity]! * massOf(this.#after, due)
    })
    masses.push(unchanged)
    const mass = masses.reduce((a, b) => a + b, 0)
    if (mass > 0) reader.weight += Math.log(mass)
    const unmoved = momentVelocity(going.moment)
    const values = [...velocities.map((velocity) => binVelocity(eventBin(velocity))), unmoved]
    const sum = values.reduce((total, value, n) => total + value * masses[n]!, 0)
    const chosen = pick(masses, this.#number(going, VELOCITY_USE))
    if (chosen < velocities.length) going.become(this.#probes[chosen]!)
    return mass > 0 ? sum / mass : unmoved
  }

  #number({ run, count }: Continuation, use: number): number {
    return chance(this.#seed, run, count, use)
  }
}
