import type { Ms } from '../units.js'

/**
 * Where plan time lies in process time, while the music plays. For most models a ms of the one is a ms of the other; where
 * steps are fractions of a beat, plan time goes as the tempo has it.
 */
export interface PlanClock {
  /** Process time of plan time 0. */
  readonly origin: Ms
  /** Process ms of a plan ms. */
  readonly rate: number
  toProcess(at: Ms): Ms
  toPlan(at: Ms): Ms
  /** From now on plan time `at` is process time `then`. */
  set(at: Ms, then: Ms): void
  /** All of plan time comes `ms` later in process time (earlier, below 0). */
  shift(ms: Ms): void
  /** Another rate after plan time `at`, whose own process time stays. */
  pace(rate: number, at: Ms): void
}

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
    pace: (next, at) => {
      if (next === rate) return
      origin += at * (rate - next)
      rate = next
    },
  }
}
