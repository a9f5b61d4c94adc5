import {
  type EventIndex,
  isTimeShift,
  MAX_SHIFT,
  noteOff,
  shiftSteps,
  timeShift,
} from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { Network } from '../network/network.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { firstMoment, type Moment, SILENT, shiftMoment } from '../sampling/moment.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { Checkpoints } from './checkpoints.js'
import { EventBuffer } from './event-buffer.js'
import { HistoryEdit, type Merged } from './history-edit.js'
import { type Edge, feedWait, mergeEdges } from './merge.js'

export type { Merged } from './history-edit.js'

/** One event of the plan. */
export interface PlannedEvent {
  /** The moment before the event. */
  readonly moment: Moment
  readonly event: EventIndex
}

/** Strikes a pitch that `number` in [0, 1) draws among those that `noteOns` [128] allows. @returns it, or -1 if none is allowed */
export type DrawPitch = (noteOns: Uint8Array, number: number) => Pitch

/**
 * The plan: the events of the music, sampled ahead. The events up to the horizon have been committed and are *history*; the
 * planned events after them can be drawn again. The first planned event that isn't over at the horizon is the *open* event:
 * as a rule a time-shift, the *open wait*. Times are plan time, `STEP_MS` for each step of the event clock. Methods whose
 * comment doesn't say otherwise allocate nothing; none of them throws.
 */
export interface Plan {
  /** Plan time up to which everything is sampled. */
  readonly plannedTo: Ms
  /** Network steps so far. */
  readonly steps: number
  /** The logits that the first planned event was drawn from, [388]. */
  readonly openLogits: Float32Array
  /** Samples one more event; false if the plan is full and an event must be committed first. */
  sample(): boolean
  /** Samples until everything up to and including `last` is planned, or the plan is full. */
  sampleBeyond(last: Ms): void
  /**
   * The first planned event if it is over at `horizon`: events without length at `horizon` or before it, and waits that end
   * by then. Samples if nothing is planned.
   */
  due(horizon: Ms): PlannedEvent | undefined
  /** Makes the event that `due` returned history. */
  commit(): void
  /** The first planned event: the open one, once everything due has been committed. Samples if nothing is planned. */
  open(): PlannedEvent
  /** When the first planned event is over, which is when the event after an open wait is due. */
  nextDue(): Ms
  /** Draws everything after `horizon` again, under the policy as it is now. Everything due by then must have been committed. */
  rewind(horizon: Ms): void
  /** Drops the events planned after the open event. Sampling gives the same events again, so that nobody can hear the drop. */
  drop(): void
  /**
   * Ends the open wait at `horizon` and releases all sounding notes, as history. Used to go on after a pause: the network
   * receives a breath whose silence is no longer than the silence before the pause.
   */
  breathe(horizon: Ms): void
  /** Appends `event` to history without a draw. Nothing may be planned (at the start, or after `restart`). */
  feed(event: EventIndex): void
  /**
   * Goes back `steps` in history, to the end of an event at least so far back, and goes on from there at event clock `clock`
   * with the random numbers of `run`; the notes that sounded there are released. Feeds up to 2 s of events, which takes
   * 0.1 s in dense music. Allocates.
   * @returns false, and nothing has changed, if the checkpoints don't reach so far back
   */
  again(steps: Steps, run: number, clock: Steps): boolean
  /**
   * Puts notes that the player plays into history without a draw, and draws everything after `horizon` again. Each edge gets
   * its own time, or the nearest that can be reached: at most 250 ms before `horizon`, not before the last breath or new run,
   * and not after `horizon`. Everything due by `horizon` must have been committed. After the last edge `choose` may strike
   * notes that sound together with it. Allocates.
   */
  merge(edges: readonly Edge[], horizon: Ms, choose?: (draw: DrawPitch) => void): Merged
  /**
   * Ends the open wait, as history, at the first step after `horizon`, so that the next event is drawn there. Everything due
   * by `horizon` must have been committed. Allocates.
   */
  endWait(horizon: Ms): Merged
  /** Starts a new performance at event clock `clock`, from the blank state and with the random numbers of `run`. Allocates. */
  restart(run: number, clock: Steps): void
  /** Calls `visit` with every planned event, in order. */
  forEachPlanned(visit: (planned: PlannedEvent) => void): void
}

/** A plan without events over `network`, which nobody else may step from now on. `seed` 0 to 2^32 - 1. */
export function createPlan(network: Network, policy: DrawPolicy, seed: number, idiom: Idiom = {}): Plan {
  return new BufferedPlan(network, policy, seed, idiom)
}

class BufferedPlan implements Plan {
  readonly #buffer: EventBuffer
  readonly #checkpoints: Checkpoints
  readonly #seed: number
  readonly #idiom: Idiom
  readonly #saveState = (target: Float32Array): void => this.#buffer.save(target)

  constructor(network: Network, policy: DrawPolicy, seed: number, idiom: Idiom) {
    this.#buffer = new EventBuffer(network, policy, seed, idiom)
    this.#checkpoints = new Checkpoints(network.stateSize)
    this.#seed = seed
    this.#idiom = idiom
  }

  get plannedTo(): Ms {
    return this.#buffer.live.clock * STEP_MS
  }

  get steps(): number {
    return this.#buffer.steps
  }

  get openLogits(): Float32Array {
    this.open()
    return this.#buffer.at(this.#buffer.firstPlanned).logits
  }

  sample(): boolean {
    return this.#buffer.sample()
  }

  sampleBeyond(last: Ms): void {
    while (this.plannedTo <= last && this.sample());
  }

  open(): PlannedEvent {
    const buffer = this.#buffer
    if (buffer.firstPlanned === buffer.end) buffer.sample()
    return buffer.at(buffer.firstPlanned)
  }

  due(horizon: Ms): PlannedEvent | undefined {
    const planned = this.open()
    return endOf(planned) * STEP_MS > horizon ? undefined : planned
  }

  nextDue(): Ms {
    return endOf(this.open()) * STEP_MS
  }

  commit(): void {
    this.#checkpoints.recordEntry(this.#buffer.commit())
  }

  rewind(horizon: Ms): void {
    const buffer = this.#buffer
    this.open()
    for (let index = buffer.firstPlanned; index < buffer.end; index++) {
      const { clock } = buffer.at(index).moment
      const passed = Math.floor((horizon - clock * STEP_MS) / STEP_MS) + 1
      if (!buffer.redraw(index, passed)) continue
      buffer.endAfter(index)
      return
    }
  }

  drop(): void {
    this.open()
    this.#buffer.endAfter(this.#buffer.firstPlanned)
  }

  breathe(horizon: Ms): void {
    const buffer = this.#buffer
    this.open()
    buffer.goTo(buffer.firstPlanned)
    const passed = Math.floor((horizon - buffer.live.clock * STEP_MS) / STEP_MS)
    if (passed > 0) this.feed(timeShift(passed))
    this.#releaseAll()
  }

  feed(event: EventIndex): void {
    this.#checkpoints.record(this.#buffer.live, event, this.#saveState)
    this.#buffer.feedAway(event)
  }

  again(steps: Steps, run: number, clock: Steps): boolean {
    const checkpoint = this.#checkpoints.goBack(steps)
    if (!checkpoint) return false
    const { moment, state, events } = checkpoint
    const { live } = this.#buffer
    this.#buffer.jump(moment, state, run)
    const length = events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)
    shiftMoment(live, clock - length - live.clock)
    // The checkpoint has recorded these events already.
    for (const event of events) this.#buffer.feedAway(event)
    live.draws = 0
    this.#releaseAll()
    return true
  }

  merge(edges: readonly Edge[], horizon: Ms, choose?: (draw: DrawPitch) => void): Merged {
    const { live } = this.#buffer
    const last = Math.floor(horizon / STEP_MS)
    const first = edges.reduce((least, { clock }) => Math.min(least, clock), last)
    const edit = this.#editFrom(first, last)
    edit.feedEdges(mergeEdges(edit.played, edges))
    choose?.((noteOns, number) => edit.drawNote(noteOns, number))
    // A wait that is longer than the longest shift is drawn for its last part alone.
    while (last - live.clock >= MAX_SHIFT) edit.feed(timeShift(MAX_SHIFT))
    this.#buffer.sampleWait(last + 1 - live.clock)
    return edit.merged
  }

  endWait(horizon: Ms): Merged {
    const last = Math.floor(horizon / STEP_MS)
    const edit = this.#editFrom(last, last)
    edit.feedEdges(edit.played)
    feedWait(last + 1, this.#buffer.live, edit.feed)
    return edit.merged
  }

  restart(run: number, clock: Steps): void {
    this.#checkpoints.clear()
    this.#buffer.jump(firstMoment(clock, this.#seed, this.#idiom), null, run)
  }

  forEachPlanned(visit: (planned: PlannedEvent) => void): void {
    const buffer = this.#buffer
    for (let index = buffer.firstPlanned; index < buffer.end; index++) visit(buffer.at(index))
  }

  #editFrom(first: Steps, last: Steps): HistoryEdit {
    this.open()
    return new HistoryEdit(this.#buffer, this.#checkpoints, first, last)
  }

  #releaseAll(): void {
    const { struckAt } = this.#buffer.live
    for (let pitch = 0; pitch < struckAt.length; pitch++) {
      if (struckAt[pitch] !== SILENT) this.feed(noteOff(pitch))
    }
  }
}

/** The step at which an event is over: for a time-shift its end, for all others the moment before it. */
function endOf({ event, moment }: PlannedEvent): Steps {
  return moment.clock + (isTimeShift(event) ? shiftSteps(event) : 0)
}
