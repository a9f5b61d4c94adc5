import { type EventIndex, noteOn } from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { Network } from '../network/network.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { createDraw, createEventSampler, type Draw, type EventSampler } from '../sampling/event-sampler.js'
import { copyMoment, firstMoment, type Moment, passEvent } from '../sampling/moment.js'
import type { Steps } from '../units.js'

/** An event with everything that its draw depended on. */
export interface Entry extends Draw {
  /** The network's state before the step that made `logits`. */
  readonly state: Float32Array
  readonly conditioning: Float32Array
  guidance: number
}

/**
 * Most planned events. One second at 40 notes a second is about 150 events, a burst at a high temperature a few hundred.
 * A smaller buffer would cut the lookahead short in a burst; each entry costs 27 KB.
 */
const CAPACITY = 512

/**
 * Entries of history that are held with their states, so that notes can be put between them: 250 ms of dense music have
 * some 60 events. With fewer, the last notes of a player's chord enter history too late; with more, the plan gets shorter.
 */
const HISTORY_HELD = 128

/**
 * A ring of events, each with what drawing it again depends on: first the latest events of history, then the planned
 * events. Events are numbered from 0 on without end; the entries of old events are overwritten. Owns the network's state.
 * Only the constructor allocates.
 */
export class EventBuffer {
  /** The moment after the last event. */
  readonly live: Moment
  readonly #network: Network
  readonly #policy: DrawPolicy
  readonly #sampler: EventSampler
  readonly #entries: readonly Entry[]
  /** The conditioning vector that the policy wants for the event at work. */
  readonly #wanted: Float32Array
  #run = 0
  #firstPlanned = 0
  #end = 0
  /** Number of the first event from which on every event of history has an entry. */
  #unbrokenFrom = 0
  /** Number of the event that the network would step towards next: its state is the one before that event's step. */
  #networkAt = 0
  #steps = 0

  /** An empty buffer. `seed` 0 to 2^32 - 1. */
  constructor(network: Network, policy: DrawPolicy, seed: number, idiom: Idiom) {
    this.#network = network
    this.#policy = policy
    this.#sampler = createEventSampler(policy, seed)
    this.#entries = Array.from({ length: CAPACITY }, () => createEntry(network))
    this.#wanted = new Float32Array(network.conditioningSize)
    this.live = firstMoment(0, seed, idiom)
    network.reset()
  }

  /** Number of the oldest event that `goTo` can go back to. */
  get oldest(): number {
    return Math.max(this.#unbrokenFrom, this.#firstPlanned - HISTORY_HELD + 1)
  }

  /** Number of the first planned event. The events before it are history. */
  get firstPlanned(): number {
    return this.#firstPlanned
  }

  /** Number that the next event gets. */
  get end(): number {
    return this.#end
  }

  /** Number of network steps so far, not counting those that only fed an event. */
  get steps(): number {
    return this.#steps
  }

  /** The entry of event `index`, which must be in the buffer. */
  at(index: number): Entry {
    return this.#entries[index % CAPACITY]!
  }

  /** Draws one more event; false if there is no room for it. */
  sample(): boolean {
    if (this.#end - this.#firstPlanned >= CAPACITY - HISTORY_HELD) return false
    const entry = this.#nextEntry()
    this.#step(entry, this.#end)
    this.#sampler.drawWhole(entry, this.#run)
    this.#append(entry)
    return true
  }

  /** Draws the next event as a wait whose first `passed` - 1 steps have gone by. */
  sampleWait(passed: Steps): void {
    const entry = this.#nextEntry()
    this.#step(entry, this.#end)
    this.#sampler.drawWait(entry, this.#run, passed)
    this.#append(entry)
  }

  /**
   * Draws planned event `index` again. It is a wait whose first `passed` - 1 steps have gone by, or, with `passed` 0 or
   * less, an event of which nothing has gone by.
   * @returns whether the events after it are no longer valid
   */
  redraw(index: number, passed: Steps): boolean {
    const entry = this.at(index)
    const { event, waiting } = entry
    const stepped = this.#step(entry, index)
    if (passed > 0) this.#sampler.redrawWait(entry, this.#run, passed)
    else this.#sampler.drawWhole(entry, this.#run)
    return stepped || entry.event !== event || entry.waiting !== waiting
  }

  /** Drops all events after event `index`. */
  endAfter(index: number): void {
    const entry = this.at(index)
    copyMoment(entry.moment, this.live)
    this.#end = index + 1
    this.#passLive(entry)
  }

  /** Makes the first planned event history. @returns its entry */
  commit(): Entry {
    return this.at(this.#firstPlanned++)
  }

  /** Goes back to before event `index` and drops it and all events after it. Then nothing is planned. */
  goTo(index: number): void {
    this.#network.restore(this.at(index).state)
    copyMoment(this.at(index).moment, this.live)
    this.#firstPlanned = index
    this.#end = index
    this.#networkAt = index
  }

  /** Appends `event` to history without a draw and with an entry. Nothing may be planned. @returns its entry */
  feedHeld(event: EventIndex): Entry {
    const entry = this.#nextEntry()
    this.#network.save(entry.state)
    entry.guidance = this.#feedStep()
    entry.conditioning.set(this.#wanted)
    return this.#appendToHistory(entry, event)
  }

  /**
   * Appends `event` to history without a draw and without an entry, so that `goTo` can't go back to any event before it.
   * Nothing may be planned.
   */
  feedAway(event: EventIndex): void {
    this.#restoreLive()
    this.#feedStep()
    this.#networkAt = this.#end
    this.#unbrokenFrom = this.#end
    passEvent(this.live, event)
  }

  /**
   * Appends to history a note-on whose pitch `number` in [0, 1) draws among those that `noteOns` [128] allows. Nothing may
   * be planned.
   * @returns its entry, or undefined (and nothing is appended) if `noteOns` allows no pitch
   */
  drawNote(noteOns: Uint8Array, number: number): Entry | undefined {
    const entry = this.#nextEntry()
    this.#step(entry, this.#end)
    const pitch = this.#sampler.drawPitch(entry, noteOns, number)
    if (pitch >= 0) return this.#appendToHistory(entry, noteOn(pitch))
    this.#network.restore(entry.state)
    this.#networkAt = this.#end
    return undefined
  }

  /** Writes to `target` the network's state before the next event. Nothing may be planned. */
  save(target: Float32Array): void {
    this.#restoreLive()
    this.#network.save(target)
    this.#networkAt = this.#end
  }

  /**
   * Goes on from `moment` with the network's `state` (null: the blank state) and the random numbers of `run`, and drops all
   * planned events.
   */
  jump(moment: Moment, state: Float32Array | null, run: number): void {
    this.#run = run
    if (state) this.#network.restore(state)
    else this.#network.reset()
    copyMoment(moment, this.live)
    this.#end = this.#firstPlanned
    this.#networkAt = this.#end
    this.#unbrokenFrom = this.#end
  }

  /**
   * Runs the network's step for `entry` under the conditioning that the policy wants at its moment.
   * @returns false if event `index` has its logits already and they are still valid: then there was no step
   */
  #step(entry: Entry, index: number): boolean {
    const network = this.#network
    const wanted = this.#wanted
    const guidance = this.#policy.condition(wanted, entry.moment)
    const isSame = guidance === entry.guidance && areEqual(wanted, entry.conditioning)
    if (index < this.#end && isSame) return false
    if (index < this.#end) network.restore(entry.state)
    else {
      if (this.#networkAt !== this.#end) network.restore(entry.state)
      network.save(entry.state)
    }
    entry.conditioning.set(wanted)
    entry.guidance = guidance
    network.condition(wanted, guidance)
    network.step(entry.moment.previous)
    this.#steps++
    entry.logits.set(network.logits)
    this.#networkAt = index + 1
    return true
  }

  /** Runs the step before the next event for its effect on the state alone. @returns the guidance */
  #feedStep(): number {
    const guidance = this.#policy.condition(this.#wanted, this.live)
    this.#network.condition(this.#wanted, guidance)
    this.#network.feed(this.live.previous)
    return guidance
  }

  /** Brings the network to its state before the next event, if a dropped event has moved it on. */
  #restoreLive(): void {
    if (this.#networkAt !== this.#end) this.#network.restore(this.at(this.#end).state)
  }

  /** The entry of the next event, with the live moment in it. */
  #nextEntry(): Entry {
    const entry = this.at(this.#end)
    copyMoment(this.live, entry.moment)
    return entry
  }

  #append(entry: Entry): void {
    this.#end++
    this.#passLive(entry)
  }

  /** Appends `entry`, whose step has been made, to history as `event`. */
  #appendToHistory(entry: Entry, event: EventIndex): Entry {
    entry.event = event
    entry.fed = true
    entry.waiting = -1
    this.#append(entry)
    this.#firstPlanned = this.#end
    this.#networkAt = this.#end
    return entry
  }

  #passLive(entry: Entry): void {
    const { live } = this
    passEvent(live, entry.event)
    this.#policy.pass(live, entry.event)
    if (!entry.fed) live.draws++
    if (entry.waiting >= 0) live.waiting = entry.waiting
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

function areEqual(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
