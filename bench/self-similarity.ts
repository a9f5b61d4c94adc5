import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'
import { figuresOf } from './returning-figures.js'
import { topVoice } from './top-voice.js'

/** Length of a cell. Shorter ones hold too few figures to compare; longer ones are too coarse for a phrase. */
export const CELL: Ms = 2500

/** The most that is shown of a file, in cells: 10 minutes. */
const MOST_CELLS = 240

/** Notes of the figures that are compared. Shorter figures agree by chance, and scales everywhere; longer ones too seldom. */
const FIGURE_NOTES = 5

/** A cell with fewer figures than this is compared as if it had so many: one alone would make it wholly like another. */
const LEAST_FIGURES = 4

/**
 * How alike the parts of a performance are: a square, [cell][cell], of the first 10 minutes in cells of 2.5 s. 1 where two cells
 * have the same figures, 0 where they share none: the number of figures shared (each as often as both have it) by the number
 * in the fuller cell. After Foote (1999), who compares sounds; here figures of the top voice are compared, by their intervals,
 * so that a melody is like itself in another key, and two passages over the same chord aren't alike.
 */
export function selfSimilarity(notes: readonly Note[]): number[][] {
  const cells = cellsOf(notes)
  return cells.map((a) => cells.map((b) => shared(a, b) / Math.max(LEAST_FIGURES, sizeOf(a), sizeOf(b))))
}

/** How often each figure starts in a cell. */
type Cell = ReadonlyMap<string, number>

function cellsOf(notes: readonly Note[]): Cell[] {
  const from = notes[0]?.start ?? 0
  const length = (notes.at(-1)?.start ?? 0) - from
  const count = Math.min(MOST_CELLS, Math.floor(length / CELL) + 1)
  const cells = Array.from({ length: count }, () => new Map<string, number>())
  for (const { intervals, at } of figuresOf(topVoice(notes), FIGURE_NOTES)) {
    const cell = cells[Math.floor((at - from) / CELL)]
    cell?.set(intervals, (cell.get(intervals) ?? 0) + 1)
  }
  return cells
}

const sizeOf = (cell: Cell) => [...cell.values()].reduce((sum, count) => sum + count, 0)

function shared(a: Cell, b: Cell): number {
  return [...a].reduce((sum, [figure, count]) => sum + Math.min(count, b.get(figure) ?? 0), 0)
}
