import type { Pitch } from '../../engine/units.js'
import { isBlack } from '../terminal/note-names.js'

/**
 * Widths of white and black keys in cells, the widest first. White keys are wider where there is room, as on a piano.
 */
const WIDTHS = [
  { white: 3, black: 3 },
  { white: 3, black: 2 },
  { white: 2, black: 2 },
  { white: 2, black: 1 },
  { white: 1, black: 1 },
] as const

/** The lowest key of a piano, and how many it has. */
const LOWEST: Pitch = 21
const KEYS = 88
/** The greatest number of white keys among any 88 keys in a row. */
const WHITE_KEYS = 52
const PITCHES = 128
/** The middle of a window that is too narrow for all keys, before any notes: middle C. */
const MIDDLE: Pitch = 60

/** The cells of a line that belong to each key. */
export interface KeyLayout {
  readonly low: Pitch
  /** The highest key shown. */
  readonly high: Pitch
  /** The first cell of each key from `low` on, and the cell after the last key. */
  readonly starts: readonly number[]
}

/** How many of `columns` cells the keys of a piano take at the greatest width that fits. */
export function keyboardWidth(columns: number): number {
  const { white, black } = keyWidths(columns)
  return Math.min(columns, WHITE_KEYS * white + (KEYS - WHITE_KEYS) * black)
}

function keyWidths(columns: number): (typeof WIDTHS)[number] {
  const fits = ({ white, black }: (typeof WIDTHS)[number]) =>
    WHITE_KEYS * white + (KEYS - WHITE_KEYS) * black <= columns
  return WIDTHS.find(fits) ?? WIDTHS[WIDTHS.length - 1]!
}

/**
 * The keys shown in `columns` cells, centred. Where not all keys of a piano fit, or notes lie beyond a piano's range,
 * the window moves no further than is needed to show the notes, from `before`, the lowest key that it showed until now.
 */
export function keyLayout(
  columns: number,
  range: { readonly low: Pitch; readonly high: Pitch } | null,
  before: Pitch | null,
): KeyLayout {
  const { white, black } = keyWidths(columns)
  const count = Math.max(1, Math.min(KEYS, columns))
  const home = count === KEYS ? LOWEST : MIDDLE - Math.floor(count / 2)
  const low = clampLow(windowLow(before ?? home, range, count), count)
  const high = low + count - 1
  const widths = Array.from({ length: count }, (_, i) => (isBlack(low + i) ? black : white))
  const total = widths.reduce((sum, width) => sum + width, 0)
  const starts = [Math.max(0, Math.floor((columns - total) / 2))]
  for (const width of widths) starts.push(starts[starts.length - 1]! + width)
  return { low, high, starts }
}

function windowLow(low: Pitch, range: { low: Pitch; high: Pitch } | null, count: number): Pitch {
  if (range === null) return low
  if (range.high - range.low >= count) return Math.round((range.low + range.high - count) / 2)
  return Math.min(range.low, Math.max(low, range.high - count + 1))
}

function clampLow(low: Pitch, count: number): Pitch {
  return Math.max(0, Math.min(PITCHES - count, low))
}
