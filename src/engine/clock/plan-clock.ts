import { type Ms, STEP_MS, STEPS_PER_BEAT, type Steps } from '../units.js'

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

/** A bar of four beats, in plan time. */
const BAR_STEPS: Steps = 4 * STEPS_PER_BEAT
const BAR_MS: Ms = BAR_STEPS * STEP_MS

/**
 * The music that is this far from its place in the bar, in plan time, comes back to it by going a little faster or slower:
 * more would be heard as a stumble, less lets a clock that has just begun throw the music over.
 */
const NUDGE_MS: Ms = 60

/**
 * How the music comes back to its place in the bar: `later` by so much plan time (below 0: sooner), or, where that is too
 * much, by taking another step for the beginning of a `bar`.
 * @param at the plan time that it is now
 * @param bar the step at which a bar begins
 * @param quarters the band's place in the song now, in quarter notes
 */
export function comeToPlace(
  at: Ms,
  bar: Steps,
  quarters: number,
): { readonly later: Ms } | { readonly bar: Steps } {
  const wanted = quarters * STEPS_PER_BEAT * STEP_MS
  const off = wanted - (at - bar * STEP_MS)
  const around = off - BAR_MS * Math.round(off / BAR_MS)
  if (Math.abs(around) <= NUDGE_MS) return { later: -around }
  return { bar: bar - Math.round(around / STEP_MS) }
}
