import { earliestOf, isAnyDue, latestOf } from '../form/expected-notes.js'
import {
  isTimeShift,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  noteOn,
  TIME_SHIFT,
  VELOCITY,
} from '../language/events.js'
import type { Pitch, Steps } from '../units.js'
import type { Moment } from './moment.js'

/**
 * Reduces `allowed` [388] to how a drummer comes in, with a bar that begins `toLine` steps after `moment`: no wait passes over the bar
 * line, and on it `kick` is struck first, if it may be. Leaves at least one event wherever one was allowed. Allocates nothing.
 */
export function limitToEntry(allowed: Uint8Array, { previous }: Moment, toLine: Steps, kick: Pitch): void {
  if (toLine > 0) {
    allowed.fill(0, TIME_SHIFT + Math.min(toLine, MAX_SHIFT), VELOCITY)
    return
  }
  if (allowed[noteOn(kick)] === 0) return
  allowed.fill(0, 0, VELOCITY)
  if (isVelocity(previous)) allowed.fill(0, VELOCITY)
  allowed[noteOn(kick)] = 1
}

/**
 * Writes to `weights` [388] how likely strokes after `moment` that aren't expected are made by the list's `others`. After a wait
 * drums know nothing but a stroke; so it is the waits that end where nothing is expected that become less likely, and the other
 * strokes beside one that was struck. Allocates nothing.
 * @returns false, with nothing written, where it changes nothing
 */
export function weighOtherStrokes(weights: Float64Array, { expecting, previous, clock }: Moment): boolean {
  const { list, next } = expecting
  // After a velocity its stroke must follow; and where an expected stroke is due, no other may be struck anyway.
  if (list === null || list.others === 1 || isVelocity(previous) || isAnyDue(expecting, clock)) return false
  const { others } = list
  weights.fill(others)
  // Waits are at least the step that leads on.
  const first = Math.min(Math.max(earliestOf(expecting, next) - clock, 1), MAX_SHIFT)
  const last = Math.min(Math.max(latestOf(expecting, next) - clock, first), MAX_SHIFT)
  weights.fill(1, TIME_SHIFT + first - 1, TIME_SHIFT + last)
  if (isTimeShift(previous)) {
    weights.fill(1, 0, NOTE_OFF)
    weights.fill(1, VELOCITY)
  }
  return true
}
