import { findCentre } from '../form/key-finding.js'
import {
  EVENT_COUNT,
  MAX_SHIFT,
  NOTE_OFF,
  noteOn,
  PITCH_COUNT,
  TIME_SHIFT,
  timeShift,
  velocityEvent,
} from '../language/events.js'
import type { ConditioningRequest } from '../model/conditioning-request.js'
import type { Moment } from '../sampling/moment.js'
import { isInChord, lastStruck } from './measure.js'
import { NEUTRAL_PROFILE } from './neutral-profile.js'
import {
  degreeShare,
  intervalShare,
  registerShare,
  type StyleProfile,
  velocityShare,
  waitShare,
} from './profile.js'

/**
 * Limits of the factors. With tighter ones a manner isn't heard; with wider ones habits overrule what the network knows of the
 * music at hand: harmonies, hands, the ends of phrases.
 */
const LEAST_FACTOR = 0.25
const MOST_FACTOR = 4

/**
 * Is added to both shares of a ratio. With less, what hardly ever happens has the largest factors; with more, soft and loud
 * extremes lose theirs.
 */
const RARE = 0.005

/** A density below this isn't blended by its ratio, because silence has none. In notes a second. */
const SPARSEST = 0.5

/** Velocity bins 1-32. */
const BINS = EVENT_COUNT - TIME_SHIFT - MAX_SHIFT

/**
 * Factors on the probabilities of events that lean the music towards a manner: each the share of a habit in the manner's
 * profile divided by that in the neutral profile, to the power of the strength. For velocities and waits that is all; note-ons have
 * factors of register, of the step of the scale in the key of the moment, of the interval from the last note struck, and of chords;
 * note-offs one of articulation. Density and mean velocity are asked for by {@link askForStyle} as well.
 */
export class StyleFactors {
  readonly #factors = new Float64Array(EVENT_COUNT)
  /** The factor of note-ons within a chord. */
  readonly #chord: number
  /** Natural logarithms of the factors: of pitches [128], and by the indices of the profile. */
  readonly #pitches: Float64Array
  readonly #degrees: Float64Array
  readonly #intervals: Float64Array

  /** @param strength 0 (all factors are 1) to 1 */
  constructor(profile: StyleProfile, strength: number, neutral: StyleProfile = NEUTRAL_PROFILE) {
    const logs = (own: readonly number[], others: readonly number[]) => logRatios(own, others, strength)
    const registers = logs(profile.registers, neutral.registers)
    this.#pitches = Float64Array.from({ length: PITCH_COUNT }, (_, pitch) => registers[registerShare(pitch)]!)
    // The shares of major and minor among each other are no factors: the mode of the moment is what it is.
    const degreesOf = ({ degrees }: StyleProfile, mode: 0 | 12) => normalized(degrees.slice(mode, mode + 12))
    this.#degrees = Float64Array.from([
      ...logs(degreesOf(profile, 0), degreesOf(neutral, 0)),
      ...logs(degreesOf(profile, 12), degreesOf(neutral, 12)),
    ])
    this.#intervals = logs(profile.intervals, neutral.intervals)
    this.#chord = limited(strength * logRatio(profile.chordShare, neutral.chordShare))
    const waits = logs(profile.waits, neutral.waits)
    for (let wait = 1; wait <= MAX_SHIFT; wait++)
      this.#factors[timeShift(wait)] = limited(waits[waitShare(wait)]!)
    const velocities = logs(profile.velocities, neutral.velocities)
    for (let bin = 1; bin <= BINS; bin++)
      this.#factors[velocityEvent(bin)] = limited(velocities[velocityShare(bin)]!)
    // Who lets notes last longer ends them less readily.
    const release = strength * Math.log(neutral.articulation / profile.articulation)
    this.#factors.fill(limited(release), NOTE_OFF, TIME_SHIFT)
  }

  /**
   * The factors for the event after `moment`, [388], 0.25-4; those of note-ons within a chord 0.0625-16. Valid until the next
   * call. Allocates nothing.
   */
  at(moment: Moment): Float64Array {
    const centre = findCentre(moment.recentPitchClasses)
    const last = lastStruck(moment)
    // Chords have a limit of their own: where a manner has hardly any, its registers still count among the notes of one.
    const chord = isInChord(moment) ? this.#chord : 1
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      let log = this.#pitches[pitch]!
      if (centre >= 0) log += this.#degrees[degreeShare(pitch, centre)]!
      if (last >= 0) log += this.#intervals[intervalShare(pitch - last)]!
      this.#factors[noteOn(pitch)] = chord * limited(log)
    }
    return this.#factors
  }
}

/**
 * Asks for the manner's density and velocity by the share `strength` (0-1), and for the rest for what `request` asks for
 * already or, where it leaves that to the network, for what was played of late. At strength 0 the request stays as it is.
 * Allocates nothing.
 */
export function askForStyle(
  request: ConditioningRequest,
  { density, velocity }: StyleProfile,
  strength: number,
  moment: Moment,
): void {
  if (strength === 0) return
  const own = Math.max(request.density ?? moment.recentDensity, SPARSEST)
  request.density = own ** (1 - strength) * density ** strength
  request.velocity = (request.velocity ?? moment.meanVelocity) * (1 - strength) + velocity * strength
}

function limited(log: number): number {
  return Math.min(Math.max(Math.exp(log), LEAST_FACTOR), MOST_FACTOR)
}

function logRatio(own: number, other: number): number {
  return Math.log((own + RARE) / (other + RARE))
}

function logRatios(own: readonly number[], others: readonly number[], strength: number): Float64Array {
  return Float64Array.from(own, (share, n) => strength * logRatio(share, others[n]!))
}

function normalized(shares: readonly number[]): number[] {
  const sum = shares.reduce((total, share) => total + share, 0)
  return shares.map((share) => (sum > 0 ? share / sum : 1 / shares.length))
}
