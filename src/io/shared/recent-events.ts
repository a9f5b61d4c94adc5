import type { EventIndex } from '../../engine/language/events.js'

/** Events kept: about 10 s of dense playing, enough for a new performer to go on in the same vein, fed in 0.4 s. */
const KEPT = 512

/** Memory for one history: Int32 count of events ever written, then the last {@link KEPT} of them. */
export function allocateRecentEvents(): SharedArrayBuffer {
  return new SharedArrayBuffer((1 + KEPT) * 4)
}

/**
 * The last events of the performance in shared memory. The performer writes; should it die, the one after it reads.
 * Neither blocks nor throws.
 */
export class RecentEvents {
  readonly #count: Int32Array
  readonly #events: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#count = new Int32Array(memory, 0, 1)
    this.#events = new Int32Array(memory, 4, KEPT)
  }

  write(event: EventIndex): void {
    const count = Atomics.load(this.#count, 0)
    Atomics.store(this.#events, count % KEPT, event)
    Atomics.store(this.#count, 0, count + 1)
  }

  /** Takes back the last `count` events: others come in their place. Of what has been overwritten nothing comes back. */
  retract(count: number): void {
    Atomics.store(this.#count, 0, Math.max(0, Atomics.load(this.#count, 0) - count))
  }

  /** Forgets all: a new performance begins. */
  clear(): void {
    Atomics.store(this.#count, 0, 0)
  }

  /** The last events, oldest first; allocates the list. */
  read(): EventIndex[] {
    const count = Atomics.load(this.#count, 0)
    const length = Math.min(count, KEPT)
    return Array.from({ length }, (_, i) => Atomics.load(this.#events, (count - length + i) % KEPT))
  }
}
