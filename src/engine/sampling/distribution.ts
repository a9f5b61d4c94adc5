import {
  EVENT_COUNT,
  type EventIndex,
  MAX_SHIFT,
  NOTE_OFF,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import type { Steps } from '../units.js'
import { moveWaits, type WaitGrid } from './wait-grid.js'

/** The settings with which logits become a distribution. */
export interface DrawSettings {
  /** Temperature of all events, 0.1-2. */
  readonly temperature: number
  /** Factors 0.25-2 on the temperature within note-ons, time shifts and velocities. */
  readonly pitchTemperature: number
  readonly timingTemperature: number
  readonly dynamicsTemperature: number
  /** Probability mass of the nucleus, 0.5-1 (Holtzman et al. 2020). */
  readonly topP: number
  /** Factors by pitch class on the shares of note-ons among each other, [12], or none. */
  readonly pitchLean?: Float64Array | undefined
  /** Factors on the probabilities of all events, [388], or none. Unlike `pitchLean` they change how likely each class is. */
  readonly eventWeights?: Float64Array | undefined
  /** Where waits are to end, or none. */
  readonly waitGrid?: WaitGrid | undefined
}

/** The settings that leave the network's distribution as it is. */
export const PLAIN_SETTINGS: DrawSettings = {
  temperature: 1,
  pitchTemperature: 1,
  timingTemperature: 1,
  dynamicsTemperature: 1,
  topP: 1,
}

/** The distribution of one draw. Its buffers are overwritten by the next `shape`. */
export interface Distribution {
  /** Probabilities that `shape` made, [388], summing to 1. */
  readonly probabilities: Float64Array
  /**
   * Makes the distribution: temperature, masks and nucleus act on the full distribution, in this order. A class's factor
   * changes the shares within the class and leaves the class's mass as it is. Allocates a view, but no buffer.
   * @param logits [388]
   * @param allowed [388], 0 where an event is masked
   * @param shortestShift above 0: only shifts of at least this many steps are possible; 0: whatever is allowed
   * @returns false if no event is possible
   */
  shape(logits: Float32Array, settings: DrawSettings, allowed: Uint8Array, shortestShift: Steps): boolean
  /** Writes to `masses` [101], at k - 1, the mass of all events before the shift of k steps in draw order; at 100 the whole mass. */
  massesBefore(masses: Float64Array): void
  /** The event at `number` in [0, 1): inverse cumulative in the order velocities, notes, shifts ascending. */
  draw(number: number): EventIndex
  /**
   * The shift of at least `shortest` steps at `number`, by the same inverse cumulative.
   * @param before the mass of all events before the shift of `shortest` steps in draw order, from `massesBefore`
   */
  drawShift(number: number, shortest: Steps, before: number): EventIndex
}

/** Number of masses that `massesBefore` writes: one for each length of shift, and the whole. */
export const MASS_COUNT = MAX_SHIFT + 1

/** First and past-the-last index of a class of events. */
type EventClass = readonly [first: EventIndex, end: EventIndex]

const VELOCITIES: EventClass = [VELOCITY, EVENT_COUNT]
const NOTE_ONS: EventClass = [0, NOTE_OFF]
const NOTE_OFFS: EventClass = [NOTE_OFF, TIME_SHIFT]
const SHIFTS: EventClass = [TIME_SHIFT, VELOCITY]
const DRAW_ORDER = [VELOCITIES, NOTE_ONS, NOTE_OFFS, SHIFTS] as const

/** A distribution. Its buffers are allocated once and filled anew for each draw, so that two of them can be used at a time. */
export function createDistribution(): Distribution {
  return new EventDistribution()
}

class EventDistribution implements Distribution {
  readonly probabilities = new Float64Array(EVENT_COUNT)
  /** Scratch for sorting the likely events, [388]. */
  readonly #likely = new Float64Array(EVENT_COUNT)

  shape(logits: Float32Array, settings: DrawSettings, allowed: Uint8Array, shortestShift: Steps): boolean {
    const { probabilities } = this
    const sum = softmax(probabilities, logits, settings.temperature, allowed, shortestShift)
    if (sum === 0) return false
    reshapeClass(probabilities, logits, NOTE_ONS, settings.temperature, settings.pitchTemperature)
    if (settings.pitchLean) leanNotes(probabilities, settings.pitchLean)
    reshapeClass(probabilities, logits, SHIFTS, settings.temperature, settings.timingTemperature)
    reshapeClass(probabilities, logits, VELOCITIES, settings.temperature, settings.dynamicsTemperature)
    if (settings.eventWeights) {
      if (!weigh(probabilities, settings.eventWeights)) return false
    } else scale(probabilities, 1 / sum)
    if (settings.topP < 1) reduceToNucleus(probabilities, settings.topP, this.#likely)
    if (settings.waitGrid) moveWaits(probabilities, allowed, settings.waitGrid, shortestShift)
    return true
  }

  massesBefore(masses: Float64Array): void {
    const { probabilities } = this
    let mass = 0
    for (const [first, end] of DRAW_ORDER) {
      for (let event = first; event < end; event++) {
        if (first === TIME_SHIFT) masses[event - TIME_SHIFT] = mass
        mass += probabilities[event]!
      }
    }
    masses[MAX_SHIFT] = mass
  }

  draw(number: number): EventIndex {
    const { probabilities } = this
    let mass = 0
    let last = 0
    for (const [first, end] of DRAW_ORDER) {
      for (let event = first; event < end; event++) {
        if (probabilities[event] === 0) continue
        mass += probabilities[event]!
        last = event
        if (mass > number) return event
      }
    }
    // Rounding may leave the sum a little under 1. A number above the sum belongs to the last possible event.
    return last
  }

  drawShift(number: number, shortest: Steps, before: number): EventIndex {
    const { probabilities } = this
    let mass = before
    let last = 0
    for (let event = TIME_SHIFT + shortest - 1; event < VELOCITY; event++) {
      if (probabilities[event] === 0) continue
      mass += probabilities[event]!
      last = event
      if (mass > number) return event
    }
    return last
  }
}

/**
 * Writes to `probabilities` exp(logit / temperature) of the possible events, relative to the likeliest, and 0 for all others.
 * @returns their sum: at least 1, or 0 if no event is possible (then `probabilities` is as before)
 */
function softmax(
  probabilities: Float64Array,
  logits: Float32Array,
  temperature: number,
  allowed: Uint8Array,
  shortestShift: Steps,
): number {
  const first = shortestShift === 0 ? 0 : TIME_SHIFT + shortestShift - 1
  const end = shortestShift === 0 ? EVENT_COUNT : VELOCITY
  let top = Number.NEGATIVE_INFINITY
  for (let event = first; event < end; event++) {
    if (allowed[event] === 1 && logits[event]! > top) top = logits[event]!
  }
  if (top === Number.NEGATIVE_INFINITY) return 0
  const sharpness = 1 / temperature
  probabilities.fill(0)
  let sum = 0
  for (let event = first; event < end; event++) {
    if (allowed[event] === 0) continue
    const p = Math.exp((logits[event]! - top) * sharpness)
    probabilities[event] = p
    sum += p
  }
  return sum
}

/** Sets the shares within a class to those at `temperature * factor` and leaves the sum of the class as it was. */
function reshapeClass(
  probabilities: Float64Array,
  logits: Float32Array,
  [first, end]: EventClass,
  temperature: number,
  factor: number,
): void {
  if (factor === 1) return
  let mass = 0
  let top = Number.NEGATIVE_INFINITY
  for (let event = first; event < end; event++) {
    if (probabilities[event] === 0) continue
    mass += probabilities[event]!
    if (logits[event]! > top) top = logits[event]!
  }
  if (mass === 0) return
  let sum = 0
  for (let event = first; event < end; event++) {
    if (probabilities[event] === 0) continue
    const p = Math.exp((logits[event]! - top) / (temperature * factor))
    probabilities[event] = p
    sum += p
  }
  for (let event = first; event < end; event++) probabilities[event] = (probabilities[event]! * mass) / sum
}

/** Multiplies the shares of note-ons by `lean` [12], by pitch class, and leaves their sum as it was. */
function leanNotes(probabilities: Float64Array, lean: Float64Array): void {
  const [first, end] = NOTE_ONS
  let before = 0
  let after = 0
  for (let event = first; event < end; event++) {
    before += probabilities[event]!
    probabilities[event] = probabilities[event]! * lean[event % 12]!
    after += probabilities[event]!
  }
  if (after === 0) return
  for (let event = first; event < end; event++) {
    probabilities[event] = (probabilities[event]! * before) / after
  }
}

/** Multiplies `probabilities` by `weights`, both [388], and makes their sum 1. @returns false if nothing is left */
function weigh(probabilities: Float64Array, weights: Float64Array): boolean {
  let sum = 0
  for (let event = 0; event < EVENT_COUNT; event++) {
    probabilities[event] = probabilities[event]! * weights[event]!
    sum += probabilities[event]!
  }
  if (sum === 0) return false
  scale(probabilities, 1 / sum)
  return true
}

function scale(probabilities: Float64Array, factor: number): void {
  for (let event = 0; event < EVENT_COUNT; event++) probabilities[event] = probabilities[event]! * factor
}

/**
 * Leaves the likeliest events that together reach `share`, and all that are as likely as the last of them; their sum
 * becomes 1. `likely` [388] is scratch.
 */
function reduceToNucleus(probabilities: Float64Array, share: number, likely: Float64Array): void {
  // All events below this probability together have less mass than is cut off, so none of them is in the nucleus.
  const least = (1 - share) / EVENT_COUNT
  let count = 0
  for (let event = 0; event < EVENT_COUNT; event++) {
    if (probabilities[event]! >= least) likely[count++] = probabilities[event]!
  }
  const sorted = likely.subarray(0, count).sort()
  let reached = 0
  let last = 0
  for (let i = count - 1; i >= 0 && reached < share; i--) {
    last = sorted[i]!
    reached += last
  }
  let sum = 0
  for (let event = 0; event < EVENT_COUNT; event++) {
    if (probabilities[event]! < last) probabilities[event] = 0
    else sum += probabilities[event]!
  }
  scale(probabilities, 1 / sum)
}
