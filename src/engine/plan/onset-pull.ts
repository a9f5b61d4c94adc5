import { type Grid, nearestPoint } from '../language/grid.js'
import { CHORD_SPREAD, type Moment } from '../sampling/moment.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'

/**
 * With a grid the plan runs so far ahead of the beat, and every note is sent up to twice as much later than planned: so a note
 * that was planned a little late can still be sent earlier, and none before the horizon. It is one step, with which the
 * rounding of times to steps is undone. More would bring more notes to the grid that were not drawn there, but what a hand
 * changes would be heard later by as much.
 */
export const GRID_LEAD_MS: Ms = STEP_MS

/** What the times of the next notes depend on: where the last chord belongs, and when the last note was sent. */
export interface OnsetPull {
  /** The step of the chord's first note. */
  chordFrom: Steps
  /** Plan time of the grid point that all its notes are pulled to; null where there is no grid. */
  target: Ms | null
  /** Plan time at which the last note was sent. */
  lastOnset: Ms
}

/** The pull before the first note. */
export function firstPull(): OnsetPull {
  return { chordFrom: -1, target: null, lastOnset: Number.NEGATIVE_INFINITY }
}

/**
 * Moves `pull` past a note-on at `moment`. The notes of a chord are pulled to one point and come no further apart; none comes
 * before the note before it.
 * @returns how much later than planned the note is to be sent
 */
export function pullOnset(pull: OnsetPull, { clock, chordFrom }: Moment, grid: Grid | null): Ms {
  const from = clock - chordFrom <= CHORD_SPREAD ? chordFrom : clock
  if (pull.chordFrom !== from) {
    pull.chordFrom = from
    pull.target = grid && nearestPoint(grid, from * STEP_MS + GRID_LEAD_MS)
  }
  const at = clock * STEP_MS
  const later =
    grid === null || pull.target === null ? 0 : laterBy(at + GRID_LEAD_MS, pull.target, grid.strength)
  // In whole numbers, so that a note is never moved by a rounding error alone.
  pull.lastOnset = Math.max(pull.lastOnset, at + later)
  return pull.lastOnset - at
}

/** How much later a note that is expected at `at` is sent, to be nearer to `target`. */
function laterBy(at: Ms, target: Ms, strength: number): Ms {
  const pulled = strength * (target - at)
  return GRID_LEAD_MS + Math.min(Math.max(pulled, -GRID_LEAD_MS), GRID_LEAD_MS)
}
