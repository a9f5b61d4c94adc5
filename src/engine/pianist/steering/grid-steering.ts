import type { EnsembleState } from '../../ensemble/ensemble.js'
import { isVelocity, MAX_SHIFT } from '../../language/events.js'
import { cellAt, evenTime, type Grid, pointBefore, timeOfPoint } from '../../language/grid.js'
import { GRID_LEAD_MS } from '../../plan/onset-pull.js'
import { CHORD_SPREAD, chordOf, type Moment } from '../../sampling/moment.js'
import type { WaitGrid } from '../../sampling/wait-grid.js'
import { STEP_MS, type Steps } from '../../units.js'

/**
 * A chord may be spread over this share of a cell, as pianists do: with more, its last notes are heard beside the grid; with less,
 * chords are struck more exactly than the network knows them.
 */
const SPREAD_SHARE = 1 / 8

/**
 * The share of the waits that are moved is the strength to this power. Each wait leads to the grid anew, so that the strength itself
 * as the share has nearly all of its effect at 0.5 (vector strength 0.85); with 2, the lower half of its range is hardly heard.
 */
const SHARE_POWER = 1.5

/** Leads the waits of the music to the points of a grid. */
export class GridSteering {
  readonly #ensemble: EnsembleState
  readonly #waits = {
    share: 0,
    shorter: new Int16Array(MAX_SHIFT + 1),
    longer: new Int16Array(MAX_SHIFT + 1),
    longerShare: new Float64Array(MAX_SHIFT + 1),
    postpone: 0,
    postponed: 0,
  }

  constructor(ensemble: EnsembleState) {
    this.#ensemble = ensemble
  }

  /** The step of an even bar that step `clock` is heard as: how late it is heard, and the swing, are taken out. */
  evenStep(clock: Steps): Steps {
    const { grid } = this.#ensemble
    if (grid === null) return clock
    return Math.round(evenTime(grid, clock * STEP_MS + GRID_LEAD_MS) / STEP_MS)
  }

  /** Where the waits at `moment` should end; undefined without a grid. Valid until the next call. Allocates nothing. */
  waits(moment: Moment): WaitGrid | undefined {
    const { grid } = this.#ensemble
    if (grid === null) return undefined
    const waits = this.#waits
    const { clock } = moment
    const chordFrom = chordOf(moment)
    const hasChord = moment.chordFrom === chordFrom
    let point = pointBefore(grid, clock * STEP_MS + GRID_LEAD_MS + STEP_MS / 2)
    let before = stepOf(grid, point) - clock
    // Where the last chord, or what happens now, is on the grid, the next note may still belong to it.
    const isOn = before >= chordFrom - clock
    const spread = Math.min(
      CHORD_SPREAD,
      Math.floor((SPREAD_SHARE * cellAt(grid, clock * STEP_MS + GRID_LEAD_MS)) / STEP_MS),
    )
    const ownSpread = chordFrom + spread - clock
    waits.share = grid.strength ** SHARE_POWER
    waits.postponed = waits.share ** 2
    let after = stepOf(grid, ++point) - clock
    // After a velocity its note must follow.
    waits.postpone = isOn || hasChord || isVelocity(moment.previous) ? 0 : Math.max(1, after)
    for (let length = 1; length <= MAX_SHIFT; length++) {
      while (after < length) {
        before = after
        after = stepOf(grid, ++point) - clock
      }
      const stays = hasChord && length <= ownSpread
      waits.longer[length] = stays ? length : after
      waits.shorter[length] = before > 0 ? before : isOn ? 0 : -1
      waits.longerShare[length] = (length - Math.max(before, 0)) / (after - Math.max(before, 0))
    }
    return waits
  }
}

/** The step at which a note must be planned to be heard on a grid point. */
function stepOf(grid: Grid, point: number): Steps {
  return Math.round((timeOfPoint(grid, point) - GRID_LEAD_MS) / STEP_MS)
}
