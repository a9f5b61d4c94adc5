import type { LatenessFigures } from '../engine/snapshot.js'
import { createLatenessRecord } from './lateness.js'
import { drainSent, lateness, type SentMessage } from './records.js'
import { Ring } from './rings.js'

/** Reads what the stage really sent: the counts, and whoever else wants to see it. */
export interface SentWatch {
  /** The pianist's note-ons sent so far. */
  readonly notes: number
  lateness(): LatenessFigures
  /** `see` is called with every message, sent or dropped, at the next `look`. */
  onSent(see: (message: SentMessage) => void): void
  /** Takes in everything new. To be called often enough that the ring (seconds of music) doesn't run over. */
  look(): void
}

/** A watch over the stage's ring to main, which nobody else may drain. */
export function createSentWatch(memory: SharedArrayBuffer): SentWatch {
  const ring = new Ring(memory)
  const record = createLatenessRecord()
  const watchers: ((message: SentMessage) => void)[] = []
  let notes = 0

  function take(message: SentMessage): void {
    const late = lateness(message)
    if (late !== undefined) {
      record.add(late)
      if (message.kind === 'note-on') notes++
    }
    for (const see of watchers) see(message)
  }

  return {
    get notes() {
      return notes
    },
    lateness: record.figures,
    onSent: (see) => {
      watchers.push(see)
    },
    look: () => {
      drainSent(ring, take)
    },
  }
}
