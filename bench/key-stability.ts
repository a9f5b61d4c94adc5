import { findCentre } from '../src/engine/form/key-finding.js'
import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'
import { mean } from './minute-measures.js'

/** Length of the windows whose keys are found. Shorter finds the chord, not the key; longer leaves few windows to an excerpt. */
const WINDOW: Ms = 15_000

/** How far an excerpt stays in one key. */
export interface KeyStability {
  /** The share of the windows whose key is the one that most windows have. */
  readonly inMainKey: number
  /** How many different keys the windows have. */
  readonly keys: number
  /** The mean of the correlations between the windows' pitch classes and the whole excerpt's. */
  readonly correlation: number
}

/**
 * How stable the key of an excerpt is, in windows of 15 s from its first note-on. A window's key is the centre that fits the
 * pitch classes struck in it best (`findCentre`). Windows without notes are left out, and so is the rest at the end if it
 * is shorter than half of a window; null where there are no notes.
 */
export function keyStability(notes: readonly Note[]): KeyStability | null {
  const windows = windowsOf(notes).filter((struck) => struck.length > 0)
  if (windows.length === 0) return null
  const whole = histogram(notes)
  const histograms = windows.map(histogram)
  const counts = new Map<number, number>()
  for (const centre of histograms.map(findCentre)) counts.set(centre, (counts.get(centre) ?? 0) + 1)
  return {
    inMainKey: Math.max(...counts.values()) / windows.length,
    keys: counts.size,
    correlation: mean(histograms.map((part) => correlation(part, whole)))!,
  }
}

function windowsOf(notes: readonly Note[]): Note[][] {
  const from = notes[0]?.start ?? 0
  const end = notes.reduce((last, note) => Math.max(last, note.end), from)
  const windows = Array.from({ length: Math.max(1, Math.round((end - from) / WINDOW)) }, (): Note[] => [])
  for (const note of notes) windows[Math.floor((note.start - from) / WINDOW)]?.push(note)
  return windows
}

/** How often each pitch class is struck, [12]. */
function histogram(notes: readonly Note[]): Float64Array {
  const counts = new Float64Array(12)
  for (const { pitch } of notes) counts[pitch % 12]!++
  return counts
}

/** Pearson's correlation of two histograms of the same length; 0 where one of them is even. */
function correlation(a: Float64Array, b: Float64Array): number {
  const [inA, inB] = [centred(a), centred(b)]
  const product = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, n) => sum + value * y[n]!, 0)
  const size = Math.sqrt(product(inA, inA) * product(inB, inB))
  return size === 0 ? 0 : product(inA, inB) / size
}

function centred(values: Float64Array): Float64Array {
  const middle = mean([...values]) ?? 0
  return values.map((value) => value - middle)
}
