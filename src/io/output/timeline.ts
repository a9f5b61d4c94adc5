import type { Ms, NoteId } from '../../engine/units.js'
import { NOTE_OFF, NOTE_ON } from '../shared/ring-messages.js'

/**
 * Kinds of messages that only the timeline has, beside those of `ring-messages.ts`: a note's must-end, a note-on whose note-off
 * came first, and the end of a note that is about to be struck again.
 */
export const MUST_END = 16
export const CANCELLED = 17
export const MAKE_WAY = 18

/** A message taken out of the timeline; one object is reused. */
export interface Pending {
  due: Ms
  mustEnd: Ms
  epoch: number
  id: NoteId
  kind: number
  bytes: number
  /** Index into SOURCES. */
  source: number
}

/** A blank message to `pop` into. */
export function blankPending(): Pending {
  return { due: 0, mustEnd: 0, epoch: 0, id: 0, kind: 0, bytes: 0, source: 0 }
}

/**
 * Messages that wait for their time, ordered by due time; of those due at one time, those that end notes come first, then
 * order of arrival decides. A binary heap of slot numbers over preallocated columns; allocates only when it is full and
 * doubles.
 */
export class Timeline {
  #size = 0
  #arrivals = 0
  #heap: Int32Array
  #due: Float64Array
  #mustEnd: Float64Array
  #arrival: Float64Array
  /** [slot * 5]: epoch, id, kind, bytes, source. */
  #words: Int32Array

  constructor(capacity: number) {
    this.#heap = Int32Array.from({ length: capacity }, (_, slot) => slot)
    this.#due = new Float64Array(capacity)
    this.#mustEnd = new Float64Array(capacity)
    this.#arrival = new Float64Array(capacity)
    this.#words = new Int32Array(capacity * 5)
  }

  get size(): number {
    return this.#size
  }

  /** When the first message is due, Infinity when there is none. */
  get nextDue(): Ms {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#due[this.#heap[0]!]!
  }

  /** Adds a message. `due` must not be NaN, which has no place in an order. */
  push(due: Ms, mustEnd: Ms, epoch: number, id: NoteId, kind: number, bytes: number, source: number): void {
    if (this.#size === this.#heap.length) this.#grow()
    // Beyond `size` the heap array holds the free slots.
    const slot = this.#heap[this.#size]!
    this.#due[slot] = due
    this.#mustEnd[slot] = mustEnd
    this.#arrival[slot] = this.#arrivals++
    const word = slot * 5
    this.#words[word] = epoch
    this.#words[word + 1] = id
    this.#words[word + 2] = kind
    this.#words[word + 3] = bytes
    this.#words[word + 4] = source
    this.#rise(this.#size++)
  }

  /** Removes the first message and copies it to `into`. @returns false when there is none. */
  pop(into: Pending): boolean {
    if (this.#size === 0) return false
    const slot = this.#heap[0]!
    const word = slot * 5
    into.due = this.#due[slot]!
    into.mustEnd = this.#mustEnd[slot]!
    into.epoch = this.#words[word]!
    into.id = this.#words[word + 1]!
    into.kind = this.#words[word + 2]!
    into.bytes = this.#words[word + 3]!
    into.source = this.#words[word + 4]!
    this.#heap[0] = this.#heap[--this.#size]!
    this.#heap[this.#size] = slot
    this.#sink()
    return true
  }

  /** Turns the waiting note-on `id`, if there is one, into CANCELLED: its note-off has come, so it must not sound. */
  cancel(id: NoteId): void {
    for (let at = 0; at < this.#size; at++) {
      const word = this.#heap[at]! * 5
      if (this.#words[word + 1] === id && this.#words[word + 2] === NOTE_ON) this.#words[word + 2] = CANCELLED
    }
  }

  #before(a: number, b: number): boolean {
    if (this.#due[a] !== this.#due[b]) return this.#due[a]! < this.#due[b]!
    const rankA = this.#rank(a)
    const rankB = this.#rank(b)
    return rankA === rankB ? this.#arrival[a]! < this.#arrival[b]! : rankA < rankB
  }

  #rank(slot: number): number {
    const kind = this.#words[slot * 5 + 2]
    return kind === NOTE_OFF || kind === MUST_END || kind === MAKE_WAY ? 0 : 1
  }

  #rise(from: number): void {
    const slot = this.#heap[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(slot, this.#heap[parent]!)) break
      this.#heap[at] = this.#heap[parent]!
      at = parent
    }
    this.#heap[at] = slot
  }

  #sink(): void {
    const slot = this.#heap[0]!
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#before(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (!this.#before(this.#heap[child]!, slot)) break
      this.#heap[at] = this.#heap[child]!
      at = child
    }
    this.#heap[at] = slot
  }

  #grow(): void {
    const capacity = this.#heap.length * 2
    const heap = Int32Array.from({ length: capacity }, (_, slot) => slot)
    heap.set(this.#heap)
    this.#heap = heap
    this.#due = widened(this.#due, new Float64Array(capacity))
    this.#mustEnd = widened(this.#mustEnd, new Float64Array(capacity))
    this.#arrival = widened(this.#arrival, new Float64Array(capacity))
    this.#words = widened(this.#words, new Int32Array(capacity * 5))
  }
}

function widened<Column extends Float64Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
