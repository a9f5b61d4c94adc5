import type { Ms } from '../../engine/units.js'

/** How often frames are drawn: less often while the terminal or the machine can't keep up. */
export interface Pace {
  /** Frames per second at present. */
  readonly rate: number
  /** Records that the frame drawn at `at` took `ms`. */
  took(ms: Ms, at: Ms): void
}

/** Frames per second at best. More: processor time for what the eye doesn't notice. Fewer: the motion stutters. */
export const FULL_RATE = 15
const LEAST_RATE = 2
/** A frame that takes longer than this counts as slow, because it holds up the rest of the main thread. */
const SLOW_MS: Ms = 50
/** Two slow frames within this time halve the rate. A single slow frame may have any cause. */
const SLOW_WITHIN_MS: Ms = 5000
/** Time without a slow frame after which the rate is doubled again. Shorter: the rate goes up and down. */
const CALM_MS: Ms = 10_000

export function createPace(): Pace {
  let rate = FULL_RATE
  let slowAt = Number.NEGATIVE_INFINITY
  /** When the rate was last changed, or a frame was last slow. */
  let since = Number.NEGATIVE_INFINITY

  return {
    get rate() {
      return rate
    },
    took: (ms, at) => {
      if (ms > SLOW_MS) {
        if (at - slowAt < SLOW_WITHIN_MS) {
          rate = Math.max(LEAST_RATE, rate / 2)
          slowAt = Number.NEGATIVE_INFINITY
        } else slowAt = at
        since = at
      } else if (rate < FULL_RATE && at - since > CALM_MS) {
        rate = Math.min(FULL_RATE, rate * 2)
        since = at
      }
    },
  }
}
