import type { BandClock } from '../clock/band-clock.js'
import type { PlanClock } from '../clock/plan-clock.js'
import type { Pianist } from '../pianist/pianist.js'
import { BEAT_TEMPO, type Ms, STEP_MS, STEPS_PER_BEAT, type Steps } from '../units.js'

/** Keeps a pianist whose steps are fractions of a beat at the band's tempo, or the control's, and in its place in the bar. */
export interface BarSync {
  /** To be called as the music begins to play: it goes on from the band's place, or begins a bar where nobody has any. */
  begin(now: Ms): void
  /** To be called every turn. */
  sync(now: Ms): void
}

/** The music is off its place by less than a ms, and its tempo by less than 0.06 BPM at 120: less fills takes with noise. */
const LEAST_NUDGE_MS: Ms = 1
const LEAST_CHANGE = 5e-4

/** A clock outside these is none: music that stood still, or raced, would never come back. */
const SLOWEST_TEMPO = 10
const FASTEST_TEMPO = 400

export function createBarSync(band: BandClock, clock: PlanClock, pianist: Pianist): BarSync {
  /** A bar begins there. */
  let bar: Steps = 0

  function setBar(at: Steps): void {
    bar = at
    pianist.apply({ kind: 'bar', clock: at })
  }

  function keepPlace(now: Ms, quarters: number): void {
    const way = comeToPlace(clock.toPlan(now), bar, quarters)
    if ('bar' in way) setBar(way.bar)
    else if (Math.abs(way.later * clock.rate) >= LEAST_NUDGE_MS) {
      clock.shift(way.later * clock.rate)
      moved(way.later * clock.rate)
    }
  }

  /** A take has it, so that its replay has the times of then. */
  function moved(ms: Ms): void {
    pianist.apply({ kind: 'slip', ms })
  }

  function pace(tempo: number): void {
    const rate = BEAT_TEMPO / Math.min(FASTEST_TEMPO, Math.max(SLOWEST_TEMPO, tempo))
    if (Math.abs(rate / clock.rate - 1) < LEAST_CHANGE) return
    clock.pace(rate, pianist.position)
    moved(0)
  }

  return {
    begin: (now) => {
      const position = band.beat(now)?.position ?? null
      if (position === null) setBar(Math.floor(pianist.position / STEP_MS) + 1)
      else keepPlace(now, position)
    },
    sync: (now) => {
      const beat = band.beat(now)
      pace(beat?.tempo ?? pianist.controls.tempo)
      if (!pianist.paused && beat !== null && beat.position !== null) keepPlace(now, beat.position)
    },
  }
}

/** A bar of four beats, in plan time. */
export const BAR_STEPS: Steps = 4 * STEPS_PER_BEAT
export const BAR_MS: Ms = BAR_STEPS * STEP_MS

/**
 * The music that is this far from its place in the bar, in plan time, comes back to it by going a little faster or slower:
 * more would be heard as a stumble, less lets a clock that has just begun throw the music over.
 */
export const NUDGE_MS: Ms = 60

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
