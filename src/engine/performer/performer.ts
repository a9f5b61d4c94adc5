import { type BandClock, createBandClock } from '../clock/band-clock.js'
import { createPlanClock, type PlanClock } from '../clock/plan-clock.js'
import type { ClockMessage, RealtimeMessage } from '../language/messages.js'
import type { ModelSpec } from '../model/model.js'
import type { Pianist } from '../pianist/pianist.js'
import { viewOf } from '../pianist/pianist-view.js'
import type { Arrival } from '../surface/inputs.js'
import type { Snapshot } from '../surface/snapshot.js'
import type { Ms, NoteId } from '../units.js'
import { isUrgent, jumps } from './arrivals.js'
import { type BarSync, createBarSync } from './bar-sync.js'
import { type CountIn, createCountIn } from './count-in.js'
import { changesControl, createDeferredInputs, isStartByBand } from './deferred-inputs.js'
import { Playback } from './playback.js'
import { createPulseSync, type PulseSync } from './pulse-sync.js'
import {
  createTimedPianist,
  inputInPlanTime,
  noteInProcessTime,
  type TimedPianistOptions,
} from './timed-pianist.js'

/** An input, with the times of its effect. All times are process time. */
export interface AppliedArrival {
  readonly arrival: Arrival
  /** The horizon of the rewind that applied it: nothing before this time has changed. */
  readonly horizon: Ms
  /** When the first event drawn after the rewind is due. */
  readonly firstDue: Ms
}

export interface PerformerOptions extends TimedPianistOptions {
  /** Receives each message that Rubato sends when it gives the band its clock. */
  readonly emitRealtime?: (message: RealtimeMessage) => void
  /** The length of a step of the model: 10 ms (default), or a fraction of a beat, so that the music follows the tempo. */
  readonly step?: ModelSpec['step']
  /** Whether snapshots contain the planned notes. Default false. */
  readonly showsAhead?: boolean
  /** How far the plan is sampled ahead. Less gives less safety, more only costs work at every rewind. Default 1000. */
  readonly lookahead?: Ms
  /**
   * The commit horizon, 10-100, default 20: events nearer than this are handed over. A shorter one leaves the stage less time
   * to be on time, a longer one delays the effect of the controls by as much.
   */
  readonly horizon?: Ms
  /** The id of the first click of a count-in; without it this performer counts in silence. */
  readonly firstClickId?: NoteId
  /** Called with each input as it was applied, except for inputs that waited for a beat or bar. */
  readonly onApplied?: (applied: AppliedArrival) => void
}

/** Plays a pianist's music in time. Time is an argument of its methods; between calls nothing happens. */
export interface Performer {
  readonly pianist: Pianist
  /** Queues an input for the next tick, or for the beat or bar that it has to wait for. */
  receive(arrival: Arrival): void
  /** Receives a message of the band's clock. */
  receiveClock(message: ClockMessage): void
  /** Whether inputs wait to be applied, so that the next tick may change the snapshot. */
  readonly hasWaiting: boolean
  /**
   * Does one bounded piece of work at process time `now`: applies the inputs that wait, hands over what is due, or samples
   * one more event.
   * @returns when it needs the next tick: `now` while there is work, Infinity while only an input can change anything
   */
  tick(now: Ms): Ms
  /** The state of the music at `now`. Allocates. */
  snapshot(now: Ms): Snapshot
}

/** Default lookahead: a second lets the player see what comes; 400 ms would be safe. */
const LOOKAHEAD_MS: Ms = 1000
export const DEFAULT_HORIZON_MS: Ms = 20

/**
 * The least time between two rewinds. On average, changes from a knob in motion wait for half of it. A longer time makes the
 * knob sluggish (with 25 ms, the slowest twentieth of the changes took over 40 ms to the horizon), a shorter one draws the
 * same 80 ms of music more often (about 5 steps each time).
 */
const REWIND_EVERY_MS: Ms = 15

/** The plan must reach this far past the horizon before other work is done: less risks a slip, more delays commands. */
const SAFETY_MS: Ms = 60

/** A performer of a new pianist, paused. */
export function createPerformer(options: PerformerOptions): Performer {
  return new PlanningPerformer(options)
}

class PlanningPerformer implements Performer {
  readonly pianist: Pianist
  readonly #options: PerformerOptions
  readonly #lookahead: Ms
  readonly #horizon: Ms
  readonly #clock: PlanClock = createPlanClock()
  readonly #band: BandClock
  /** Places the music in the band's bars; only for a model whose steps are fractions of a beat. */
  readonly #barSync: BarSync | undefined
  readonly #playback: Playback
  readonly #pulseSync: PulseSync
  readonly #countIn: CountIn
  /** Inputs that wait for the next rewind. */
  #waiting: Arrival[] = []
  /** Inputs that wait for a beat or bar of the band. */
  readonly #deferred = createDeferredInputs()
  #lastRewind: Ms = Number.NEGATIVE_INFINITY
  #rewinds = 0

  constructor(options: PerformerOptions) {
    this.#options = options
    this.#lookahead = options.lookahead ?? LOOKAHEAD_MS
    this.#horizon = options.horizon ?? DEFAULT_HORIZON_MS
    const pianist = createTimedPianist(options, this.#clock)
    this.pianist = pianist
    this.#band = createBandClock({
      sync: options.sync ?? 'off',
      controls: () => pianist.controls,
      isFollowed: () =>
        pianist.ensemble.followsPulse || options.step === 'beat' || pianist.controls.countIn > 0,
      emit: (message) => options.emitRealtime?.(message),
    })
    this.#countIn = createCountIn({
      controls: () => pianist.controls,
      mayCount: () => pianist.stopped && this.#band.isOwn,
      emit: options.firstClickId === undefined ? undefined : options.emit,
      firstId: options.firstClickId ?? 0,
    })
    this.#barSync = options.step === 'beat' ? createBarSync(this.#band, this.#clock, pianist) : undefined
    this.#playback = new Playback({
      clock: this.#clock,
      pianist,
      band: this.#band,
      barSync: this.#barSync,
      horizon: this.#horizon,
    })
    this.#pulseSync = createPulseSync(this.#band, this.#clock, pianist, options.step, (now) =>
      this.#playback.standAt(now),
    )
  }

  get hasWaiting(): boolean {
    if (this.#countIn.next < Number.POSITIVE_INFINITY) return true
    return this.#waiting.length > 0 || this.#deferred.next < Number.POSITIVE_INFINITY
  }

  receive(arrival: Arrival): void {
    if (this.#countIn.take(arrival)) return
    if (arrival.kind === 'heard' && arrival.message.kind === 'transport') this.#band.receive(arrival.message)
    const due = (arrival.kind === 'command' && arrival.due) || this.#deferredUntil(arrival)
    if (due !== undefined) this.#deferred.defer(arrival, due)
    else {
      this.#deferred.supersede(arrival)
      this.#waiting.push(arrival)
    }
  }

  receiveClock(message: ClockMessage): void {
    this.#band.receive(message)
  }

  tick(now: Ms): Ms {
    const { pianist } = this
    const wasStopped = pianist.stopped
    this.#band.emitUntil(now + this.#horizon)
    this.#barSync?.sync(now)
    this.#pulseSync.sync(now)
    this.#applyDeferred(now)
    this.#beginCounted(now)
    const { next: counted } = this.#countIn
    const told = Math.min(this.#band.nextTick, this.#deferred.next, counted) - this.#horizon
    const next = Math.min(this.#work(now), told)
    if (!wasStopped && pianist.stopped) this.#band.stop(now + this.#horizon)
    return next
  }

  snapshot(now: Ms): Snapshot {
    const { pianist } = this
    return {
      ...viewOf(pianist),
      beat: this.#band.beat(now),
      countIn: this.#countIn.left(now),
      waiting: this.#deferred.controls,
      planned: (pianist.plan.plannedTo - this.#playback.planAt(now, 0)) * this.#clock.rate,
      slips: this.#playback.slips,
      slippedMs: this.#playback.slippedMs,
      rewinds: this.#rewinds,
      steps: pianist.plan.steps,
      ahead: this.#options.showsAhead
        ? pianist.ahead().map((note) => noteInProcessTime(note, this.#clock))
        : [],
    }
  }

  /** The beat or bar that a change of controls, or a start by the band, has to wait for; undefined if it acts at once. */
  #deferredUntil(arrival: Arrival): Ms | undefined {
    if (isStartByBand(arrival)) return this.#band.next('bar', arrival.at + this.#horizon)
    const { quantise } = this.pianist.controls
    if (quantise === 'off' || !changesControl(arrival)) return undefined
    return this.#band.next(quantise, arrival.at + this.#horizon)
  }

  /** Applies the inputs whose beat or bar has come to the horizon. */
  #applyDeferred(now: Ms): void {
    const { pianist } = this
    const due = this.#deferred.removeDue(now + this.#horizon)
    if (due.length === 0) return
    for (const deferred of due) {
      if (!pianist.paused) pianist.advance(Math.max(pianist.position, this.#clock.toPlan(deferred.due)))
      this.#apply(deferred.arrival, now)
    }
    this.#countRewind(now)
  }

  /** Begins the music whose count-in is over, exactly where it is. */
  #beginCounted(now: Ms): void {
    const counted = this.#countIn.advance(now + this.#horizon)
    if (counted === undefined) return
    this.#apply(counted.arrival, counted.at - this.#horizon)
    this.#countRewind(now)
  }

  /** Does one piece of work on the music. @returns when the music needs the next one, see `tick` */
  #work(now: Ms): Ms {
    const { plan, paused } = this.pianist
    const playback = this.#playback
    if (this.#mayApplyWaiting(now)) {
      this.#applyWaiting(now)
      return now
    }
    // In a pause nothing is handed over, so the first notes after the pause are no more urgent than those further ahead.
    if (!paused && plan.plannedTo <= playback.planAt(now, this.#horizon + SAFETY_MS) && plan.sample()) {
      playback.handOver(now)
      return now
    }
    playback.handOver(now)
    return this.#sampleAhead(now)
  }

  /** Samples one more event, if there is need and room. @returns when the music needs the next piece of work */
  #sampleAhead(now: Ms): Ms {
    const { pianist } = this
    const { plan, paused } = pianist
    const next = Math.min(plan.nextDue(), pianist.nextMove)
    const commitAt = paused ? Number.POSITIVE_INFINITY : this.#clock.toProcess(next) - this.#horizon
    const rewindAt = this.#lastRewind + REWIND_EVERY_MS
    if (this.#waiting.length > 0) return Math.min(rewindAt, commitAt)
    if (plan.plannedTo < this.#playback.planAt(now, this.#lookahead)) {
      // While a knob is in motion, the next rewind would soon throw away what lies far ahead.
      if (now < rewindAt) return Math.min(rewindAt, commitAt)
      // A plan that is full (of a burst of events) can grow only after some of it has been handed over.
      return plan.sample() ? now : commitAt
    }
    return paused
      ? Number.POSITIVE_INFINITY
      : Math.min(commitAt, this.#clock.toProcess(plan.plannedTo) - this.#lookahead)
  }

  /** Whether the waiting inputs may be applied by a rewind now. */
  #mayApplyWaiting(now: Ms): boolean {
    if (this.#waiting.length === 0) return false
    const { mode } = this.pianist.ensemble.turns
    return (
      this.#waiting.some((arrival) => isUrgent(arrival, mode)) || now - this.#lastRewind >= REWIND_EVERY_MS
    )
  }

  /** Applies all waiting inputs in one rewind. */
  #applyWaiting(now: Ms): void {
    this.#playback.handOver(now)
    const arrivals = this.#waiting
    this.#waiting = []
    for (const arrival of arrivals) this.#apply(arrival, now)
    this.#countRewind(now)
    if (this.#options.onApplied) for (const arrival of arrivals) this.#reportApplied(arrival)
  }

  #reportApplied(arrival: Arrival): void {
    const firstDue = this.#clock.toProcess(this.pianist.plan.nextDue())
    const horizon = this.#clock.toProcess(this.pianist.position)
    this.#options.onApplied?.({ arrival, horizon, firstDue })
  }

  #countRewind(now: Ms): void {
    this.#lastRewind = now
    this.#rewinds++
  }

  #apply(arrival: Arrival, now: Ms): void {
    const { pianist } = this
    const { paused: wasPaused, stopped: wasStopped } = pianist
    if (wasPaused) this.#playback.standAt(now)
    pianist.apply(inputInPlanTime(arrival, pianist, this.#clock, this.#band))
    // The player's pedal pauses the music without stopping the band; only a command does.
    if (wasStopped && !pianist.stopped) this.#band.play(now + this.#horizon)
    else if (pianist.stopped && !wasStopped) this.#band.stop(now + this.#horizon)
    if (!pianist.paused && (wasPaused || jumps(arrival))) {
      // The first notes have to know the beat, and the silence before them that is skipped moves it.
      this.#pulseSync.sync(now)
      this.#playback.begin(now)
      this.#pulseSync.sync(now)
    }
  }
}
