import type { Ms } from '../units.js'

/**
 * Maps plan time to process time while the music plays. For most models 1 ms of plan time is 1 ms of process time; for a
 * model whose steps are fractions of a beat, the tempo decides how long 1 ms of plan time lasts.
 */
export interface PlanClock {
  /** Process time of plan time 0. */
  readonly origin: Ms
  /** Process time that passes in 1 ms of plan time, in ms. */
  readonly rate: number
  toProcess(at: Ms): Ms
  toPlan(at: Ms): Ms
  /** Moves all of plan time so that plan time `at` is process time `then`. */
  set(at: Ms, then: Ms): void
  /** Moves all of plan time later by `ms` of process time (below 0: earlier). */
  shift(ms: Ms): void
  /** Changes the rate. The process time of plan time `at` stays as it is. */
  setRate(rate: number, at: Ms): void
}

/** A clock at rate 1 on which plan time 0 is process time 0. */
export function createPlanClock(): PlanClock {
  let origin: Ms = 0
  let rate = 1
  return {
    get origin() {
      return origin
    },
    get rate() {
      return rate
    },
    toProcess: (at) => origin + at * rate,
    toPlan: (at) => (at - origin) / rate,
    set: (at, then) => {
      origin = then - at * rate
    },
    shift: (ms) => {
      origin += ms
    },
    setRate: (next, at) => {
      if (next === rate) return
      origin += at * (rate - next)
      rate = next
    },
  }
}
