import {
  EVENT_COUNT,
  type EventIndex,
  NOTE_OFF,
  noteOff,
  noteOn,
  PITCH_COUNT,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import type { DrawPolicy } from './draw-policy.js'
import { type Moment, oldestSounding, SILENT } from './moment.js'

/** A note is not cut for polyphony before it has sounded 40 ms: shorter clicks, longer blocks fast runs. */
const LEAST_SOUNDING: Steps = 4

/** A note held 12 s in history is ended there: longer is no piano, and the network never saw it. */
export const LONGEST_HELD: Steps = 1200

/**
 * Events at one instant before only a wait is allowed. The release of a pedal can end 60 notes at once; without a
 * bound a hot distribution could stop time.
 */
const MOST_AT_ONCE = 128

/**
 * A silence of this length is guarded: from here on the music may wait no longer than LONGEST_SILENCE in all. Sooner
 * would spoil the ends of phrases, and act more than a few times an hour.
 */
const GUARDED_SILENCE: Steps = 2500 / STEP_MS

/** A listener takes a longer one for the end. */
const LONGEST_SILENCE: Steps = 3500 / STEP_MS

/** A mask in which everything is allowed, [388]. */
export function createMask(): Uint8Array {
  return new Uint8Array(EVENT_COUNT).fill(1)
}

/**
 * The mask at `moment`: note-ons as `noteOns` [128] says and as far as polyphony has room for them.
 * Allocates nothing.
 */
export function maskMoment(
  allowed: Uint8Array,
  moment: Moment,
  noteOns: Uint8Array,
  polyphony: number,
  others: Uint8Array,
): void {
  if (moment.sinceShift >= MOST_AT_ONCE) {
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

/** Notes that sound, but not the others'. */
function countOwn(moment: Moment, others: Uint8Array): number {
  let own = moment.sounding
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (others[pitch] === 1 && moment.struckAt[pitch] !== SILENT) own--
  }
  return own
}

/** After a long silence, shuts waits that would make it longer still, if a note may be struck. Allocates nothing. */
export function guardSilence(allowed: Uint8Array, moment: Moment): void {
  const silent = moment.clock - moment.silentFrom
  if (moment.sounding > 0 || silent < GUARDED_SILENCE || moment.sinceShift >= MOST_AT_ONCE) return
  const open = allowed.indexOf(1)
  if (open < 0 || open >= NOTE_OFF) return
  allowed.fill(0, TIME_SHIFT + Math.max(0, LONGEST_SILENCE - silent), VELOCITY)
}

function mayYield(moment: Moment, others: Uint8Array, pitch: Pitch): boolean {
  const struckAt = moment.struckAt[pitch]!
  return struckAt !== SILENT && others[pitch] === 0 && moment.clock - struckAt >= LEAST_SOUNDING
}

/** How many other notes must end before `pitch` may be struck. */
function tooMany(moment: Moment, own: number, polyphony: number, pitch: Pitch): number {
  const rest = own - (moment.struckAt[pitch] === SILENT ? 0 : 1)
  return Math.max(0, rest + 1 - polyphony)
}

/** The pitch that must end before `pitch` may be struck at `moment`, or -1 when there is room. */
export function offBeforeStrike(moment: Moment, guide: DrawPolicy, pitch: Pitch): Pitch {
  const own = countOwn(moment, guide.others)
  if (tooMany(moment, own, guide.polyphony, pitch) === 0) return -1
  return oldestSounding(moment, LEAST_SOUNDING, guide.others, pitch)
}

/** The event that a rule puts at `moment` instead of a draw, or -1: room for a waiting note, the note, a note's end. */
export function forcedEvent(moment: Moment, guide: DrawPolicy): EventIndex {
  if (moment.waiting >= 0) {
    const off = offBeforeStrike(moment, guide, moment.waiting)
    return off >= 0 ? noteOff(off) : noteOn(moment.waiting)
  }
  const held = oldestSounding(moment, LONGEST_HELD, guide.others)
  const ended = held >= 0 ? held : guide.mustEnd(moment)
  return ended >= 0 ? noteOff(ended) : -1
}
