import type { Ms } from '../engine/units.js'
import { now } from '../io/clock.js'

/** Time for the tasks of the main thread. Tests give a clock of their own. */
export interface Clock {
  /** Process time. */
  now(): Ms
  /** The date and time of day, for the names of files. */
  date(): Date
  /** Calls `tick` every `period` ms. @returns a function that ends the calls */
  every(period: Ms, tick: () => void): () => void
}

/** The process's own time and timers. */
export const PROCESS_CLOCK: Clock = {
  now,
  date: () => new Date(),
  every: (period, tick) => {
    const timer = setInterval(tick, period)
    return () => clearInterval(timer)
  },
}
