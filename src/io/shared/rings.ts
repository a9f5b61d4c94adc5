/**
 * A record of a ring, 32 bytes: due f64, mustEnd f64, epoch i32, id i32, kind i32, bytes i32. `ring-messages.ts` says what
 * the fields mean. One object is reused for all records that are read, so copy what must last.
 */
export interface RingRecord {
  due: number
  mustEnd: number
  epoch: number
  id: number
  kind: number
  bytes: number
}

/** A blank record to fill and push. */
export function blankRecord(): RingRecord {
  return { due: 0, mustEnd: 0, epoch: 0, id: 0, kind: 0, bytes: 0 }
}

const RECORD_BYTES = 32
/** Words of the header: each count lies on a cache line of its own, so that the two threads don't slow each other down. */
const WRITTEN = 0
const READ = 16
const OVERFLOWS = 32
const HEADER_BYTES = 192

/** Memory for an empty ring of `capacity` records, a power of two. Hand it to both threads and open a {@link Ring} in each. */
export function allocateRing(capacity: number): SharedArrayBuffer {
  if (capacity < 1 || (capacity & (capacity - 1)) !== 0) throw new RangeError('capacity: a power of two')
  return new SharedArrayBuffer(HEADER_BYTES + capacity * RECORD_BYTES)
}

/**
 * One side of a ring: a queue in shared memory from one thread, which alone calls `push`, to one other, which alone calls
 * `drain`. Neither blocks, allocates or throws. A new thread may take the place of one that has died, because the counts
 * are in the memory.
 */
export class Ring {
  readonly capacity: number
  readonly #counts: Int32Array
  readonly #floats: Float64Array
  readonly #ints: Int32Array
  readonly #record = blankRecord()

  constructor(memory: SharedArrayBuffer) {
    this.capacity = (memory.byteLength - HEADER_BYTES) / RECORD_BYTES
    this.#counts = new Int32Array(memory, 0, HEADER_BYTES / 4)
    this.#floats = new Float64Array(memory, HEADER_BYTES)
    this.#ints = new Int32Array(memory, HEADER_BYTES)
  }

  /** How many records were lost since the ring was made, because it was full when they were pushed. */
  get overflows(): number {
    return Atomics.load(this.#counts, OVERFLOWS)
  }

  /** Appends a copy of the record. @returns false when the ring is full; the record is lost and counted. */
  push(record: RingRecord): boolean {
    const written = Atomics.load(this.#counts, WRITTEN)
    // The counts wrap around as int32; their difference is right all the same.
    if (((written - Atomics.load(this.#counts, READ)) | 0) >= this.capacity) {
      Atomics.add(this.#counts, OVERFLOWS, 1)
      return false
    }
    const slot = written & (this.capacity - 1)
    this.#floats[slot * 4] = record.due
    this.#floats[slot * 4 + 1] = record.mustEnd
    this.#ints[slot * 8 + 4] = record.epoch
    this.#ints[slot * 8 + 5] = record.id
    this.#ints[slot * 8 + 6] = record.kind
    this.#ints[slot * 8 + 7] = record.bytes
    // The count is stored last: an atomic store makes everything written before it visible to the other thread.
    Atomics.store(this.#counts, WRITTEN, (written + 1) | 0)
    return true
  }

  /** Calls `use` with each record waiting, oldest first; the object is reused. @returns how many there were. */
  drain(use: (record: RingRecord) => void): number {
    const record = this.#record
    const written = Atomics.load(this.#counts, WRITTEN)
    let read = Atomics.load(this.#counts, READ)
    let count = 0
    while (read !== written) {
      const slot = read & (this.capacity - 1)
      record.due = this.#floats[slot * 4]!
      record.mustEnd = this.#floats[slot * 4 + 1]!
      record.epoch = this.#ints[slot * 8 + 4]!
      record.id = this.#ints[slot * 8 + 5]!
      record.kind = this.#ints[slot * 8 + 6]!
      record.bytes = this.#ints[slot * 8 + 7]!
      read = (read + 1) | 0
      // The records are counted as read before `use` is called, so that none is read twice when `use` throws.
      Atomics.store(this.#counts, READ, read)
      use(record)
      count++
    }
    return count
  }
}
