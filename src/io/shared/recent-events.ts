import type { EventIndex } from '../../engine/language/events.js'

/**
 * How many events are held: about 10 s of dense playing. Fewer: the music of a new performer has little to do with that of
 * the old one. More: feeding them to the network takes longer than 0.4 s, in which the new performer is silent.
 */
const HELD = 512

/** Memory for an empty history, an Int32Array: the count of events ever written, then the last {@link HELD} of them. */
export function allocateRecentEvents(): SharedArrayBuffer {
  return new SharedArrayBuffer((1 + HELD) * 4)
}

/**
 * The last events of a performance, in shared memory. The performer writes them; if it dies, the performer that takes its
 * place reads them and plays on from there. Never blocks nor throws.
 */
export class RecentEvents {
  readonly #count: Int32Array
  readonly #events: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#count = new Int32Array(memory, 0, 1)
    this.#events = new Int32Array(memory, 4, HELD)
  }

  write(event: EventIndex): void {
    const count = Atomics.load(this.#count, 0)
    Atomics.store(this.#events, count % HELD, event)
    Atomics.store(this.#count, 0, count + 1)
  }

  /** Drops the last `count` events, because others will replace them. Older events that they had overwritten stay lost. */
  retract(count: number): void {
    Atomics.store(this.#count, 0, Math.max(0, Atomics.load(this.#count, 0) - count))
  }

  /** Drops all events: a new performance begins. */
  clear(): void {
    Atomics.store(this.#count, 0, 0)
  }

  /** The last events, oldest first; allocates the list. */
  read(): EventIndex[] {
    const count = Atomics.load(this.#count, 0)
    const length = Math.min(count, HELD)
    return Array.from({ length }, (_, i) => Atomics.load(this.#events, (count - length + i) % HELD))
  }
}
