import type { Network } from './backend.js'
import { createDice, createDraw, type Draw } from './dice.js'
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
} from './events.js'
import type { Guide } from './guide.js'
import { createMemory } from './memory.js'
import { type Edge, feedEdges, feedWait, mergeEdges, type Standing } from './merge.js'
import { copyMoment, firstMoment, type Moment, passEvent, SILENT, shiftMoment } from './moment.js'
import { passTide } from './tide.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from './units.js'

/** One event of the plan, with all that its draw depended on. */
export interface PlannedEvent {
  /** The moment before the event. */
  readonly moment: Moment
  readonly event: EventIndex
}

/** With all that its draw depended on. */
interface Entry extends Draw {
  /** The network's state before the step that made `logits`. */
  readonly state: Float32Array
  readonly conditioning: Float32Array
  guidance: number
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
  take(): void
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
   * have been taken. Allocates.
   */
  merge(edges: readonly Edge[], horizon: Ms): Merged
  /**
   * The open wait ends, as history, at the first step after `horizon`, where the next event is drawn whole. All due by
   * then must have been taken. Allocates.
   */
  endWait(horizon: Ms): Merged
  /**
   * The pitch of a note struck where the open wait begins, drawn among those open in `noteOns` [128] by `number` in
   * [0, 1); -1 where none is open. Changes nothing: feed it by `merge`.
   */
  drawPitch(noteOns: Uint8Array, number: number): Pitch
  /** Zero state, a new run of random numbers, from event clock `clock` on. */
  restart(run: number, clock: Steps): void
  /** Calls `visit` with every event not yet taken, in order. */
  forEachPlanned(visit: (planned: PlannedEvent) => void): void
  /** The logits that the open (or first untaken) event was drawn from, [388]. */
  readonly openLogits: Float32Array
}

/**
 * Most events that the plan holds. A second at 40 notes/s is about 150 events; a burst at high temperature a few
 * hundred. Fewer would cut the lookahead short in a burst, more costs 27 KB each.
 */
const CAPACITY = 512

/** How history changed by a merge: the last `retracted` events taken are replaced by `events`. */
export interface Merged {
  readonly retracted: number
  readonly events: readonly EventIndex[]
}

/**
 * Taken events kept with their states, so that notes can be put between them: 250 ms of dense playing have some 60. Fewer
 * put a chord of the player's too late into history, more shorten the plan.
 */
const KEPT_TAKEN = 128
/**
 * How far back a note is put at its true time. What comes later than this was held up by something worse; longer feeds
 * more events again, some 0.3 ms each.
 */
const MERGE_REACH: Steps = 250 / STEP_MS

/** A plan over `network`, whose state it owns from now on. `seed` 0 to 2^32 - 1. */
export function createPlan(network: Network, guide: Guide, seed: number): Plan {
  const dice = createDice(guide, seed)
  const memory = createMemory(network.stateSize)
  const wanted = new Float32Array(network.conditioningSize)
  const entries = Array.from({ length: CAPACITY }, () => createEntry(network))
  /** The moment after the last event of the plan. */
  const live = firstMoment(0, seed)
  let run = 0
  /** Events are numbered on and on; [taken, end) is what is planned. */
  let taken = 0
  let end = 0
  /** The events from here on follow on each other, without anything fed between them. */
  let unbrokenFrom = 0
  /** The network's state is the one before the step of this event. */
  let networkAt = 0
  let steps = 0

  const at = (index: number): Entry => entries[index % CAPACITY]!

  /** Runs the entry's step under the conditioning that the guide wants at its moment; false if its logits hold. */
  function step(entry: Entry, index: number): boolean {
    const guidance = guide.condition(wanted, entry.moment)
    const isSame = guidance === entry.guidance && sameVector(wanted, entry.conditioning)
    if (index < end && isSame) return false
    if (index < end) network.restore(entry.state)
    else {
      if (networkAt !== end) network.restore(entry.state)
      network.save(entry.state)
    }
    entry.conditioning.set(wanted)
    entry.guidance = guidance
    network.condition(wanted, guidance)
    network.step(entry.moment.previous)
    steps++
    entry.logits.set(network.logits)
    networkAt = index + 1
    return true
  }

  function passLive(entry: Entry): void {
    passEvent(live, entry.event)
    passTide(live.tide, live, isTimeShift(entry.event) ? shiftSteps(entry.event) : 0)
    if (!entry.fed) live.draws++
    if (entry.waiting >= 0) live.waiting = entry.waiting
  }

  function sample(): boolean {
    if (end - taken >= CAPACITY - KEPT_TAKEN) return false
    const entry = at(end)
    copyMoment(live, entry.moment)
    step(entry, end)
    dice.drawWhole(entry, run)
    end++
    passLive(entry)
    return true
  }

  function due(horizon: Ms): PlannedEvent | undefined {
    if (taken === end) sample()
    const entry = at(taken)
    const { clock } = entry.moment
    if (clock * STEP_MS > horizon) return undefined
    if (isTimeShift(entry.event) && (clock + shiftSteps(entry.event)) * STEP_MS > horizon) return undefined
    return entry
  }

  function open(): Entry {
    if (taken === end) sample()
    return at(taken)
  }

  function nextDue(): Ms {
    const { event, moment } = open()
    return (moment.clock + (isTimeShift(event) ? shiftSteps(event) : 0)) * STEP_MS
  }

  /** Everything after event `index` is to be sampled anew. */
  function endAfter(index: number): void {
    const entry = at(index)
    copyMoment(entry.moment, live)
    end = index + 1
    passLive(entry)
  }

  function rewind(horizon: Ms): void {
    open()
    for (let index = taken; index < end; index++) {
      const entry = at(index)
      const { event, waiting } = entry
      const stepped = step(entry, index)
      const passed = Math.floor((horizon - entry.moment.clock * STEP_MS) / STEP_MS) + 1
      if (passed > 0) dice.drawWaited(entry, run, passed)
      else dice.drawWhole(entry, run)
      if (stepped || entry.event !== event || entry.waiting !== waiting) {
        endAfter(index)
        return
      }
    }
  }

  /** Empties the plan: the moment and the network's state are those before the open event. */
  function unsample(): void {
    const entry = open()
    copyMoment(entry.moment, live)
    network.restore(entry.state)
    end = taken
    networkAt = end
  }

  function breathe(horizon: Ms): void {
    unsample()
    const passed = Math.floor((horizon - live.clock * STEP_MS) / STEP_MS)
    if (passed > 0) feed(timeShift(passed))
    releaseAll()
  }

  function releaseAll(): void {
    for (let pitch = 0; pitch < live.struckAt.length; pitch++) {
      if (live.struckAt[pitch] !== SILENT) feed(noteOff(pitch))
    }
  }

  function take(): void {
    const entry = at(taken)
    memory.note(entry.moment, entry.event, (target) => target.set(entry.state))
    taken++
  }

  function merge(edges: readonly Edge[], horizon: Ms): Merged {
    const last = Math.floor(horizon / STEP_MS)
    const first = edges.reduce((least, { clock }) => Math.min(least, clock), last)
    return replace(
      first,
      last,
      (played) => mergeEdges(played, edges),
      (from) => {
        // A wait of more than one shift goes on from its last full one.
        while (last - live.clock >= MAX_SHIFT) from(timeShift(MAX_SHIFT))
        samplePassed(last + 1 - live.clock)
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
    finish: (feed: (event: EventIndex) => void) => void,
  ): Merged {
    const { draws } = open().moment
    const reached = Math.max(first, last - MERGE_REACH)
    const from = mergePoint(reached)
    const played = edgesFrom(from)
    const earliest = Math.max(reached, at(from).moment.clock)
    const retracted = taken - from
    const events: EventIndex[] = []
    const feedNext = (event: EventIndex) => {
      events.push(event)
      feedTaken(event)
    }
    memory.retract(retracted)
    network.restore(at(from).state)
    copyMoment(at(from).moment, live)
    networkAt = from
    taken = from
    end = from
    const standing: Standing = {
      get clock() {
        return live.clock
      },
      get bin() {
        return live.bin
      },
      sounds: (pitch) => live.struckAt[pitch] !== SILENT,
    }
    const edges = change(played).map((edge) => ({
      ...edge,
      clock: Math.min(Math.max(edge.clock, earliest), last),
    }))
    feedEdges(edges, standing, feedNext)
    live.draws = draws
    finish(feedNext)
    return { retracted, events }
  }

  /** The first kept event that isn't over before step `first`, or the one before it that nothing waits in. */
  function mergePoint(first: Steps): number {
    const oldest = Math.max(unbrokenFrom, end - CAPACITY + 1)
    let index = taken
    while (index > oldest && (at(index - 1).moment.clock >= first || at(index).moment.waiting >= 0)) index--
    const before = index > oldest ? at(index - 1) : undefined
    const spans =
      before && isTimeShift(before.event) && before.moment.clock + shiftSteps(before.event) > first
    return spans ? index - 1 : index
  }

  /** Where the notes taken from event `from` on begin and end. */
  function edgesFrom(from: number): Edge[] {
    const edges: Edge[] = []
    for (let index = from; index < taken; index++) {
      const { event, moment } = at(index)
      if (isNoteOn(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: moment.bin })
      else if (isNoteOff(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: 0 })
    }
    return edges
  }

  /** Appends `event` as one that was taken, undrawn. The plan is empty. */
  function feedTaken(event: EventIndex): void {
    const entry = at(end)
    copyMoment(live, entry.moment)
    network.save(entry.state)
    memory.note(entry.moment, event, (target) => target.set(entry.state))
    entry.guidance = guide.condition(wanted, live)
    entry.conditioning.set(wanted)
    network.condition(wanted, entry.guidance)
    network.feed(live.previous)
    entry.event = event
    entry.fed = true
    entry.waiting = -1
    end++
    taken = end
    networkAt = end
    passLive(entry)
  }

  /** Samples the open wait, of which `passed` - 1 steps have gone by. */
  function samplePassed(passed: Steps): void {
    const entry = at(end)
    copyMoment(live, entry.moment)
    step(entry, end)
    dice.drawPassed(entry, run, passed)
    end++
    passLive(entry)
  }

  function feed(event: EventIndex): void {
    if (networkAt !== end) network.restore(at(end).state)
    memory.note(live, event, network.save)
    pass(event)
  }

  /** Moves the network and the moment past `event`, undrawn; the network's state is the live one. */
  function pass(event: EventIndex): void {
    const guidance = guide.condition(wanted, live)
    network.condition(wanted, guidance)
    network.feed(live.previous)
    networkAt = end
    unbrokenFrom = end
    passEvent(live, event)
  }

  function again(steps: Steps, nextRun: number, clock: Steps): boolean {
    const mark = memory.goBack(steps)
    if (!mark) return false
    run = nextRun
    end = taken
    network.restore(mark.state)
    networkAt = end
    copyMoment(mark.moment, live)
    const length = mark.events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)
    shiftMoment(live, clock - length - live.clock)
    for (const event of mark.events) pass(event)
    live.draws = 0
    releaseAll()
    return true
  }

  function restart(nextRun: number, clock: Steps): void {
    memory.clear()
    run = nextRun
    copyMoment(firstMoment(clock, seed), live)
    network.reset()
    end = taken
    networkAt = end
    unbrokenFrom = end
  }

  network.reset()
  return {
    get plannedTo() {
      return live.clock * STEP_MS
    },
    get steps() {
      return steps
    },
    get openLogits() {
      return open().logits
    },
    sample,
    due,
    take,
    open,
    nextDue,
    rewind,
    drop: () => {
      open()
      endAfter(taken)
    },
    breathe,
    feed,
    merge,
    endWait,
    drawPitch: (noteOns, number) => dice.drawPitch(open(), noteOns, number),
    again,
    restart,
    forEachPlanned: (visit) => {
      for (let index = taken; index < end; index++) visit(at(index))
    },
  }
}

function createEntry(network: Network): Entry {
  return {
    ...createDraw(),
    state: new Float32Array(network.stateSize),
    conditioning: new Float32Array(network.conditioningSize),
    guidance: 1,
  }
}

function sameVector(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
