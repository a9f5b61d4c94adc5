import { type Grid, nearestPoint } from '../language/grid.js'
import { chordOf, type Moment, SILENT } from '../sampling/moment.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'

/**
 * With a grid the plan runs so far ahead of the beat, and every note is sent up to twice as much later than planned: so a note
 * that was planned a little late can still be sent earlier, and none before the horizon. It is one step, with which the
 * rounding of times to steps is undone. More would bring more notes to the grid that were not drawn there, but what a hand
 * changes would be heard later by as much.
 */
export const GRID_LEAD_MS: Ms = STEP_MS

/** What the times of the next notes depend on: how far the last chord was moved, and when the last note was sent. */
export interface OnsetPull {
  /** The step of the chord's first note. */
  chordFrom: Steps
  /** How much later than planned its notes are sent. */
  later: Ms
  /** Plan time at which the last note was sent. */
  lastOnset: Ms
}

/** The pull before the first note. */
export function firstPull(): OnsetPull {
  return { chordFrom: SILENT, later: 0, lastOnset: Number.NEGATIVE_INFINITY }
}

/**
 * Moves `pull` past a note-on at `moment`. All notes of a chord are moved by as much; none comes before the note before it.
 * @returns how much later than planned the note is to be sent
 */
export function pullOnset(pull: OnsetPull, moment: Moment, grid: Grid | null): Ms {
  const from = chordOf(moment)
  const at = moment.clock * STEP_MS
  if (pull.chordFrom !== from) {
    pull.chordFrom = from
    const later = grid === null ? 0 : laterBy(from * STEP_MS, grid)
    pull.later = Math.max(later, pull.lastOnset - at)
  }
  pull.lastOnset = at + pull.later
  return pull.later
}

function laterBy(at: Ms, grid: Grid): Ms {
  const heard = at + GRID_LEAD_MS
  const pulled = grid.strength * (nearestPoint(grid, heard) - heard)
  return GRID_LEAD_MS + Math.min(Math.max(pulled, -GRID_LEAD_MS), GRID_LEAD_MS)
}
