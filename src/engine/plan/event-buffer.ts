import { type EventIndex, isTimeShift, noteOn, shiftSteps } from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { Network } from '../network/network.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { createDraw, createEventSampler, type Draw } from '../sampling/event-sampler.js'
import { copyMoment, firstMoment, type Moment, passEvent } from '../sampling/moment.js'
import { passTide } from '../sampling/tide.js'
import type { Steps } from '../units.js'

/** An event with all that its draw depended on. */
export interface Entry extends Draw {
  /** The network's state before the step that made `logits`. */
  readonly state: Float32Array
  readonly conditioning: Float32Array
  guidance: number
}

/**
 * Events one after the other, each with what it takes to draw it again: those taken, as far as they are kept, and those
 * planned after them. Events are numbered on and on; what isn't kept any more is overwritten. Allocates only when made.
 */
export interface EventBuffer {
  /** The moment after the last event. */
  readonly live: Moment
  /** The oldest event that can be gone back to. */
  readonly oldest: number
  /** Events from here on are planned, those before are history. */
  readonly taken: number
  /** The number that the next event gets. */
  readonly end: number
  /** Network steps so far. */
  readonly steps: number
  at(index: number): Entry
  /** Draws one event more; false where there is no room for it. */
  sample(): boolean
  /** Draws the open wait, of which `passed` - 1 steps have gone by. */
  samplePassed(passed: Steps): void
  /**
   * Draws a planned event again, of whose wait `passed` - 1 steps have gone by (0 or less: whole).
   * @returns whether what comes after it no longer holds
   */
  redraw(index: number, passed: Steps): boolean
  /** Everything after event `index` is to be drawn anew. */
  endAfter(index: number): void
  /** The first planned event is history now. @returns it */
  commit(): Entry
  /** Goes back to before event `index`: nothing is planned, and what came from there on is gone. */
  goTo(index: number): void
  /** Appends `event` to history, undrawn and kept. Nothing may be planned. @returns it */
  feedKept(event: EventIndex): Entry
  /** Moves on past `event`, undrawn; nothing before it can be gone back to. Nothing may be planned. */
  feedAway(event: EventIndex): void
  /** Writes the network's state before the next event. Nothing may be planned. */
  save(target: Float32Array): void
  /** From another moment on, with the network's `state` (null: blank) and random numbers of `run`; nothing is planned. */
  jump(moment: Moment, state: Float32Array | null, run: number): void
  /**
   * Appends a note-on, its pitch drawn as `Dice.drawPitch` has it, to history. Nothing may be planned.
   * @returns it; undefined, and nothing appended, where no pitch is open
   */
  drawNote(noteOns: Uint8Array, number: number): Entry | undefined
}

/**
 * Most events that the plan holds. A second at 40 notes/s is about 150 events; a burst at high temperature a few
 * hundred. Fewer would cut the lookahead short in a burst, more costs 27 KB each.
 */
const CAPACITY = 512

/**
 * Taken events kept with their states, so that notes can be put between them: 250 ms of dense playing have some 60. Fewer
 * put a chord of the player's too late into history, more shorten the plan.
 */
const KEPT_TAKEN = 128

/** A line of no events over `network`, whose state it owns from now on. `seed` 0 to 2^32 - 1. */
export function createEventBuffer(
  network: Network,
  guide: DrawPolicy,
  seed: number,
  idiom: Idiom,
): EventBuffer {
  const dice = createEventSampler(guide, seed)
  const wanted = new Float32Array(network.conditioningSize)
  const entries = Array.from({ length: CAPACITY }, () => createEntry(network))
  const live = firstMoment(0, seed, idiom)
  let run = 0
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

  /** The next event to be filled, at the moment that has come. */
  function nextEntry(): Entry {
    const entry = at(end)
    copyMoment(live, entry.moment)
    return entry
  }

  function append(entry: Entry): void {
    end++
    passLive(entry)
  }

  function sample(): boolean {
    if (end - taken >= CAPACITY - KEPT_TAKEN) return false
    const entry = nextEntry()
    step(entry, end)
    dice.drawWhole(entry, run)
    append(entry)
    return true
  }

  function samplePassed(passed: Steps): void {
    const entry = nextEntry()
    step(entry, end)
    dice.drawPassed(entry, run, passed)
    append(entry)
  }

  function redraw(index: number, passed: Steps): boolean {
    const entry = at(index)
    const { event, waiting } = entry
    const stepped = step(entry, index)
    if (passed > 0) dice.drawWaited(entry, run, passed)
    else dice.drawWhole(entry, run)
    return stepped || entry.event !== event || entry.waiting !== waiting
  }

  function endAfter(index: number): void {
    const entry = at(index)
    copyMoment(entry.moment, live)
    end = index + 1
    passLive(entry)
  }

  function goTo(index: number): void {
    network.restore(at(index).state)
    copyMoment(at(index).moment, live)
    taken = index
    end = index
    networkAt = index
  }

  /** Runs the step before `event`, for its effect on the state alone. */
  function feedStep(): number {
    const guidance = guide.condition(wanted, live)
    network.condition(wanted, guidance)
    network.feed(live.previous)
    return guidance
  }

  function feedKept(event: EventIndex): Entry {
    const entry = nextEntry()
    network.save(entry.state)
    entry.guidance = feedStep()
    entry.conditioning.set(wanted)
    return keep(entry, event)
  }

  /** `entry`, whose step has been made, is history as `event`. */
  function keep(entry: Entry, event: EventIndex): Entry {
    entry.event = event
    entry.fed = true
    entry.waiting = -1
    append(entry)
    taken = end
    networkAt = end
    return entry
  }

  function drawNote(noteOns: Uint8Array, number: number): Entry | undefined {
    const entry = nextEntry()
    step(entry, end)
    const pitch = dice.drawPitch(entry, noteOns, number)
    if (pitch >= 0) return keep(entry, noteOn(pitch))
    network.restore(entry.state)
    networkAt = end
    return undefined
  }

  function feedAway(event: EventIndex): void {
    if (networkAt !== end) network.restore(at(end).state)
    feedStep()
    networkAt = end
    unbrokenFrom = end
    passEvent(live, event)
  }

  function jump(moment: Moment, state: Float32Array | null, nextRun: number): void {
    run = nextRun
    if (state) network.restore(state)
    else network.reset()
    copyMoment(moment, live)
    end = taken
    networkAt = end
    unbrokenFrom = end
  }

  network.reset()
  return {
    live,
    get oldest() {
      return Math.max(unbrokenFrom, taken - KEPT_TAKEN + 1)
    },
    get taken() {
      return taken
    },
    get end() {
      return end
    },
    get steps() {
      return steps
    },
    at,
    sample,
    samplePassed,
    redraw,
    endAfter,
    commit: () => at(taken++),
    goTo,
    feedKept,
    feedAway,
    save: (target) => {
      if (networkAt !== end) network.restore(at(end).state)
      network.save(target)
      networkAt = end
    },
    jump,
    drawNote,
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
