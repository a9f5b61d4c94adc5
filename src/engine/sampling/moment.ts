import {
  binVelocity,
  type EventIndex,
  eventBin,
  eventPitch,
  FIRST_INPUT,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  PITCH_COUNT,
  shiftSteps,
} from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { Pitch, Steps, Velocity } from '../units.js'
import { STEP_MS } from '../units.js'
import { copyTide, firstTide, type Tide } from './tide.js'

/**
 * Where a performance stands before an event: all that the event's draw depends on, besides the network's state,
 * the controls and chance. Everything here is kept in event time, so that going back to a moment and on from it
 * again gives the same music whenever that happens.
 */
export interface Moment {
  /** The event before this moment: the network's next input. */
  previous: EventIndex
  /** Random numbers used up in this run. */
  draws: number
  /** Event clock. */
  clock: Steps
  /** Velocity bin for the next note-ons, 1-32. */
  bin: number
  /** Whether notes last until they are ended; percussion only strikes. */
  hasEnds: boolean
  /** When each pitch was struck, or SILENT. */
  readonly struckAt: Int32Array
  sounding: number
  /** Events since the clock last moved. */
  sinceShift: number
  /** A note-on that waits for room under the polyphony limit, or -1. */
  waiting: Pitch
  /** Running mean of the velocities played. */
  meanVelocity: number
  /** Fading counts of the pitch classes played, up to `recentAt`. */
  readonly recentPitchClasses: Float64Array
  /** Note-ons per second, fading, up to `recentAt`. */
  recentDensity: number
  recentAt: Steps
  /** The last note ended then, if none sounds. */
  silentFrom: Steps
  /** A note was last struck then, by whomever. */
  lastStrike: Steps
  /** What the music aims at where nobody steers it. */
  readonly tide: Tide
}

export const SILENT: Steps = -1

/** Velocity bin before the first velocity event, 61: about MAESTRO's mean. */
const FIRST_BIN = 16

/** The running mean velocity follows the last 16 notes or so: shorter follows single accents, longer lags a crescendo. */
const MEAN_NOTES = 16

/**
 * Pitch classes and density fade with this time constant: shorter forgets the harmony between two chords,
 * longer still remembers the passage before. The card's windows are 3 and 5 s.
 */
const FADE_MS = 4000

/** The moment before the first event of a performance, at event clock `clock`; `seed` chooses its tides. */
export function firstMoment(clock: Steps, seed = 0, { hasEnds = true, densities }: Idiom = {}): Moment {
  return {
    previous: FIRST_INPUT,
    draws: 0,
    clock,
    bin: FIRST_BIN,
    hasEnds,
    struckAt: new Int32Array(PITCH_COUNT).fill(SILENT),
    sounding: 0,
    sinceShift: 0,
    waiting: -1,
    meanVelocity: binVelocity(FIRST_BIN),
    recentPitchClasses: new Float64Array(12),
    recentDensity: 0,
    recentAt: clock,
    silentFrom: clock,
    lastStrike: SILENT,
    tide: firstTide(seed, densities),
  }
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyMoment(from: Moment, to: Moment): void {
  to.previous = from.previous
  to.draws = from.draws
  to.clock = from.clock
  to.bin = from.bin
  to.hasEnds = from.hasEnds
  to.struckAt.set(from.struckAt)
  to.sounding = from.sounding
  to.sinceShift = from.sinceShift
  to.waiting = from.waiting
  to.meanVelocity = from.meanVelocity
  to.recentPitchClasses.set(from.recentPitchClasses)
  to.recentDensity = from.recentDensity
  to.recentAt = from.recentAt
  to.silentFrom = from.silentFrom
  to.lastStrike = from.lastStrike
  copyTide(from.tide, to.tide)
}

/** Moves the moment in time, `by` steps, with all that it remembers of when. Allocates nothing. */
export function shiftMoment(moment: Moment, by: Steps): void {
  moment.clock += by
  moment.recentAt += by
  moment.silentFrom += by
  if (moment.lastStrike !== SILENT) moment.lastStrike += by
  moment.tide.until += by
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (moment.struckAt[pitch] !== SILENT) moment.struckAt[pitch] = moment.struckAt[pitch]! + by
  }
}

/** The velocity at which a note-on at this moment plays. */
export function momentVelocity(moment: Moment): Velocity {
  return binVelocity(moment.bin)
}

/**
 * The pitch that has sounded longest (the lowest of several), if it has for `age` steps; else -1. `but` is passed over,
 * and so are the `others` [128].
 */
export function oldestSounding(moment: Moment, age: Steps, others: Uint8Array, but: Pitch = -1): Pitch {
  let oldest = -1
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    const at = moment.struckAt[pitch]!
    if (at === SILENT || moment.clock - at < age || pitch === but || others[pitch] === 1) continue
    if (oldest < 0 || at < moment.struckAt[oldest]!) oldest = pitch
  }
  return oldest
}

/** Moves `moment` past `event`. A note-off for a silent pitch changes nothing but the input. Allocates nothing. */
export function passEvent(moment: Moment, event: EventIndex): void {
  moment.previous = event
  moment.sinceShift++
  if (isNoteOn(event)) strike(moment, eventPitch(event))
  else if (isNoteOff(event)) release(moment, eventPitch(event))
  else if (isTimeShift(event)) {
    moment.clock += shiftSteps(event)
    moment.sinceShift = 0
  } else moment.bin = eventBin(event)
}

function strike(moment: Moment, pitch: Pitch): void {
  moment.lastStrike = moment.clock
  if (moment.hasEnds) {
    release(moment, pitch)
    moment.struckAt[pitch] = moment.clock
    moment.sounding++
  } else moment.silentFrom = moment.clock
  if (moment.waiting === pitch) moment.waiting = -1
  moment.meanVelocity += (momentVelocity(moment) - moment.meanVelocity) / MEAN_NOTES
  const fade = Math.exp(((moment.recentAt - moment.clock) * STEP_MS) / FADE_MS)
  for (let pc = 0; pc < 12; pc++) moment.recentPitchClasses[pc] = moment.recentPitchClasses[pc]! * fade
  moment.recentPitchClasses[pitch % 12] = moment.recentPitchClasses[pitch % 12]! + 1
  moment.recentDensity = moment.recentDensity * fade + 1000 / FADE_MS
  moment.recentAt = moment.clock
}

function release(moment: Moment, pitch: Pitch): void {
  if (moment.struckAt[pitch] === SILENT) return
  moment.struckAt[pitch] = SILENT
  moment.sounding--
  moment.silentFrom = moment.clock
}
