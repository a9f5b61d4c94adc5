import {
  EVENT_COUNT,
  type EventIndex,
  MAX_SHIFT,
  NOTE_OFF,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import type { Steps } from '../units.js'

/** How the logits become a distribution. */
export interface DrawSettings {
  /** 0.1-2 on all events. */
  readonly temperature: number
  /** Factors 0.25-2 on the temperature within note-ons, time shifts and velocities. */
  readonly pitchTemperature: number
  readonly timingTemperature: number
  readonly dynamicsTemperature: number
  /** Nucleus 0.5-1 (Holtzman et al. 2020). */
  readonly topP: number
  /** Factors by pitch class on the shares of note-ons among each other, [12], or none. */
  readonly pitchLean?: Float64Array | undefined
}

/** The distribution of one draw; its buffers are used again by the next `shape`. */
export interface Distribution {
  /** Probabilities that `shape` made, [388], summing to 1. */
  readonly probabilities: Float64Array
  /**
   * Makes the distribution: temperature, masks and nucleus act on the full distribution, in this order.
   * A class's factor changes the shares within the class and keeps the class's mass. Allocates a view, no buffer.
   * @param allowed [388], 0 where an event is masked
   * @param from shifts under this many steps are masked too (0: none, and all else is as allowed)
   * @returns false if nothing remains
   */
  shape(logits: Float32Array, settings: DrawSettings, allowed: Uint8Array, from: Steps): boolean
  /** Writes into `masses` [101] at k - 1 the mass of all that comes before a shift of k steps in the order of draws; at 100 the whole. */
  massesBefore(masses: Float64Array): void
  /** The event at `number` in [0, 1): inverse cumulative in the order velocities, notes, shifts ascending. */
  draw(number: number): EventIndex
  /** As `draw`, among the shifts of at least `from` steps, given `before`, the mass of all else. */
  drawShift(number: number, from: Steps, before: number): EventIndex
}

/** Number of masses that `massesBefore` writes: one a shift, and the whole. */
export const MASS_COUNT = MAX_SHIFT + 1

/** First and past-the-last index of the four classes, in the order of draws. */
const VELOCITIES = [VELOCITY, EVENT_COUNT] as const
const NOTE_ONS = [0, NOTE_OFF] as const
const NOTE_OFFS = [NOTE_OFF, TIME_SHIFT] as const
const SHIFTS = [TIME_SHIFT, VELOCITY] as const
const DRAW_ORDER = [VELOCITIES, NOTE_ONS, NOTE_OFFS, SHIFTS] as const

/** A sampler with its own buffers. */
export function createDistribution(): Distribution {
  const probabilities = new Float64Array(EVENT_COUNT)
  const likely = new Float64Array(EVENT_COUNT)

  function shape(logits: Float32Array, settings: DrawSettings, allowed: Uint8Array, from: Steps): boolean {
    const first = from === 0 ? 0 : TIME_SHIFT + from - 1
    const end = from === 0 ? EVENT_COUNT : VELOCITY
    let top = Number.NEGATIVE_INFINITY
    for (let event = first; event < end; event++) {
      if (allowed[event] === 1 && logits[event]! > top) top = logits[event]!
    }
    if (top === Number.NEGATIVE_INFINITY) return false
    const sharpness = 1 / settings.temperature
    probabilities.fill(0)
    let sum = 0
    for (let event = first; event < end; event++) {
      if (allowed[event] === 0) continue
      const p = Math.exp((logits[event]! - top) * sharpness)
      probabilities[event] = p
      sum += p
    }
    reshapeClass(logits, NOTE_ONS, settings.temperature, settings.pitchTemperature)
    if (settings.pitchLean) leanNotes(settings.pitchLean)
    reshapeClass(logits, SHIFTS, settings.temperature, settings.timingTemperature)
    reshapeClass(logits, VELOCITIES, settings.temperature, settings.dynamicsTemperature)
    scale(1 / sum)
    if (settings.topP < 1) keepNucleus(settings.topP)
    return true
  }

  /** Shares within [first, end) as at `temperature * factor`, their sum as it was. */
  function reshapeClass(
    logits: Float32Array,
    [first, end]: readonly [number, number],
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

  /** Shares of note-ons by pitch class times `lean`, their sum as it was. */
  function leanNotes(lean: Float64Array): void {
    let before = 0
    let after = 0
    for (let event = NOTE_ONS[0]; event < NOTE_ONS[1]; event++) {
      before += probabilities[event]!
      probabilities[event] = probabilities[event]! * lean[event % 12]!
      after += probabilities[event]!
    }
    if (after === 0) return
    for (let event = NOTE_ONS[0]; event < NOTE_ONS[1]; event++) {
      probabilities[event] = (probabilities[event]! * before) / after
    }
  }

  function scale(factor: number): void {
    for (let event = 0; event < EVENT_COUNT; event++) probabilities[event] = probabilities[event]! * factor
  }

  /** Keeps the likeliest events that together reach `share` (and all as likely as the last of them). */
  function keepNucleus(share: number): void {
    // All events under this together have less than what is cut off: none of them can be in the nucleus.
    const least = (1 - share) / EVENT_COUNT
    let count = 0
    for (let event = 0; event < EVENT_COUNT; event++) {
      if (probabilities[event]! >= least) likely[count++] = probabilities[event]!
    }
    const sorted = likely.subarray(0, count).sort()
    let kept = 0
    let last = 0
    for (let i = count - 1; i >= 0 && kept < share; i--) {
      last = sorted[i]!
      kept += last
    }
    let sum = 0
    for (let event = 0; event < EVENT_COUNT; event++) {
      if (probabilities[event]! < last) probabilities[event] = 0
      else sum += probabilities[event]!
    }
    scale(1 / sum)
  }

  function massesBefore(masses: Float64Array): void {
    let mass = 0
    for (const [first, end] of DRAW_ORDER) {
      for (let event = first; event < end; event++) {
        if (first === TIME_SHIFT) masses[event - TIME_SHIFT] = mass
        mass += probabilities[event]!
      }
    }
    masses[MAX_SHIFT] = mass
  }

  function draw(number: number): EventIndex {
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
    // The sum may stop short of 1 by rounding; the number then belongs to the last event there is.
    return last
  }

  function drawShift(number: number, from: Steps, before: number): EventIndex {
    let mass = before
    let last = 0
    for (let event = TIME_SHIFT + from - 1; event < VELOCITY; event++) {
      if (probabilities[event] === 0) continue
      mass += probabilities[event]!
      last = event
      if (mass > number) return event
    }
    return last
  }

  return { probabilities, shape, massesBefore, draw, drawShift }
}
