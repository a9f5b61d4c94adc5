import type { LatenessFigures } from '../engine/snapshot.js'
import type { Ms } from '../engine/units.js'

/** Messages that the percentiles look back on: fewer makes p99 jump, more hides that things got worse. */
const WINDOW = 2000

/** Keeps the lateness of the last messages. */
export interface LatenessRecord {
  add(lateness: Ms): void
  /** Allocates a sorted copy: not for a hot loop. All 0 before the first message. */
  figures(): LatenessFigures
}

export function createLatenessRecord(): LatenessRecord {
  const last = new Float64Array(WINDOW)
  let count = 0
  let max = 0
  return {
    add: (lateness) => {
      last[count % WINDOW] = lateness
      max = Math.max(max, lateness)
      count++
    },
    figures: () => {
      const sorted = last.slice(0, Math.min(count, WINDOW)).sort()
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max }
    },
  }
}

/** The value that `share` 0-1 of the ascending values don't exceed (nearest rank); 0 of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
