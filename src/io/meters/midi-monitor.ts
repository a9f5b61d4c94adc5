import type { HeardMessage, MidiClockMessage, SentMessage } from '../../engine/language/messages.js'
import type { IncomingController, LatenessFigures } from '../../engine/surface/meters.js'
import type { Unwatch } from '../../engine/surface/surface.js'
import type { Ms } from '../../engine/units.js'
import { drainHeard, drainSent, lateness } from '../shared/ring-messages.js'
import { Ring } from '../shared/rings.js'
import type { SharedMemory } from '../shared/shared-memory.js'
import { createLatenessRecord } from './lateness.js'

/** Reads what the stage really sent and what the ear received, counts the messages and passes them to the watchers. */
export interface MidiMonitor {
  /** How many note-ons of the performers were sent so far. */
  readonly notes: number
  /** How late the messages of the performers were sent, at process time `at`. */
  lateness(at: Ms): LatenessFigures
  /** The last values of the controllers that were received, the latest first. */
  controllers(): readonly IncomingController[]
  /** Has `see` called, at each `poll`, with every message that was sent or dropped. @returns a function that ends this. */
  onSent(see: (message: SentMessage) => void): Unwatch
  /** Has `see` called, at each `poll`, with every message of the player. @returns a function that ends this. */
  onHeard(see: (message: HeardMessage) => void): Unwatch
  /** Reads everything new. Call it often enough that the rings, which hold seconds of music, don't overflow. */
  poll(): void
}

/** How many controllers are listed: a hand turns only a few at a time. */
const CONTROLLERS = 8

/** A monitor of the rings to main, which nothing else may drain. */
export function createMidiMonitor(memory: SharedMemory): MidiMonitor {
  const sentRing = new Ring(memory.stageToMain)
  const heardRing = new Ring(memory.earToMain)
  const record = createLatenessRecord()
  const sentWatchers = new Set<(message: SentMessage) => void>()
  const heardWatchers = new Set<(message: HeardMessage) => void>()
  let controllers: IncomingController[] = []
  let notes = 0

  function receiveSent(message: SentMessage): void {
    const late = lateness(message)
    if (late !== undefined) {
      record.add(late, message.sentAt)
      if (message.kind === 'note-on') notes++
    }
    for (const see of sentWatchers) see(message)
  }

  function receiveHeard(message: HeardMessage | MidiClockMessage): void {
    // The ear doesn't send clock messages to main; only the type allows them.
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
      drainHeard(heardRing, receiveHeard)
      drainSent(sentRing, receiveSent)
    },
  }
}

/** Adds `see` to the watchers. @returns a function that removes it. */
export function watch<Seen>(watchers: Set<(seen: Seen) => void>, see: (seen: Seen) => void): Unwatch {
  watchers.add(see)
  return () => {
    watchers.delete(see)
  }
}
