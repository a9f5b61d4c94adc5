import type { BandClock } from './band-clock.js'
import type { Pianist } from './pianist.js'
import { comeToPlace, type PlanClock } from './plan-clock.js'
import { BEAT_TEMPO, type Ms, STEP_MS, type Steps } from './units.js'

/** Keeps a pianist whose steps are fractions of a beat at the band's tempo, or the control's, and in its place in the bar. */
export interface BeatKeeper {
  /** To be called as the music begins to play: it goes on from the band's place, or begins a bar where nobody has any. */
  begin(now: Ms): void
  /** To be called every turn. */
  keep(now: Ms): void
}

export function createBeatKeeper(band: BandClock, clock: PlanClock, pianist: Pianist): BeatKeeper {
  /** A bar begins there. */
  let bar: Steps = 0

  function setBar(at: Steps): void {
    bar = at
    pianist.apply({ kind: 'bar', clock: at })
  }

  function keepPlace(now: Ms, quarters: number): void {
    const way = comeToPlace(clock.toPlan(now), bar, quarters)
    if ('bar' in way) setBar(way.bar)
    else clock.shift(way.later * clock.rate)
  }

  return {
    begin: (now) => {
      const position = band.beat(now)?.position ?? null
      if (position === null) setBar(Math.floor(pianist.position / STEP_MS) + 1)
      else keepPlace(now, position)
    },
    keep: (now) => {
      const beat = band.beat(now)
      clock.pace(BEAT_TEMPO / (beat?.tempo ?? pianist.controls.tempo), pianist.position)
      if (!pianist.paused && beat !== null && beat.position !== null) keepPlace(now, beat.position)
    },
  }
}
