import type { ClockMessage, HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { IncomingController, LatenessFigures } from '../../engine/surface/meters.js'
import type { Unwatch } from '../../engine/surface/surface.js'
import type { Ms } from '../../engine/units.js'
import { drainHeard, drainSent, lateness } from '../shared/ring-messages.js'
import { Ring } from '../shared/rings.js'
import type { SharedMemory } from '../shared/shared-memory.js'
import { createLatenessRecord } from './lateness.js'

/** Reads what the stage really sent and what the ear heard: the counts, and whoever else wants to see it. */
export interface MidiMonitor {
  /** The pianist's note-ons sent so far. */
  readonly notes: number
  lateness(at: Ms): LatenessFigures
  /** Controllers that came in, the last first. */
  controllers(): readonly IncomingController[]
  /** `see` is called with every message, sent or dropped, at the next `look`. */
  onSent(see: (message: SentMessage) => void): Unwatch
  /** `see` is called with everything the player does, at the next `look`. */
  onHeard(see: (message: HeardMessage) => void): Unwatch
  /** Takes in everything new. To be called often enough that the rings (seconds of music) don't run over. */
  poll(): void
}

/** Controllers kept: a hand on a controller turns a few at a time. */
const CONTROLLERS = 8

/** A watch over the rings to main, which nobody else may drain. */
export function createMidiMonitor(memory: SharedMemory): MidiMonitor {
  const sentRing = new Ring(memory.stageToMain)
  const heardRing = new Ring(memory.earToMain)
  const record = createLatenessRecord()
  const sentWatchers = new Set<(message: SentMessage) => void>()
  const heardWatchers = new Set<(message: HeardMessage) => void>()
  let controllers: IncomingController[] = []
  let notes = 0

  function takeSent(message: SentMessage): void {
    const late = lateness(message)
    if (late !== undefined) {
      record.add(late, message.sentAt)
      if (message.kind === 'note-on') notes++
    }
    for (const see of sentWatchers) see(message)
  }

  function takeHeard(message: HeardMessage | ClockMessage): void {
    // The ear tells main of no ticks: nobody there wants them.
    if (message.kind === 'clock' || message.kind === 'song-position') return
    if (message.kind === 'control-change') {
      const { controller, value, at } = message
      const channel = message.channel + 1
      const others = controllers.filter((old) => old.controller !== controller || old.channel !== channel)
      controllers = [{ channel, controller, value, at }, ...others].slice(0, CONTROLLERS)
    }
    for (const see of heardWatchers) see(message)
  }

  return {
    get notes() {
      return notes
    },
    lateness: record.figures,
    controllers: () => controllers,
    onSent: (see) => watch(sentWatchers, see),
    onHeard: (see) => watch(heardWatchers, see),
    poll: () => {
      drainHeard(heardRing, takeHeard)
      drainSent(sentRing, takeSent)
    },
  }
}

/** Adds `see` to the watchers. @returns what takes it out again */
export function watch<Seen>(watchers: Set<(seen: Seen) => void>, see: (seen: Seen) => void): Unwatch {
  watchers.add(see)
  return () => {
    watchers.delete(see)
  }
}
