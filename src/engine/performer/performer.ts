import { createBandClock } from '../clock/band-clock.js'
import { createPlanClock } from '../clock/plan-clock.js'
import { followsTransport, type Sync } from '../clock/sync.js'
import type { Mode } from '../ensemble/mode.js'
import { type ClockMessage, type RealtimeMessage, SOSTENUTO } from '../language/messages.js'
import type { ModelSpec } from '../model/model.js'
import { createPianist, type Pianist, type PianistOptions } from '../pianist/pianist.js'
import { viewOf } from '../pianist/pianist-view.js'
import type { Command } from '../surface/commands.js'
import type { Arrival, Input, TakenInput } from '../surface/inputs.js'
import type { PlannedNote, Snapshot } from '../surface/snapshot.js'
import type { Ms } from '../units.js'
import { createBarSync } from './bar-sync.js'
import { createDeferredInputs, turnsControl } from './deferred-inputs.js'

/** How an input was applied, in process time. */
export interface AppliedArrival {
  readonly arrival: Arrival
  /** The horizon of the rewind that obeys it: nothing before it has changed. */
  readonly horizon: Ms
  /** When the first event drawn after it is due. */
  readonly firstDue: Ms
}

export interface PerformerOptions extends Omit<PianistOptions, 'onInput' | 'followTransport'> {
  /** Whose clock counts. Default `off`. */
  readonly sync?: Sync
  /** Takes what is to be said as the band's clock. */
  readonly emitRealtime?: (message: RealtimeMessage) => void
  /** What a step of the model is: 10 ms (default), or a fraction of a beat, so that the music goes with the tempo. */
  readonly step?: ModelSpec['step']
  /** Sees each input as it is applied, with all that a replay needs. */
  readonly onInput?: (input: TakenInput) => void
  /** Whether snapshots hold what is planned. */
  readonly showsAhead?: boolean
  /** How far the plan is sampled ahead. Less gives less safety, more only costs work at every rewind. Default 1000. */
  readonly lookahead?: Ms
  /**
   * The commit horizon, 10-100, default 20: events nearer than this are handed over. Less leaves the stage less
   * time to be on time, more makes the controls slower by as much.
   */
  readonly horizon?: Ms
  readonly onApplied?: (applied: AppliedArrival) => void
}

/** Keeps a pianist in step with a clock. Time is passed in; between calls nothing happens. */
export interface Performer {
  readonly pianist: Pianist
  /** Queues an input for the next turn, or for the beat or bar that it is to wait for. */
  receive(arrival: Arrival): void
  /** Takes in the band's clock. */
  receiveClock(message: ClockMessage): void
  /** Inputs wait to be applied: the next turn may change what a snapshot says. */
  readonly hasWaiting: boolean
  /**
   * Does one bounded piece of work at process time `now`: obeys what has arrived, hands over what is due, or
   * samples one event more. Returns when it wants the next turn: at once while there is work, Infinity while only
   * an input can change anything.
   */
  tick(now: Ms): Ms
  snapshot(now: Ms): Snapshot
}

/** A second lets a player see what comes; 400 ms would be safe, and what lies further is drawn when nothing else is to do. */
const LOOKAHEAD_MS: Ms = 1000
export const DEFAULT_HORIZON_MS: Ms = 20

/**
 * At most one rewind in this time. A knob that turns on and on waits for half of it on average: longer makes it
 * sluggish (with 25 ms the slowest twentieth of turns took over 40 ms to the horizon), shorter draws the same
 * 80 ms of music more often (about 5 steps each time).
 */
const REWIND_EVERY_MS: Ms = 15

/** Sampled beyond the horizon before anything else is looked at: less risks a slip, more delays the next command. */
const SAFETY_MS: Ms = 60

/** An event due sooner than this after its commit can't be on time any more. */
const LEAST_NOTICE_MS: Ms = 2

/** At a start the first note comes this long after the horizon; a longer silence before it is skipped. */
const LONGEST_UPBEAT_MS: Ms = 60

/**
 * How far the first note of a start is looked for. After the last chord of a piece the silence may last 20 s; a step
 * or so a second is sampled of it. Less waits out what is longer, more keeps a pianist that may play nothing busy.
 */
const UPBEAT_SEARCH_MS: Ms = 30_000

const MINUTE_MS: Ms = 60_000

/** A beat that changed by less than this share is the same beat: smaller fills a take with noise. */
const TEMPO_DOUBT = 0.01

/** A performer of a new pianist, paused. */
export function createPerformer(options: PerformerOptions): Performer {
  const lookahead = options.lookahead ?? LOOKAHEAD_MS
  const horizon = options.horizon ?? DEFAULT_HORIZON_MS
  const clock = createPlanClock()
  let lastRewind: Ms = Number.NEGATIVE_INFINITY
  let slips = 0
  let slippedMs = 0
  let rewinds = 0
  let waiting: Arrival[] = []
  const pianist = createPianist({
    ...options,
    emit: (message) => {
      const due = clock.toProcess(message.due)
      if (message.kind === 'note-on')
        options.emit({ ...message, due, mustEnd: clock.toProcess(message.mustEnd) })
      else options.emit({ ...message, due })
    },
    onInput: (logged) =>
      options.onInput?.({
        ...logged,
        origin: clock.origin,
        ...(clock.rate === 1 ? {} : { rate: clock.rate }),
      }),
    followTransport: followsTransport(options.sync ?? 'off'),
  })
  const { plan } = pianist
  const band = createBandClock(
    options.sync ?? 'off',
    () => pianist.controls,
    (message) => options.emitRealtime?.(message),
  )
  const beats = options.step === 'beat' ? createBarSync(band, clock, pianist) : undefined
  const deferred = createDeferredInputs()
  /** The length of a beat that the pianist was last told. */
  let toldBeatMs: Ms | null = null

  function slip(ms: Ms): void {
    clock.shift(ms)
    pianist.apply({ kind: 'slip', ms })
  }

  /** Hands over all up to the horizon; when its first event can't be on time any more, the music waits instead. */
  function handOver(now: Ms): void {
    if (pianist.paused) return
    const first = plan.nextDue()
    const lack = now + LEAST_NOTICE_MS - clock.toProcess(first)
    // A band doesn't wait: what is too late for its beat is left out.
    if (lack > 0 && !band.follows(now)) {
      slips++
      slippedMs += lack
      slip(lack)
    }
    pianist.advance(clock.toPlan(now + horizon))
  }

  /** While paused plan time stands; when it goes on it does so from the horizon. */
  function standAt(now: Ms): void {
    clock.set(pianist.position, now + horizon)
  }

  /** A silence before the first note is skipped. */
  function begin(now: Ms): void {
    if (beats) {
      beats.begin(now)
      return
    }
    const strike = pianist.nextStrike(UPBEAT_SEARCH_MS)
    const silence = strike === undefined ? 0 : strike - pianist.position - LONGEST_UPBEAT_MS
    if (silence > 0) slip(-silence)
    // What is skipped has no sound; it is behind us before anything can be called late.
    pianist.advance(clock.toPlan(now + horizon))
  }

  /** Tells the pianist of the beat, when that has changed by more than the loop's own doubt. */
  function tellTempo(now: Ms): void {
    const beat = band.beat(now)
    const beatMs = beat === null || beat.position === null ? null : MINUTE_MS / beat.tempo
    const isSame = beatMs !== null && toldBeatMs !== null && Math.abs(beatMs / toldBeatMs - 1) < TEMPO_DOUBT
    if (isSame || beatMs === toldBeatMs) return
    toldBeatMs = beatMs
    if (pianist.paused) standAt(now)
    pianist.apply({ kind: 'tempo', beatMs: beatMs === null ? null : beatMs / clock.rate })
  }

  /** What has waited for its beat goes to work when the horizon is there. */
  function callDeferred(now: Ms): void {
    const called = deferred.takeDue(now + horizon)
    if (called.length === 0) return
    for (const { arrival, due } of called) {
      if (!pianist.paused) pianist.advance(Math.max(pianist.position, clock.toPlan(due)))
      obey(arrival, now)
    }
    lastRewind = now
    rewinds++
  }

  /** When a change of controls that arrives now is to act: with the beat or bar that it is to wait for. */
  function waitsUntil(arrival: Arrival): Ms | undefined {
    const { quantise } = pianist.controls
    if (quantise === 'off' || !turnsControl(arrival)) return undefined
    return band.next(quantise, arrival.at + horizon)
  }

  function receive(arrival: Arrival): void {
    if (arrival.kind === 'heard' && arrival.message.kind === 'transport') band.receive(arrival.message)
    const due = waitsUntil(arrival)
    if (due !== undefined) deferred.defer(arrival, due)
    else {
      deferred.supersede(arrival)
      waiting.push(arrival)
    }
  }

  function obey(arrival: Arrival, now: Ms): void {
    const { paused: wasPaused, stopped: wasStopped } = pianist
    if (wasPaused) standAt(now)
    pianist.apply(toInput(arrival))
    if (!pianist.paused && (wasPaused || beginsAnew(arrival))) begin(now)
    // A pedal that holds the notes stops no band.
    if (wasStopped && !pianist.stopped) band.play(now + horizon)
    else if (pianist.stopped && !wasStopped) band.stop(now + horizon)
  }

  function obeyAll(now: Ms): void {
    handOver(now)
    const applied = waiting
    waiting = []
    for (const arrival of applied) obey(arrival, now)
    lastRewind = now
    rewinds++
    if (!options.onApplied) return
    for (const arrival of applied) {
      const firstDue = clock.toProcess(plan.nextDue())
      options.onApplied({ arrival, horizon: clock.toProcess(pianist.position), firstDue })
    }
  }

  /** A heard message gets its plan time: never after the position, which is history up to there. */
  function toInput(arrival: Arrival): Input {
    if (arrival.kind === 'command') return { kind: 'command', command: inTime(arrival), by: arrival.by }
    const at = Math.min(pianist.position, clock.toPlan(arrival.at))
    return { kind: 'heard', message: { ...arrival.message, at } }
  }

  /** With a band's clock *again* goes back to a bar: the one before, where this one has just begun. */
  function inTime({ command, at }: Extract<Arrival, { kind: 'command' }>): Command {
    const beat = band.beat(at)
    if (command.type !== 'again' || beat === null || beat.position === null) return command
    const bar = pianist.controls.beatsPerBar
    const since = beat.position % bar
    const beats = since < 1 ? since + bar : since
    return { type: 'again', back: (beats * MINUTE_MS) / beat.tempo / clock.rate }
  }

  const inProcessTime = (note: PlannedNote): PlannedNote => ({
    ...note,
    start: clock.toProcess(note.start),
    end: note.end === null ? null : clock.toProcess(note.end),
  })

  function tick(now: Ms): Ms {
    const wasStopped = pianist.stopped
    band.give(now + horizon)
    beats?.sync(now)
    tellTempo(now)
    callDeferred(now)
    const next = Math.min(work(now), Math.min(band.nextTick, deferred.next) - horizon)
    if (!wasStopped && pianist.stopped) band.stop(now + horizon)
    return next
  }

  /** The work on the music: as `turn`. */
  function work(now: Ms): Ms {
    if (
      waiting.length > 0 &&
      (waiting.some((arrival) => isUrgent(arrival, pianist.ensemble.turns.mode)) ||
        now - lastRewind >= REWIND_EVERY_MS)
    ) {
      obeyAll(now)
      return now
    }
    // Stands still: there is nothing to hand over, only the first notes after it to have ready.
    const planAt = (ahead: Ms) =>
      pianist.paused ? pianist.position + ahead / clock.rate : clock.toPlan(now + ahead)
    if (!pianist.paused && plan.plannedTo <= planAt(horizon + SAFETY_MS) && plan.sample()) {
      handOver(now)
      return now
    }
    handOver(now)
    const next = Math.min(plan.nextDue(), pianist.nextTurn)
    const commitAt = pianist.paused ? Number.POSITIVE_INFINITY : clock.toProcess(next) - horizon
    const allowedAt = lastRewind + REWIND_EVERY_MS
    if (waiting.length > 0) return Math.min(allowedAt, commitAt)
    if (plan.plannedTo < planAt(lookahead)) {
      // While a control turns on and on, what lies further ahead would be drawn in vain.
      if (now < allowedAt) return Math.min(allowedAt, commitAt)
      // A plan that is full (a burst of events) must be handed over before it can grow.
      return plan.sample() ? now : commitAt
    }
    return pianist.paused
      ? Number.POSITIVE_INFINITY
      : Math.min(commitAt, clock.toProcess(plan.plannedTo) - lookahead)
  }

  return {
    pianist,
    receive,
    receiveClock: band.receive,
    get hasWaiting() {
      return waiting.length > 0 || deferred.next < Number.POSITIVE_INFINITY
    },
    tick,
    snapshot: (now) => ({
      ...viewOf(pianist),
      beat: band.beat(now),
      planned: (plan.plannedTo - (pianist.paused ? pianist.position : clock.toPlan(now))) * clock.rate,
      slips,
      slippedMs,
      rewinds,
      steps: plan.steps,
      ahead: options.showsAhead ? pianist.ahead().map(inProcessTime) : [],
    }),
  }
}

/** The music goes on from somewhere else: a silence at the start of it is skipped. */
function beginsAnew(arrival: Arrival): boolean {
  return arrival.kind === 'command' && (arrival.command.type === 'forget' || arrival.command.type === 'again')
}

/** What must not wait for the next rewind. */
function isUrgent(arrival: Arrival, mode: Mode): boolean {
  if (arrival.kind === 'heard') {
    const { message } = arrival
    if (message.kind === 'note-on' || message.kind === 'note-off') return mode.keysAreUrgent
    // CC66 may pass the floor.
    return message.kind === 'transport' || message.controller === SOSTENUTO
  }
  return arrival.command.type !== 'set'
}
