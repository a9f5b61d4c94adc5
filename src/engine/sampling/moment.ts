import { copyExpecting, type Expecting, expectNothing, passExpected } from '../form/expected-notes.js'
import { copyForm, type FormState, firstForm, shiftForm } from '../form/form-state.js'
import { copyPlace, firstPlace, passScore, type ScorePlace, shiftPlace } from '../form/score-place.js'
import { copyTide, firstTide, type Tide } from '../form/tide.js'
import { copyGroove, firstGroove, type Groove } from '../groove/groove.js'
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
  type VelocityBin,
} from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import { type Pitch, STEP_MS, type Steps, type Velocity } from '../units.js'
import { copyStrikes, noStrikes, type OwnStrikes, shiftStrikes } from './own-strikes.js'

/**
 * The state of a performance before an event: everything that the draw of the event depends on, apart from the network's
 * state, the controls and chance. All times are on the event clock, so that going back to a moment and on from there gives
 * the same music whenever that happens.
 */
export interface Moment {
  /** The event before this moment: the network's next input. */
  previous: EventIndex
  /** Random numbers used up in this run. */
  draws: number
  /** Time on the event clock. */
  clock: Steps
  /** Velocity bin of the next note-ons, 1-32. */
  bin: VelocityBin
  /** Whether notes last until a note-off; the strokes of percussion have no note-offs. */
  hasEnds: boolean
  /** When each pitch was struck, [128]; {@link SILENT} for one that doesn't sound. */
  readonly struckAt: Int32Array
  /** Number of pitches that sound. */
  sounding: number
  /** Number of events since the last time-shift. */
  sinceShift: number
  /** Pitch of a note-on that waits for room under the polyphony limit, or -1. */
  waiting: Pitch
  /** Running mean of the velocities played. */
  meanVelocity: number
  /** Counts of the pitch classes struck, [12], fading with {@link FADE_MS}, as of `recentAt`. */
  readonly recentPitchClasses: Float64Array
  /** Note-ons per second, fading with {@link FADE_MS}, as of `recentAt`. */
  recentDensity: number
  recentAt: Steps
  /** The event clock at which the last note ended; meaningful only if no note sounds. */
  silentFrom: Steps
  /** When a note was last struck, by the pianist or the player; {@link SILENT} before the first. */
  lastStrike: Steps
  /** When the first note of the last chord was struck: see {@link CHORD_SPREAD}; {@link SILENT} before the first. */
  chordFrom: Steps
  /** The pianist's own last strikes. */
  readonly own: OwnStrikes
  /** The aims of the music as long as nobody steers it. */
  readonly tide: Tide
  /** The place in the form of the music, and what is remembered of it. */
  readonly form: FormState
  /** The notes that the music is drawn towards. */
  readonly expecting: Expecting
  /** The place in the score that is played. */
  readonly place: ScorePlace
  /** What a drummer remembers of his bars. */
  readonly groove: Groove
}

/** The value of `struckAt` for a pitch that doesn't sound. */
export const SILENT: Steps = -1

/** Notes that are struck within so many steps after a first one are its chord: 35 ms, rounded down. */
export const CHORD_SPREAD: Steps = 3

/** Velocity bin before the first velocity event; it plays at 61, about the mean velocity of MAESTRO. */
const FIRST_BIN = 16

/** Notes that the running mean of velocities spans: fewer follow single accents, more lag behind a crescendo. */
const MEAN_NOTES = 16

/**
 * Time constant with which the counts of pitch classes and the density fade. A shorter one forgets the harmony between two
 * chords, a longer one still remembers the passage before. (The windows of rubato-piano's model card are 3 and 5 s.)
 */
const FADE_MS = 4000

/** The moment before the first event of a performance that begins at `clock`. `seed` (0 to 2^32 - 1) chooses its tides. */
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
    chordFrom: SILENT,
    own: noStrikes(),
    tide: firstTide(seed, densities),
    form: firstForm(clock),
    expecting: expectNothing(),
    place: firstPlace(),
    groove: firstGroove(),
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
  to.chordFrom = from.chordFrom
  copyStrikes(from.own, to.own)
  copyTide(from.tide, to.tide)
  copyForm(from.form, to.form)
  copyExpecting(from.expecting, to.expecting)
  copyPlace(from.place, to.place)
  copyGroove(from.groove, to.groove)
}

/** Moves the moment, and every time that it remembers, later by `by` steps (below 0: earlier). Allocates nothing. */
export function shiftMoment(moment: Moment, by: Steps): void {
  moment.clock += by
  moment.recentAt += by
  moment.silentFrom += by
  if (moment.lastStrike !== SILENT) moment.lastStrike += by
  if (moment.chordFrom !== SILENT) moment.chordFrom += by
  shiftStrikes(moment.own, by)
  moment.tide.until += by
  shiftForm(moment.form, by)
  moment.expecting.from += by
  moment.expecting.struckAt += by
  shiftPlace(moment.place, by)
  moment.groove.barAt += by
  moment.groove.nextAt += by
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (moment.struckAt[pitch] !== SILENT) moment.struckAt[pitch] = moment.struckAt[pitch]! + by
  }
}

/** The step of the first note of the chord that a note at this moment belongs to: the moment itself if it begins one. */
export function chordOf({ clock, chordFrom }: Moment): Steps {
  return chordFrom !== SILENT && clock - chordFrom <= CHORD_SPREAD ? chordFrom : clock
}

/** The velocity of a note-on at this moment. */
export function momentVelocity(moment: Moment): Velocity {
  return binVelocity(moment.bin)
}

/**
 * The pitch that has sounded longest (of several the lowest), if it has sounded for at least `age` steps; else -1. Pitches
 * that `others` [128] marks are left out, and so is `except`.
 */
export function oldestSounding(moment: Moment, age: Steps, others: Uint8Array, except: Pitch = -1): Pitch {
  let oldest = -1
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    const at = moment.struckAt[pitch]!
    if (at === SILENT || moment.clock - at < age || pitch === except || others[pitch] === 1) continue
    if (oldest < 0 || at < moment.struckAt[oldest]!) oldest = pitch
  }
  return oldest
}

/** Whether a note of `pitch` sounds that isn't the others', which `others` [128] marks. Allocates nothing. */
export function soundsAsOwn(moment: Moment, others: Uint8Array, pitch: Pitch): boolean {
  return moment.struckAt[pitch] !== SILENT && others[pitch] === 0
}

/** Moves `moment` past `event`. A note-off of a silent pitch changes only `previous` and `sinceShift`. Allocates nothing. */
export function passEvent(moment: Moment, event: EventIndex): void {
  moment.previous = event
  moment.sinceShift++
  if (isNoteOn(event)) strike(moment, eventPitch(event))
  else if (isNoteOff(event)) release(moment, eventPitch(event))
  else if (isTimeShift(event)) {
    moment.clock += shiftSteps(event)
    moment.sinceShift = 0
  } else moment.bin = eventBin(event)
  passExpected(moment.expecting, event, moment.clock)
  passScore(moment.place, event, moment.clock)
}

function strike(moment: Moment, pitch: Pitch): void {
  moment.lastStrike = moment.clock
  moment.chordFrom = chordOf(moment)
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
