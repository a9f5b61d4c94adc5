import type { Pitch, Steps, Velocity } from '../units.js'

/**
 * The event language: 388 classes (Simon & Oore 2017, "Performance RNN"; the words are Magenta's).
 *
 * | index | event |
 * |---|---|
 * | 0-127 | note-on of a pitch |
 * | 128-255 | note-off of a pitch |
 * | 256-355 | time-shift of 1-100 steps of 10 ms |
 * | 356-387 | velocity bin 1-32, for the note-ons after it |
 */
export type EventIndex = number
/** Velocity bin 1-32. */
export type VelocityBin = number

export const EVENT_COUNT = 388
/** First index of each kind of event. */
const NOTE_ON = 0
export const NOTE_OFF = 128
export const TIME_SHIFT = 256
export const VELOCITY = 356

export const PITCH_COUNT = 128
/** The longest single time-shift, 1 s. A longer wait is several shifts. */
export const MAX_SHIFT: Steps = 100

/** The input to the network before the first event of a performance: the longest time-shift, as after a silence. */
export const FIRST_INPUT: EventIndex = 355

/** Pitch 0-127 to its note-on event. Allocates nothing. */
export function noteOn(pitch: Pitch): EventIndex {
  return NOTE_ON + pitch
}

/** Pitch 0-127 to its note-off event. Allocates nothing. */
export function noteOff(pitch: Pitch): EventIndex {
  return NOTE_OFF + pitch
}

/** Steps 1-100 to the shift of that length. Allocates nothing. */
export function timeShift(steps: Steps): EventIndex {
  return TIME_SHIFT + steps - 1
}

/** Bin 1-32 to its velocity event. Allocates nothing. */
export function velocityEvent(bin: VelocityBin): EventIndex {
  return VELOCITY + bin - 1
}

export function isNoteOn(event: EventIndex): boolean {
  return event < NOTE_OFF
}

export function isNoteOff(event: EventIndex): boolean {
  return event >= NOTE_OFF && event < TIME_SHIFT
}

export function isTimeShift(event: EventIndex): boolean {
  return event >= TIME_SHIFT && event < VELOCITY
}

export function isVelocity(event: EventIndex): boolean {
  return event >= VELOCITY
}

/** Pitch of a note-on or note-off event; meaningless for the other kinds. */
export function eventPitch(event: EventIndex): Pitch {
  return event & 127
}

/** Length of a time-shift in steps 1-100; meaningless for the other kinds. */
export function shiftSteps(event: EventIndex): Steps {
  return event - TIME_SHIFT + 1
}

/** Bin 1-32 of a velocity event; meaningless for the other kinds. */
export function eventBin(event: EventIndex): VelocityBin {
  return event - VELOCITY + 1
}

/** Velocity 1-127 to its bin 1-32: floor((v - 1) / 4) + 1. */
export function velocityBin(velocity: Velocity): VelocityBin {
  return ((velocity - 1) >> 2) + 1
}

/** Bin 1-32 to the velocity it plays at, 1-125: 1 + 4 (bin - 1), the softest of the bin. */
export function binVelocity(bin: VelocityBin): Velocity {
  return 1 + 4 * (bin - 1)
}
