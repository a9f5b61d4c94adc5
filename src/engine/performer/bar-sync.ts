import type { BandClock } from '../clock/band-clock.js'
import type { PlanClock } from '../clock/plan-clock.js'
import type { Pianist } from '../pianist/pianist.js'
import { BAR_STEPS, BEAT_TEMPO, type Ms, STEP_MS, STEPS_PER_BEAT, type Steps } from '../units.js'

/**
 * Keeps a pianist whose steps are fractions of a beat in time: at the tempo of the band, or without one at the tempo of the
 * control, and at the band's place in the bar.
 */
export interface BarSync {
  /**
   * Call this when the music begins to play. The music begins at the band's place, or with a bar if the band has no place.
   */
  begin(now: Ms): void
  /** Call this at every tick. */
  sync(now: Ms): void
}

/**
 * The place is corrected from this deviation on and the tempo from this relative deviation on (0.06 BPM at 120). Smaller
 * limits would fill takes with corrections that nobody hears; larger ones would be heard.
 */
const LEAST_NUDGE_MS: Ms = 1
const LEAST_TEMPO_CHANGE = 5e-4

/**
 * The limits, in quarter notes a minute, that a tempo is clamped to: beyond them the music would stand still or race, and
 * might never come back.
 */
const SLOWEST_TEMPO = 10
const FASTEST_TEMPO = 400

/**
 * A phrase of eight bars. The place in it is corrected, not only that in the bar, so that a drummer's fills come where the song's
 * phrases end.
 */
const PHRASE_MS: Ms = 8 * BAR_STEPS * STEP_MS

/**
 * The largest deviation from the place in the bar, in plan time, that is corrected by moving the music. Moving it further
 * would be heard as a stumble; with a smaller limit a clock that has just begun throws the music into another bar.
 */
const LONGEST_NUDGE_MS: Ms = 60

/** A sync of `pianist`, whose plan time `clock` maps to process time. */
export function createBarSync(band: BandClock, clock: PlanClock, pianist: Pianist): BarSync {
  /** A step at which a bar begins. */
  let bar: Steps = 0

  function setBar(at: Steps): void {
    bar = at
    pianist.apply({ kind: 'bar', clock: at })
  }

  function correctPlace(now: Ms, quarters: number): void {
    const correction = placeCorrection(clock.toPlan(now), bar, quarters)
    if ('bar' in correction) setBar(correction.bar)
    else if (Math.abs(correction.later * clock.rate) >= LEAST_NUDGE_MS) {
      clock.shift(correction.later * clock.rate)
      logSlip(correction.later * clock.rate)
    }
  }

  /** Logs a change of `clock`, so that the replay of a take has the same times. */
  function logSlip(ms: Ms): void {
    pianist.apply({ kind: 'slip', ms })
  }

  function setTempo(tempo: number): void {
    const rate = BEAT_TEMPO / Math.min(FASTEST_TEMPO, Math.max(SLOWEST_TEMPO, tempo))
    if (Math.abs(rate / clock.rate - 1) < LEAST_TEMPO_CHANGE) return
    clock.setRate(rate, pianist.position)
    logSlip(0)
  }

  return {
    begin: (now) => {
      const position = band.beat(now)?.position ?? null
      if (position === null) setBar(Math.floor(pianist.position / STEP_MS) + 1)
      else correctPlace(now, position)
    },
    sync: (now) => {
      const beat = band.beat(now)
      setTempo(beat?.tempo ?? pianist.controls.tempo)
      if (!pianist.paused && beat !== null && beat.position !== null) correctPlace(now, beat.position)
    },
  }
}

/**
 * The correction that brings the music to its place in the bar: playing `later` by so many ms of plan time (below 0:
 * earlier), or, if that would be too far, regarding another step, `bar`, as the beginning of a bar.
 * @param at the current plan time
 * @param bar the step at which a bar begins
 * @param quarters the band's current place in the song, in quarter notes
 */
export function placeCorrection(
  at: Ms,
  bar: Steps,
  quarters: number,
): { readonly later: Ms } | { readonly bar: Steps } {
  const wanted = quarters * STEPS_PER_BEAT * STEP_MS
  const deviation = wanted - (at - bar * STEP_MS)
  const withinPhrase = deviation - PHRASE_MS * Math.round(deviation / PHRASE_MS)
  if (Math.abs(withinPhrase) <= LONGEST_NUDGE_MS) return { later: -withinPhrase }
  return { bar: bar - Math.round(withinPhrase / STEP_MS) }
}
