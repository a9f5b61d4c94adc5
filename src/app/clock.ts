import type { Ms } from '../engine/units.js'
import { now } from '../io/clock.js'

/** Time for what runs on the main thread. Tests give one of their own. */
export interface Clock {
  /** Process time. */
  now(): Ms
  /** Calls `tick` every `period` ms. @returns what ends that */
  every(period: Ms, tick: () => void): () => void
}

/** The process's own time and timers. */
export const PROCESS_CLOCK: Clock = {
  now,
  every: (period, tick) => {
    const timer = setInterval(tick, period)
    return () => clearInterval(timer)
  },
}
