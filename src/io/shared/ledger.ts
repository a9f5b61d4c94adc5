import { channelKey } from '../../engine/language/midi-status.js'
import type { Channel, NoteId, Pitch } from '../../engine/units.js'

/**
 * The ledger says which notes sound at the port. It lies in shared memory: the stage writes it, and if the stage dies, main
 * reads it and ends the notes. It is an Int32Array: [channel * 128 + pitch] = id of the note that sounds, 0 for none; one
 * word after those is a bit mask of the channels that were ever used.
 */
export const SLOTS = 16 * 128

export interface SoundingNote {
  readonly id: NoteId
  readonly channel: Channel
  readonly pitch: Pitch
}

/** A copy of the ledger elsewhere, which follows every change. Its functions never throw. */
export interface LedgerCopy {
  begin(slot: number): void
  end(slot: number): void
  /** A message was sent on a channel, whose pedals may be down from now on. */
  use(channel: Channel): void
  /** All channels have been silenced, and their pedals are up. */
  silenced(): void
}

/** Memory for one ledger in which nothing sounds. */
export function allocateLedger(): SharedArrayBuffer {
  return new SharedArrayBuffer((SLOTS + 1) * 4)
}

/** A view of the ledger. Only one thread may write: the stage, or main after the stage's death. Allocates only where said. */
export class Ledger {
  readonly #ids: Int32Array
  readonly #used: Int32Array

  readonly #kept: LedgerCopy | undefined

  /** @param kept a copy for another process, which follows every change */
  constructor(memory: SharedArrayBuffer, kept?: LedgerCopy) {
    this.#kept = kept
    this.#ids = new Int32Array(memory, 0, SLOTS)
    this.#used = new Int32Array(memory, SLOTS * 4, 1)
  }

  /** Slot of a key: channel * 128 + pitch. */
  static slot(channel: Channel, pitch: Pitch): number {
    return channelKey(channel, pitch)
  }

  /** Slot in which note `id` sounds, -1 if it doesn't. */
  slotOf(id: NoteId): number {
    return id === 0 ? -1 : this.#ids.indexOf(id)
  }

  /** Id of the note sounding in a slot, 0 if none. */
  idAt(slot: number): NoteId {
    return Atomics.load(this.#ids, slot)
  }

  begin(slot: number, id: NoteId): void {
    this.use(slot >> 7)
    Atomics.store(this.#ids, slot, id)
    this.#kept?.begin(slot)
  }

  end(slot: number): void {
    Atomics.store(this.#ids, slot, 0)
    this.#kept?.end(slot)
  }

  /** Records that a channel has been used, so that silencing includes it. */
  use(channel: Channel): void {
    Atomics.or(this.#used, 0, 1 << channel)
    this.#kept?.use(channel)
  }

  /** Records that every used channel has been silenced. */
  silenced(): void {
    this.#kept?.silenced()
  }

  isUsed(channel: Channel): boolean {
    return (Atomics.load(this.#used, 0) & (1 << channel)) !== 0
  }

  /** Slots that sound now, by channel and pitch. Notes may be ended while this is iterated over. */
  *soundingSlots(): Generator<number> {
    for (let slot = 0; slot < SLOTS; slot++) if (this.idAt(slot) !== 0) yield slot
  }

  /** All notes that sound now; allocates the list. */
  soundingNotes(): SoundingNote[] {
    return Array.from(this.soundingSlots(), (slot) => ({
      id: this.idAt(slot),
      channel: slot >> 7,
      pitch: slot & 127,
    }))
  }

  /** Channels used since the ledger was made; allocates the list. */
  usedChannels(): Channel[] {
    return Array.from({ length: 16 }, (_, channel) => channel).filter((channel) => this.isUsed(channel))
  }
}
