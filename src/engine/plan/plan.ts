import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
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
import { createCheckpoints } from './checkpoints.js'
import { createEventBuffer, type Entry } from './event-buffer.js'
import { type Edge, feedEdges, feedWait, mergeEdges, type Standing } from './merge.js'

/** One event of the plan, with all that its draw depended on. */
export interface PlannedEvent {
  /** The moment before the event. */
  readonly moment: Moment
  readonly event: EventIndex
}

/**
 * The plan: events sampled ahead, of which those up to the horizon have been taken, and the rest can be drawn
 * again. Times are plan time (the event clock in ms). After `createPlan` only `restart` and the lists of `again` allocate.
 */
export interface Plan {
  /** Everything up to here is sampled. */
  readonly plannedTo: Ms
  /** Network steps so far. */
  readonly steps: number
  /** Samples one event more; false when the plan is full (something must be taken first). */
  sample(): boolean
  /**
   * The next event not yet taken, if it belongs to what is due up to and including `horizon`: all events at or
   * before it, except the wait that spans it, which stays open. Samples when the plan is empty.
   */
  due(horizon: Ms): PlannedEvent | undefined
  /** Takes the event that `due` showed: it is history now. */
  commit(): void
  /** The wait that is open after all up to the horizon has been taken (or the first event, before any). */
  open(): PlannedEvent
  /** Plan time of the first event after the open wait (or of the open event, if it is no wait). */
  nextDue(): Ms
  /** Draws everything after `horizon` again under the guide as it is now. All due by then must have been taken. */
  rewind(horizon: Ms): void
  /** Drops what is sampled beyond the open wait. The same is sampled again: nothing can be heard of it. */
  drop(): void
  /**
   * Ends the open wait at `horizon` and releases all that sounds, as history. Used on going on after a pause: the
   * network hears a breath there, of no more silence than was played.
   */
  breathe(horizon: Ms): void
  /** Appends `event` to history, undrawn. The plan must be empty of what isn't taken (at the start, after restart). */
  feed(event: EventIndex): void
  /**
   * Goes back `steps` of what was played (to the end of an event at least so far back) and on from there, from event
   * clock `clock`, with a new run of random numbers; what sounded then is released. False, and nothing done, when
   * nothing is remembered that far back. Feeds up to 2 s of events: 0.1 s in dense music.
   */
  again(steps: Steps, run: number, clock: Steps): boolean
  /**
   * Puts notes that somebody else plays into history at their own times (at most 250 ms back, and not before a breath or a
   * new run; `horizon` at the latest), fed and not drawn, and draws everything after `horizon` again. All due by then must
   * have been taken. After the last of them `choose`, if given, may draw notes that sound with them. Allocates.
   */
  merge(edges: readonly Edge[], horizon: Ms, choose?: (draw: DrawPitch) => void): Merged
  /**
   * The open wait ends, as history, at the first step after `horizon`, where the next event is drawn whole. All due by
   * then must have been taken. Allocates.
   */
  endWait(horizon: Ms): Merged
  /** Zero state, a new run of random numbers, from event clock `clock` on. */
  restart(run: number, clock: Steps): void
  /** Calls `visit` with every event not yet taken, in order. */
  forEachPlanned(visit: (planned: PlannedEvent) => void): void
  /** The logits that the open (or first untaken) event was drawn from, [388]. */
  readonly openLogits: Float32Array
}

/** Strikes a pitch drawn among those open in `noteOns` [128] by `number` in [0, 1), and returns it; -1 where none is open. */
export type DrawPitch = (noteOns: Uint8Array, number: number) => Pitch

/** How history changed by a merge: the last `retracted` events taken are replaced by `events`. */
export interface Merged {
  readonly retracted: number
  readonly events: readonly EventIndex[]
}

/**
 * How far back a note is put at its true time. What comes later than this was held up by something worse; longer feeds
 * more events again, some 0.3 ms each.
 */
const MERGE_REACH: Steps = 250 / STEP_MS

/** A plan over `network`, whose state it owns from now on. `seed` 0 to 2^32 - 1. */
export function createPlan(network: Network, guide: DrawPolicy, seed: number, idiom: Idiom = {}): Plan {
  const line = createEventBuffer(network, guide, seed, idiom)
  const memory = createCheckpoints(network.stateSize)
  const { live } = line
  const standing: Standing = {
    get clock() {
      return live.clock
    },
    get bin() {
      return live.bin
    },
    sounds: (pitch) => live.struckAt[pitch] !== SILENT,
  }

  function open(): Entry {
    if (line.taken === line.end) line.sample()
    return line.at(line.taken)
  }

  function due(horizon: Ms): PlannedEvent | undefined {
    const entry = open()
    return endOf(entry) * STEP_MS > horizon ? undefined : entry
  }

  function rewind(horizon: Ms): void {
    open()
    for (let index = line.taken; index < line.end; index++) {
      const { clock } = line.at(index).moment
      const passed = Math.floor((horizon - clock * STEP_MS) / STEP_MS) + 1
      if (!line.redraw(index, passed)) continue
      line.endAfter(index)
      return
    }
  }

  function breathe(horizon: Ms): void {
    open()
    line.goTo(line.taken)
    const passed = Math.floor((horizon - live.clock * STEP_MS) / STEP_MS)
    if (passed > 0) feed(timeShift(passed))
    releaseAll()
  }

  function releaseAll(): void {
    for (let pitch = 0; pitch < live.struckAt.length; pitch++) {
      if (live.struckAt[pitch] !== SILENT) feed(noteOff(pitch))
    }
  }

  function note({ moment, event, state }: Entry): void {
    memory.record(moment, event, (target) => target.set(state))
  }

  function feed(event: EventIndex): void {
    memory.record(live, event, line.save)
    line.feedAway(event)
  }

  function merge(edges: readonly Edge[], horizon: Ms, choose?: (draw: DrawPitch) => void): Merged {
    const last = Math.floor(horizon / STEP_MS)
    const first = edges.reduce((least, { clock }) => Math.min(least, clock), last)
    return replace(
      first,
      last,
      (played) => mergeEdges(played, edges),
      (from, keep) => {
        choose?.((noteOns, number) => {
          const struck = line.drawNote(noteOns, number)
          if (!struck) return -1
          keep(struck)
          return eventPitch(struck.event)
        })
        // A wait of more than one shift goes on from its last full one.
        while (last - live.clock >= MAX_SHIFT) from(timeShift(MAX_SHIFT))
        line.samplePassed(last + 1 - live.clock)
      },
    )
  }

  function endWait(horizon: Ms): Merged {
    const last = Math.floor(horizon / STEP_MS)
    return replace(
      last,
      last,
      (played) => played,
      (from) => feedWait(last + 1, live, from),
    )
  }

  /** Feeds what was played from step `first` to `last` again, as `change` makes it, and then what `finish` feeds. */
  function replace(
    first: Steps,
    last: Steps,
    change: (played: readonly Edge[]) => readonly Edge[],
    finish: (feed: (event: EventIndex) => void, keep: (entry: Entry) => void) => void,
  ): Merged {
    const { draws } = open().moment
    const reached = Math.max(first, last - MERGE_REACH)
    const from = mergePoint(reached)
    const played = edgesFrom(from)
    const earliest = Math.max(reached, line.at(from).moment.clock)
    const retracted = line.taken - from
    const events: EventIndex[] = []
    const keep = (entry: Entry) => {
      events.push(entry.event)
      note(entry)
    }
    const feedNext = (event: EventIndex) => keep(line.feedKept(event))
    memory.retract(retracted)
    line.goTo(from)
    const edges = change(played).map((edge) => ({
      ...edge,
      clock: Math.min(Math.max(edge.clock, earliest), last),
    }))
    feedEdges(edges, standing, feedNext)
    // What was drawn once isn't drawn with the same numbers again.
    live.draws = draws
    finish(feedNext, keep)
    return { retracted, events }
  }

  /** The first kept event that isn't over before step `first`, or the one before it that nothing waits in. */
  function mergePoint(first: Steps): number {
    const { oldest } = line
    let index = line.taken
    while (index > oldest && (line.at(index - 1).moment.clock >= first || line.at(index).moment.waiting >= 0))
      index--
    const before = index > oldest ? line.at(index - 1) : undefined
    const spans = before && isTimeShift(before.event) && endOf(before) > first
    return spans ? index - 1 : index
  }

  /** Where the notes taken from event `from` on begin and end. */
  function edgesFrom(from: number): Edge[] {
    const edges: Edge[] = []
    for (let index = from; index < line.taken; index++) {
      const { event, moment } = line.at(index)
      if (isNoteOn(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: moment.bin })
      else if (isNoteOff(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: 0 })
    }
    return edges
  }

  function again(steps: Steps, nextRun: number, clock: Steps): boolean {
    const mark = memory.goBack(steps)
    if (!mark) return false
    line.jump(mark.moment, mark.state, nextRun)
    const length = mark.events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)
    shiftMoment(live, clock - length - live.clock)
    // They are in the memory already.
    for (const event of mark.events) line.feedAway(event)
    live.draws = 0
    releaseAll()
    return true
  }

  function restart(nextRun: number, clock: Steps): void {
    memory.clear()
    line.jump(firstMoment(clock, seed, idiom), null, nextRun)
  }

  return {
    get plannedTo() {
      return live.clock * STEP_MS
    },
    get steps() {
      return line.steps
    },
    get openLogits() {
      return open().logits
    },
    sample: line.sample,
    due,
    commit: () => note(line.commit()),
    open,
    nextDue: () => endOf(open()) * STEP_MS,
    rewind,
    drop: () => {
      open()
      line.endAfter(line.taken)
    },
    breathe,
    feed,
    merge,
    endWait,
    again,
    restart,
    forEachPlanned: (visit) => {
      for (let index = line.taken; index < line.end; index++) visit(line.at(index))
    },
  }
}

/** The step at which an event is over: the end of a wait, at once for all others. */
function endOf({ event, moment }: PlannedEvent): Steps {
  return moment.clock + (isTimeShift(event) ? shiftSteps(event) : 0)
}
