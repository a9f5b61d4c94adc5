import type { BandClock } from '../clock/band-clock.js'
import type { PlanClock } from '../clock/plan-clock.js'
import type { Pianist } from '../pianist/pianist.js'
import type { Ms } from '../units.js'
import type { BarSync } from './bar-sync.js'

/** An event that is due sooner than this after it is committed can't be sent on time any more. */
const LEAST_NOTICE_MS: Ms = 2

/** The silence that remains, after the horizon, before the first note of a start; the rest of a longer silence is skipped. */
const LONGEST_UPBEAT_MS: Ms = 60

/**
 * How far ahead the first note of a start is sought. After the last chord of a piece the silence may last 20 s; sampling it
 * takes about one step for each second. With a shorter search a longer silence is waited out; with a longer one a pianist
 * that may not play any note stays busy.
 */
const UPBEAT_SEARCH_MS: Ms = 30_000

/** Hands the pianist's music over in time: maps plan time, which stands still in a pause, to process time. */
export class Playback {
  readonly clock: PlanClock
  readonly #pianist: Pianist
  readonly #band: BandClock
  readonly #horizon: Ms
  /** Places the music in the band's bars; only for a model whose steps are fractions of a beat. */
  readonly #barSync: BarSync | undefined
  #slips = 0
  #slippedMs: Ms = 0

  /** @param horizon events nearer than this are handed over */
  constructor(options: {
    readonly clock: PlanClock
    readonly pianist: Pianist
    readonly band: BandClock
    readonly barSync: BarSync | undefined
    readonly horizon: Ms
  }) {
    this.clock = options.clock
    this.#pianist = options.pianist
    this.#band = options.band
    this.#barSync = options.barSync
    this.#horizon = options.horizon
  }

  /** How often the music was delayed because its next event could no longer be on time. */
  get slips(): number {
    return this.#slips
  }

  /** How long the music was delayed in all those slips. */
  get slippedMs(): Ms {
    return this.#slippedMs
  }

  /**
   * The plan time that lies `ahead` ms after process time `now`; in a pause, `ahead` ms after the plan time at which the
   * music stands.
   */
  planAt(now: Ms, ahead: Ms): Ms {
    const { clock } = this
    return this.#pianist.paused ? this.#pianist.position + ahead / clock.rate : clock.toPlan(now + ahead)
  }

  /** Hands over everything up to the horizon. If the next event can no longer be on time, the whole music comes later. */
  handOver(now: Ms): void {
    const pianist = this.#pianist
    if (pianist.paused) return
    const next = pianist.plan.nextDue()
    const lack = now + LEAST_NOTICE_MS - this.clock.toProcess(next)
    // A band doesn't wait: with one, an event that is too late for its beat is left out instead.
    if (lack > 0 && !this.#band.follows(now)) {
      this.#slips++
      this.#slippedMs += lack
      this.#slip(lack)
    }
    pianist.advance(this.clock.toPlan(now + this.#horizon))
  }

  /**
   * Moves the plan clock so that the plan time at which the paused music stands is at the horizon, where the music will go
   * on.
   */
  standAt(now: Ms): void {
    this.clock.set(this.#pianist.position, now + this.#horizon)
  }

  /** Begins to play: in the band's bar where steps are fractions of a beat, else without a long silence before the first note. */
  begin(now: Ms): void {
    if (this.#barSync) {
      this.#barSync.begin(now)
      return
    }
    const pianist = this.#pianist
    const strike = pianist.nextStrike(UPBEAT_SEARCH_MS)
    const silence = strike === undefined ? 0 : strike - pianist.position - LONGEST_UPBEAT_MS
    // Music that follows a beat stays on it: whole beats of silence are skipped.
    const beatMs = pianist.ensemble.pulse?.beatMs
    const skipped = beatMs === undefined ? silence : beatMs * Math.floor(silence / beatMs)
    if (skipped > 0) this.#slip(-skipped)
    // The skipped time has no sound. It has to become history before `handOver` could regard its events as late.
    pianist.advance(this.clock.toPlan(now + this.#horizon))
  }

  #slip(ms: Ms): void {
    this.clock.shift(ms)
    this.#pianist.apply({ kind: 'slip', ms })
  }
}
