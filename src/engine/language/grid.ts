import type { Ms } from '../units.js'
import { beatAt, type Pulse, timeOf } from './pulse.js'

/** The grids that music can be drawn to, by the length of a cell as a note value; T is for triplets. */
export const GRIDS = ['1/4', '1/8', '1/8T', '1/16', '1/16T', '1/32'] as const
export type GridName = (typeof GRIDS)[number]

/** Places in the time of a song where notes belong, and how strongly they are drawn there. */
export interface Grid {
  readonly name: GridName
  readonly pulse: Pulse
  /** Above 0: how strongly, up to 1. */
  readonly strength: number
  /** The place of the second eighth in its beat, in percent: 50 is straight, 66 a triplet's third note. */
  readonly swing: number
}

/** Cells of a beat, which is a quarter note. */
const CELLS: Readonly<Record<GridName, number>> = {
  '1/4': 1,
  '1/8': 2,
  '1/8T': 3,
  '1/16': 4,
  '1/16T': 6,
  '1/32': 8,
}

/** Number of the last grid point at plan time `at` or before it; points are counted from beat 0 of the song. */
export function pointBefore({ name, pulse, swing }: Grid, at: Ms): number {
  const beat = beatAt(pulse, at)
  const whole = Math.floor(beat)
  const cells = CELLS[name]
  // A time on a point must not fall before it by rounding.
  return cells * whole + Math.floor(cells * straightened(beat - whole, middleOf(cells, swing)) + 1e-9)
}

/** Plan time of grid point number `point`. */
export function timeOfPoint({ name, pulse, swing }: Grid, point: number): Ms {
  const cells = CELLS[name]
  const whole = Math.floor(point / cells)
  return timeOf(pulse, whole + swung(point / cells - whole, middleOf(cells, swing)))
}

/** Plan time of the grid point nearest to plan time `at`. */
export function nearestPoint(grid: Grid, at: Ms): Ms {
  const point = pointBefore(grid, at)
  const [before, after] = [timeOfPoint(grid, point), timeOfPoint(grid, point + 1)]
  return at - before <= after - at ? before : after
}

/** The length of the cell at plan time `at`. */
export function cellAt(grid: Grid, at: Ms): Ms {
  const point = pointBefore(grid, at)
  return timeOfPoint(grid, point + 1) - timeOfPoint(grid, point)
}

/** The length of the longest cell. */
export function widestCell({ name, pulse, swing }: Grid): Ms {
  const cells = CELLS[name]
  return (2 * middleOf(cells, swing) * pulse.beatMs) / cells
}

/** Where the second eighth of a beat lies, 0-1. Quarters have none, and triplets are no eighths: they don't swing. */
function middleOf(cells: number, swing: number): number {
  return cells % 2 === 0 && cells % 3 !== 0 ? swing / 100 : 0.5
}

/** The place in a swung beat of what is at place 0-1 of a straight one. */
function swung(place: number, middle: number): number {
  return place < 0.5 ? 2 * place * middle : middle + (2 * place - 1) * (1 - middle)
}

function straightened(place: number, middle: number): number {
  return place < middle ? place / middle / 2 : (1 + (place - middle) / (1 - middle)) / 2
}
