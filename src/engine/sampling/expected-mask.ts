import { type Expecting, earliestOf, isOutstanding, latestOf, reachOf } from '../form/expected-notes.js'
import {
  isNoteOn,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  noteOff,
  noteOn,
  PITCH_COUNT,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import type { Pitch, Steps } from '../units.js'
import { type Moment, SILENT } from './moment.js'

/** How strictly the music follows a list. */
export interface Strictness {
  /** Whether only the notes of the melody are expected. */
  readonly melodyOnly: boolean
  /** Whether other notes may be struck at any time, not only together with an expected one. */
  readonly othersBetween: boolean
}

/** Every note is expected, and others are struck together with them alone. */
export const STRICTLY: Strictness = { melodyOnly: false, othersBetween: false }

/** Notes before the next one among which the last note of the melody is sought: a bar's accompaniment has no more. */
const MELODY_REACH = 16

/**
 * Other notes may be struck up to this long after an expected one, as part of its chord. Later they would be heard as notes of
 * the melody's figures; sooner, chords could not be spread.
 */
const TOGETHER: Steps = 3

/**
 * Reduces `allowed` [388] to what may follow `moment` on the way through its expected notes. A wait may end within the time
 * of the next expected note but not pass over it, and at its end, after note-offs, the note must be struck; so velocity and
 * timing are still the network's own. A chord may be spread over waits for as long as its notes' tolerance lasts. Between
 * expected notes others may be struck, if the list allows them, below the melody. Expected notes that `allowed` has ruled out
 * already are ignored. Leaves at least one event wherever one was allowed. Allocates nothing.
 */
export function limitToExpected(
  allowed: Uint8Array,
  moment: Moment,
  { melodyOnly, othersBetween }: Strictness = STRICTLY,
): void {
  const { expecting, clock, previous } = moment
  const { list } = expecting
  if (list === null) return
  if (melodyOnly) closeAccompaniment(allowed, expecting)
  const deadline = deadlineAt(allowed, moment)
  if (!isAnyOpen(allowed, moment)) {
    // Velocities go with the notes that they are for.
    if (list.others === 0 || (!othersBetween && clock - expecting.struckAt > TOGETHER)) {
      allowed.fill(0, 0, NOTE_OFF)
      allowed.fill(0, VELOCITY)
    } else allowed.fill(0, Math.min(melodyFloor(moment), NOTE_OFF), NOTE_OFF)
    limitWaits(allowed, deadline - clock)
    return
  }
  closeUnexpected(allowed, moment)
  if (isVelocity(previous)) allowed.fill(0, NOTE_OFF)
  else if (isNoteOn(previous)) {
    allowed.fill(0, NOTE_OFF, TIME_SHIFT)
    limitWaits(allowed, deadline - clock)
  } else {
    // Ends of silent notes would let events pass without end before the note that is due.
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (moment.struckAt[pitch] === SILENT) allowed[noteOff(pitch)] = 0
    }
    allowed.fill(0, TIME_SHIFT, VELOCITY)
    if (list.isOneVoice) leaveEnds(allowed)
  }
}

/** Leaves note-offs alone, if any is allowed. */
function leaveEnds(allowed: Uint8Array): void {
  const firstEnd = allowed.indexOf(1, NOTE_OFF)
  if (firstEnd < 0 || firstEnd >= TIME_SHIFT) return
  allowed.fill(0, 0, NOTE_OFF)
  allowed.fill(0, TIME_SHIFT)
}

/** Whether a note of the list may be struck at `moment`, as far as `allowed` [388] allows it. Allocates nothing. */
function isAnyOpen(allowed: Uint8Array, moment: Moment): boolean {
  const { expecting, clock } = moment
  const { list } = expecting
  if (list === null) return false
  const end = reachOf(expecting)
  for (let n = expecting.next; n < end && earliestOf(expecting, n) <= clock; n++) {
    if (isOutstanding(expecting, n) && allowed[noteOn(list.notes[n]!.pitch)] === 1) return true
  }
  return false
}

/** The step at which the next of the outstanding notes must be struck; a wait may not pass over it. */
function deadlineAt(allowed: Uint8Array, { expecting, clock }: Moment): Steps {
  const { list } = expecting
  let deadline = clock + MAX_SHIFT
  const end = reachOf(expecting)
  for (let n = expecting.next; n < end; n++) {
    if (!isOutstanding(expecting, n) || allowed[noteOn(list!.notes[n]!.pitch)] === 0) continue
    if (earliestOf(expecting, n) > deadline) break
    deadline = Math.min(deadline, latestOf(expecting, n))
  }
  return deadline
}

/** Rules out the outstanding notes that don't belong to the melody. */
function closeAccompaniment(allowed: Uint8Array, expecting: Expecting): void {
  for (let n = expecting.next; n < reachOf(expecting); n++) {
    const { isMelody, pitch } = expecting.list!.notes[n]!
    if (!isMelody) allowed[noteOn(pitch)] = 0
  }
}

/** Clears in `allowed` [388] the waits of more than `longest` steps. Allocates nothing. */
export function limitWaits(allowed: Uint8Array, longest: Steps): void {
  allowed.fill(0, TIME_SHIFT + Math.min(Math.max(longest, 0), MAX_SHIFT), VELOCITY)
}

/** Closes all note-ons but those of expected notes that may be struck now. */
function closeUnexpected(allowed: Uint8Array, { expecting, clock }: Moment): void {
  const { list } = expecting
  const end = reachOf(expecting)
  const OPEN = 2
  for (let n = expecting.next; n < end && earliestOf(expecting, n) <= clock; n++) {
    const on = noteOn(list!.notes[n]!.pitch)
    if (isOutstanding(expecting, n) && allowed[on] === 1) allowed[on] = OPEN
  }
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) allowed[pitch] = allowed[pitch] === OPEN ? 1 : 0
}

/** The lowest pitch that would cover the melody: its last note or its next one, whichever is lower. */
function melodyFloor({ expecting }: Moment): Pitch {
  const { list, next } = expecting
  let floor = PITCH_COUNT
  for (let n = next; n < reachOf(expecting); n++) {
    if (!list!.notes[n]!.isMelody) continue
    floor = list!.notes[n]!.pitch
    break
  }
  for (let n = next - 1; n >= Math.max(0, next - MELODY_REACH); n--) {
    if (list!.notes[n]!.isMelody) return Math.min(floor, list!.notes[n]!.pitch)
  }
  return floor
}
