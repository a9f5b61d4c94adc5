import { CONTROLS } from '../controls/controls.js'
import { MINUTE_MS, type Ms } from '../units.js'

/** A tap that comes later than this begins anew. Less: slow beats (below 30 a minute) can't be tapped. More: a new tempo has to wait. */
const FORGET_MS: Ms = 2000

/** How many times between taps count, the last ones. Fewer: one stumble moves the tempo. More: a tap that changes it is overruled. */
const MOST_INTERVALS = 5

/** Finds the tempo that somebody taps. Times are process time. Never throws. */
export interface TapTempo {
  /** @returns the tempo of the last taps, by the median of the times between them, within the limits of the control; undefined after one tap */
  tap(at: Ms): number | undefined
}

export function createTapTempo(): TapTempo {
  let last: Ms = Number.NEGATIVE_INFINITY
  let intervals: readonly Ms[] = []
  return {
    tap: (at) => {
      const interval = at - last
      last = at
      intervals = interval > FORGET_MS || interval <= 0 ? [] : [...intervals, interval].slice(-MOST_INTERVALS)
      if (intervals.length === 0) return undefined
      const sorted = intervals.toSorted((a, b) => a - b)
      const middle = (sorted.length - 1) / 2
      const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
      const { min, max } = CONTROLS.tempo
      return Math.min(max, Math.max(min, Math.round((10 * MINUTE_MS) / median) / 10))
    },
  }
}
