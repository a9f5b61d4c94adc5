import {
  EVENT_COUNT,
  type EventIndex,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  noteOff,
  noteOn,
  PITCH_COUNT,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import type { DrawPolicy } from './draw-policy.js'
import { type Moment, oldestSounding, SILENT, soundsAsOwn } from './moment.js'

/** A note isn't cut for polyphony before it has sounded this long: a shorter note is a click, a longer limit blocks fast runs. */
const LEAST_SOUNDING: Steps = 40 / STEP_MS

/**
 * A note held this long in history is ended. No piano sounds longer and the network has never seen a longer note, so a
 * higher limit would leave what the network knows; a lower one would cut real notes.
 */
export const LONGEST_HELD: Steps = 12_000 / STEP_MS

/**
 * After this many events at one instant only a wait is allowed. When a pedal lifts, 60 notes can end at once; without a
 * limit a distribution at a high temperature could stop time.
 */
const MOST_AT_ONCE = 128

/**
 * Once a silence has lasted this long, the next waits may not prolong it beyond LONGEST_SILENCE. A smaller value would
 * spoil the ends of phrases and would act more than a few times an hour; a larger one would let a single wait of 1 s go
 * beyond LONGEST_SILENCE.
 */
const GUARDED_SILENCE: Steps = 2500 / STEP_MS

/**
 * The longest silence. Listeners would take a longer one for the end of the music; a lower limit would cut off rests that
 * belong to the music.
 */
const LONGEST_SILENCE: Steps = 3500 / STEP_MS

/** Whether so many events have come at one instant that only a wait may follow, whatever else asks for an event. */
export function mustWait(moment: Moment): boolean {
  return moment.sinceShift >= MOST_AT_ONCE
}

/** A mask in which everything is allowed, [388]. */
export function createMask(): Uint8Array {
  return new Uint8Array(EVENT_COUNT).fill(1)
}

/**
 * Writes to `allowed` [388] the mask at `moment`: note-ons as `noteOns` [128] says, as far as polyphony has room for them,
 * and no event of a pitch that `others` [128] marks. Allocates nothing.
 */
export function maskMoment(
  allowed: Uint8Array,
  moment: Moment,
  noteOns: Uint8Array,
  polyphony: number,
  others: Uint8Array,
): void {
  if (mustWait(moment)) {
    allowed.fill(0)
    allowed.fill(1, TIME_SHIFT, VELOCITY)
    return
  }
  allowed.fill(1)
  if (!moment.hasEnds) allowed.fill(0, NOTE_OFF, TIME_SHIFT)
  allowed.set(noteOns)
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (others[pitch] === 0) continue
    allowed[noteOn(pitch)] = 0
    allowed[noteOff(pitch)] = 0
  }
  if (moment.sounding < polyphony) return
  const own = countOwn(moment, others)
  if (own < polyphony) return
  let yielding = 0
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) if (mayYield(moment, others, pitch)) yielding++
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    const rest = yielding - (mayYield(moment, others, pitch) ? 1 : 0)
    if (rest < tooMany(moment, own, polyphony, pitch)) allowed[pitch] = 0
  }
}

/** The number of sounding notes that aren't the others'. */
function countOwn(moment: Moment, others: Uint8Array): number {
  let own = moment.sounding
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (others[pitch] === 1 && moment.struckAt[pitch] !== SILENT) own--
  }
  return own
}

/** After a long silence, masks the waits that would make it too long, provided that a note may be struck. Allocates nothing. */
export function guardSilence(allowed: Uint8Array, moment: Moment): void {
  const silent = moment.clock - moment.silentFrom
  if (moment.sounding > 0 || silent < GUARDED_SILENCE || mustWait(moment)) return
  const firstAllowed = allowed.indexOf(1)
  if (firstAllowed < 0 || firstAllowed >= NOTE_OFF) return
  allowed.fill(0, TIME_SHIFT + Math.max(0, LONGEST_SILENCE - silent), VELOCITY)
}

/** Whether the note of `pitch` may be ended to make room for another. */
function mayYield(moment: Moment, others: Uint8Array, pitch: Pitch): boolean {
  return soundsAsOwn(moment, others, pitch) && moment.clock - moment.struckAt[pitch]! >= LEAST_SOUNDING
}

/** How many other notes must end before `pitch` may be struck. */
function tooMany(moment: Moment, own: number, polyphony: number, pitch: Pitch): number {
  const rest = own - (moment.struckAt[pitch] === SILENT ? 0 : 1)
  return Math.max(0, rest + 1 - polyphony)
}

/** The pitch that must end before `pitch` may be struck at `moment`, or -1 when there is room. */
export function offBeforeStrike(moment: Moment, policy: DrawPolicy, pitch: Pitch): Pitch {
  const own = countOwn(moment, policy.others)
  if (tooMany(moment, own, policy.polyphony, pitch) === 0) return -1
  return oldestSounding(moment, LEAST_SOUNDING, policy.others, pitch)
}

/**
 * The event that a rule puts at `moment` in place of a draw, or -1: a note-off that makes room for a waiting note-on, that
 * note-on, or the note-off of a note that has sounded long enough.
 */
export function forcedEvent(moment: Moment, policy: DrawPolicy): EventIndex {
  if (moment.waiting >= 0) {
    const off = offBeforeStrike(moment, policy, moment.waiting)
    return off >= 0 ? noteOff(off) : noteOn(moment.waiting)
  }
  const held = oldestSounding(moment, LONGEST_HELD, policy.others)
  const ended = held >= 0 ? held : policy.mustEnd(moment)
  return ended >= 0 ? noteOff(ended) : -1
}

/**
 * Allows only waits of at most `longest` steps. From the longest shift on it allows that shift alone, as history splits
 * long waits.
 */
export function allowOnlyWaits(allowed: Uint8Array, longest: Steps): void {
  allowed.fill(0)
  if (longest < MAX_SHIFT) allowed.fill(1, TIME_SHIFT, TIME_SHIFT + longest)
  else allowed[TIME_SHIFT + MAX_SHIFT - 1] = 1
}

/** Allows only a note-on, or the velocity before it, if any note may be struck. */
export function strikeNow(allowed: Uint8Array, moment: Moment): void {
  const open = allowed.indexOf(1)
  if (open < 0 || open >= PITCH_COUNT) return
  allowed.fill(0, PITCH_COUNT, VELOCITY)
  if (isVelocity(moment.previous)) allowed.fill(0, VELOCITY)
}
