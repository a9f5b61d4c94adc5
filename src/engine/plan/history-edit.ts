import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  shiftSteps,
} from '../language/events.js'
import { STEP_MS, type Steps } from '../units.js'
import type { Checkpoints } from './checkpoints.js'
import type { Entry, EventBuffer } from './event-buffer.js'
import { type Edge, feedEdges } from './merge.js'

/** A change of history: its last `retracted` events are replaced by `events`. */
export interface Merged {
  readonly retracted: number
  readonly events: readonly EventIndex[]
}

/**
 * How far back an edit reaches. A player's note that comes even later was delayed by some fault. A shorter reach would put
 * more notes into history too late; a longer one feeds more events again, at some 0.3 ms each.
 */
const EDIT_REACH: Steps = 250 / STEP_MS

/**
 * One change of the latest history: takes back the last events and then appends others in their place, fed or drawn. Drops
 * the planned events. Allocates.
 */
export class HistoryEdit {
  /** Starts and ends of the notes in the events that were taken back. */
  readonly played: readonly Edge[]
  readonly #buffer: EventBuffer
  readonly #checkpoints: Checkpoints
  readonly #retracted: number
  readonly #events: EventIndex[] = []
  /** No edge is put before this step, or after `#last`. */
  readonly #earliest: Steps
  readonly #last: Steps
  /** Random numbers used up by the events taken back: they aren't used a second time. */
  readonly #draws: number

  /**
   * Takes back the events from step `first` on, but no further than {@link EDIT_REACH} before step `last`. At least one
   * event must be planned.
   */
  constructor(buffer: EventBuffer, checkpoints: Checkpoints, first: Steps, last: Steps) {
    this.#buffer = buffer
    this.#checkpoints = checkpoints
    this.#draws = buffer.at(buffer.firstPlanned).moment.draws
    const reached = Math.max(first, last - EDIT_REACH)
    const from = editPoint(buffer, reached)
    this.played = edgesFrom(buffer, from)
    this.#earliest = Math.max(reached, buffer.at(from).moment.clock)
    this.#last = last
    this.#retracted = buffer.firstPlanned - from
    checkpoints.retract(this.#retracted)
    buffer.goTo(from)
  }

  get merged(): Merged {
    return { retracted: this.#retracted, events: this.#events }
  }

  /** Appends the events of `edges`, each at its own step or at the nearest one that the edit reaches. To be called once. */
  feedEdges(edges: readonly Edge[]): void {
    const reachable = edges.map((edge) => ({
      ...edge,
      clock: Math.min(Math.max(edge.clock, this.#earliest), this.#last),
    }))
    feedEdges(reachable, this.#buffer.live, this.feed)
    this.#buffer.live.draws = this.#draws
  }

  /** Appends `event`. */
  readonly feed = (event: EventIndex): void => {
    this.#record(this.#buffer.feedHeld(event))
  }

  /** Appends a note-on drawn by `number` in [0, 1) among the pitches that `noteOns` [128] allows. @returns its pitch, or -1 for none */
  drawNote(noteOns: Uint8Array, number: number): number {
    const struck = this.#buffer.drawNote(noteOns, number)
    if (!struck) return -1
    this.#record(struck)
    return eventPitch(struck.event)
  }

  #record(entry: Entry): void {
    this.#events.push(entry.event)
    this.#checkpoints.recordEntry(entry)
  }
}

/**
 * The first event in the buffer that isn't over before step `first`. An edit can't begin at a moment in which a note-on
 * waits for room; then the result is the event before that moment.
 */
function editPoint(buffer: EventBuffer, first: Steps): number {
  const { oldest } = buffer
  let index = buffer.firstPlanned
  while (
    index > oldest &&
    (buffer.at(index - 1).moment.clock >= first || buffer.at(index).moment.waiting >= 0)
  )
    index--
  const before = index > oldest ? buffer.at(index - 1) : undefined
  const spansFirst =
    before && isTimeShift(before.event) && before.moment.clock + shiftSteps(before.event) > first
  return spansFirst ? index - 1 : index
}

/** Where the notes of history from event `from` on start and end. */
function edgesFrom(buffer: EventBuffer, from: number): Edge[] {
  const edges: Edge[] = []
  for (let index = from; index < buffer.firstPlanned; index++) {
    const { event, moment } = buffer.at(index)
    if (isNoteOn(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: moment.bin })
    else if (isNoteOff(event)) edges.push({ clock: moment.clock, pitch: eventPitch(event), bin: 0 })
  }
  return edges
}
