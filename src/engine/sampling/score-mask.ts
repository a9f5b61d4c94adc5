import type { ScorePlace } from '../form/score-place.js'
import {
  isNoteOff,
  isTimeShift,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  noteOff,
  PITCH_COUNT,
  shiftSteps,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import type { Pitch, Steps } from '../units.js'
import { LONGEST_HELD } from './event-mask.js'
import { type Moment, soundsAsOwn } from './moment.js'

/** A note lasts at least this share of its length in the score: shorter, legato turns into staccato. */
const LEAST_SHARE = 0.75
/** Nor does it last less than this, which would be a click. */
const CLICK: Steps = 4
/** A note may last this much longer than by the score, as under the pedal; more leaves the harmony before in the next. */
const LONGER_SHARE = 1.5
const LONGER: Steps = 40

/**
 * Reduces `allowed` [388] to what may follow `moment` on the way through its score: the notes that are due, each once and in order;
 * ends of notes within the limits of their lengths; waits that end in time for both. Loudness, timing and lengths within these are the
 * network's own. The notes of `others` [128] aren't ended. Leaves at least one event. Allocates nothing.
 */
export function limitToScore(allowed: Uint8Array, moment: Moment, others: Uint8Array): void {
  const { place, clock, previous } = moment
  const { due } = place
  allowed.fill(0)
  if (isVelocity(previous)) {
    allowed.set(due)
    return
  }
  const isOpen = place.outstanding > 0 && clock >= place.earliest
  if (isOpen) {
    allowed.set(due)
    allowed.fill(1, VELOCITY)
  }
  // As in history: ends of notes come before the notes struck at the same time, and a wait goes on as one wait.
  const isWaited = isTimeShift(previous)
  let firstEnd = Number.POSITIVE_INFINITY
  if (isWaited || isNoteOff(previous)) {
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
      if (mayEnd(moment, others, pitch)) allowed[noteOff(pitch)] = 1
  }
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (soundsAsOwn(moment, others, pitch)) firstEnd = Math.min(firstEnd, mustEndAt(moment, pitch))
  }
  const mayWait = !isOpen || place.began >= 0 || isNoteOff(previous)
  if (!mayWait) return
  const deadline = Math.min(firstEnd, place.outstanding > 0 ? place.latest : Number.POSITIVE_INFINITY)
  const longest = Math.min(MAX_SHIFT, deadline - clock)
  if (longest >= 1) openWaits(allowed, moment, others, longest)
}

/** Opens the waits of up to `longest` steps at whose end something can happen: a strike, the end of a note, or a further wait. */
function openWaits(allowed: Uint8Array, moment: Moment, others: Uint8Array, longest: Steps): void {
  const { place, clock } = moment
  let firstEnd = Number.POSITIVE_INFINITY
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (soundsAsOwn(moment, others, pitch)) firstEnd = Math.min(firstEnd, mayEndAt(moment, pitch))
  }
  const first = Math.max(1, Math.min(firstEnd, place.outstanding > 0 ? place.earliest : firstEnd) - clock)
  if (first <= longest) allowed.fill(1, TIME_SHIFT + first - 1, TIME_SHIFT + longest)
  if (longest === MAX_SHIFT) allowed[TIME_SHIFT + MAX_SHIFT - 1] = 1
}

/** The pitch that has sounded as long as it may, of those that `others` [128] doesn't mark; or -1. Allocates nothing. */
export function overdueEnd(moment: Moment, others: Uint8Array): Pitch {
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (soundsAsOwn(moment, others, pitch) && moment.clock >= mustEndAt(moment, pitch)) return pitch
  }
  return -1
}

function mayEnd(moment: Moment, others: Uint8Array, pitch: Pitch): boolean {
  return soundsAsOwn(moment, others, pitch) && moment.clock >= mayEndAt(moment, pitch)
}

function mayEndAt({ struckAt, place }: Moment, pitch: Pitch): Steps {
  return struckAt[pitch]! + Math.max(CLICK, Math.round(place.lengths[pitch]! * LEAST_SHARE))
}

function mustEndAt({ struckAt, place }: Moment, pitch: Pitch): Steps {
  const length = place.lengths[pitch]!
  const longest = Math.round(Math.max(length * LONGER_SHARE, length + LONGER))
  return struckAt[pitch]! + Math.min(longest, LONGEST_HELD)
}

/**
 * Writes to `weights` [388] how likely strikes at each time are made by the tempo, beside what the network thinks of them: 1
 * where the chord is due, falling off as a normal distribution.
 */
export function weighByTempo(weights: Float64Array, { place, clock }: Moment): void {
  weights.fill(1)
  if (place.outstanding === 0 || place.began >= 0) return
  const now = tempoWeight(place, clock)
  weights.fill(now, 0, NOTE_OFF)
  weights.fill(now, VELOCITY)
  for (let event = TIME_SHIFT; event < VELOCITY; event++) {
    const at = clock + shiftSteps(event)
    if (at >= place.earliest) weights[event] = tempoWeight(place, at)
  }
}

/** Half of the slack is one standard deviation. */
function tempoWeight({ dueAt, earliest, latest }: ScorePlace, at: Steps): number {
  const deviation = Math.max(1, (latest - earliest) / 4)
  return Math.exp(-(((at - dueAt) / deviation) ** 2) / 2)
}
