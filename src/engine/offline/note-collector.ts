import { PITCH_COUNT } from '../language/events.js'
import { SUSTAIN, type TimedMessage } from '../language/messages.js'
import { channelKey } from '../language/midi-status.js'
import type { Note } from '../language/performance.js'
import type { Channel, Ms, NoteId } from '../units.js'

/** A note as it would have sounded at a port. */
export interface CollectedNote extends Note {
  readonly channel: Channel
}

/** A control change as it would have left for a port. */
export interface CollectedChange {
  readonly at: Ms
  readonly channel: Channel
  readonly controller: number
  readonly value: number
}

/** What was played: keys as they went down and up, and what the pedal did to them. */
export interface CollectedMusic {
  readonly notes: CollectedNote[]
  readonly controlChanges: CollectedChange[]
}

/** Turns timed messages into notes by the rules of the stage (the thread that sends them live), without a clock. */
export interface NoteCollector {
  receive(message: TimedMessage): void
  /** All notes so far, by start and then pitch. Those that still sound end at `end` or at their must-end time. Allocates. */
  notes(end: Ms): CollectedNote[]
  /** All control changes so far, by time; those that leave a value as it is are left out. Pedals that are down lift at `end`. Allocates. */
  controlChanges(end: Ms): CollectedChange[]
}

/** A collector without messages. */
export function createNoteCollector(): NoteCollector {
  const messages: TimedMessage[] = []
  return {
    receive: (message) => {
      messages.push(message)
    },
    notes: (end) => collect(messages, end),
    controlChanges: (end) => collectChanges(messages, end),
  }
}

interface Sounding {
  readonly on: Extract<TimedMessage, { kind: 'note-on' }>
  end: Ms
}

function collect(messages: readonly TimedMessage[], end: Ms): CollectedNote[] {
  const byId = new Map<NoteId, Sounding>()
  const byKey = new Map<number, Sounding>()
  const all: Sounding[] = []
  /** Notes that aren't played, because their note-off comes before or together with their note-on. */
  const cancelled = new Set<NoteId>()
  // At one time note-offs come first; otherwise messages stay in the order in which they were received.
  const ordered = messages.toSorted((a, b) => a.due - b.due || rankAtOneTime(a) - rankAtOneTime(b))
  for (const message of ordered) {
    if (message.kind === 'note-on') {
      if (cancelled.has(message.id)) continue
      const key = message.channel * PITCH_COUNT + message.pitch
      const before = byKey.get(key)
      if (before) before.end = Math.min(before.end, message.due)
      const note = { on: message, end: Math.min(message.mustEnd, end) }
      byKey.set(key, note)
      byId.set(message.id, note)
      all.push(note)
    } else if (message.kind === 'note-off') {
      const note = byId.get(message.id)
      if (note) note.end = Math.min(note.end, message.due)
      else cancelled.add(message.id)
    }
  }
  return all
    .filter(({ on, end: ended }) => ended > on.due)
    .map(({ on, end: ended }) => ({
      pitch: on.pitch,
      velocity: on.velocity,
      channel: on.channel,
      start: on.due,
      end: ended,
    }))
    .toSorted((a, b) => a.start - b.start || a.pitch - b.pitch)
}

function collectChanges(messages: readonly TimedMessage[], end: Ms): CollectedChange[] {
  const changes: CollectedChange[] = []
  const last = new Map<number, CollectedChange>()
  const add = (change: CollectedChange) => {
    const key = channelKey(change.channel, change.controller)
    if ((last.get(key)?.value ?? 0) === change.value) return
    last.set(key, change)
    changes.push(change)
  }
  const sent = messages.flatMap((message) => (message.kind === 'control-change' ? [message] : []))
  for (const { due, channel, controller, value } of sent.toSorted((a, b) => a.due - b.due)) {
    if (due <= end) add({ at: due, channel, controller, value })
  }
  for (const change of last.values()) if (change.controller === SUSTAIN) add({ ...change, at: end, value: 0 })
  return changes
}

function rankAtOneTime(message: TimedMessage): number {
  return message.kind === 'note-on' ? 1 : 0
}
