import type { Ms } from '../../engine/units.js'

/** How often frames are drawn. Slower where the terminal, or the machine, can't keep up. */
export interface Pace {
  /** Frames a second. */
  readonly rate: number
  /** Takes in what a frame took, at a moment. */
  took(ms: Ms, at: Ms): void
}

/** Faster costs the pianist's machine more than the eye gets; slower stutters. */
export const FULL_RATE = 15
const LEAST_RATE = 2
/** A frame that takes longer holds up the rest of the main thread. */
const SLOW_MS: Ms = 50
/** One slow frame may be anything; two within this are a slow terminal, and the rate is halved. */
const SLOW_WITHIN_MS: Ms = 5000
/** After so long without a slow frame the rate is doubled again: sooner and it goes up and down. */
const CALM_MS: Ms = 10_000

export function createPace(): Pace {
  let rate = FULL_RATE
  let slowAt = Number.NEGATIVE_INFINITY
  /** When the rate was changed last, or a frame was slow. */
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
