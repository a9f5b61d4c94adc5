import { writeMidi as encode, type MidiEvent } from 'midi-file'
import { RELEASE_VELOCITY } from '../../engine/language/midi-status.js'
import type { Channel, Pitch } from '../../engine/units.js'

/**
 * Ticks per beat: the large DAWs count in 960 themselves, so an import moves nothing. At 120 beats a minute a tick is
 * 0.52 ms and a written time is off by 0.26 ms at most. Fewer are heard as jitter; more can't be told apart by an ear.
 */
export const TICKS_PER_BEAT = 960

/** Bytes of a file's header and of a track's, which come before the first event (Standard MIDI Files 1.0). */
export const HEADER_BYTES = 14
const TRACK_HEADER_BYTES = 8

/** How many events are encoded at once. More: `midi-file` copies all it has written for each long time between two events. */
export const BATCH = 128

/** The longest time between two events that the format can hold, 39 hours at 120. A longer silence is cut to it. */
const LONGEST_DELTA = 2 ** 28 - 1

/** The order in which events of the same tick are written: note-offs, control changes, note-ons. */
export const OFF_RANK = 0
export const CONTROL_RANK = 1
export const ON_RANK = 2

/** An event and its place in a track. */
export interface Placed {
  readonly tick: number
  readonly rank: number
  /** Orders the note-offs and note-ons of one tick, by channel and pitch. */
  readonly key: number
  /** The MIDI event; its `deltaTime` isn't set yet. */
  readonly event: MidiEvent
}

/** Compares two events for sorting: by tick, then by rank, then by key. Control changes of one tick stay in their order. */
export const inOrder = (a: Placed, b: Placed) =>
  a.tick - b.tick || a.rank - b.rank || (a.rank === CONTROL_RANK ? 0 : a.key - b.key)

/** A number that differs for every channel and pitch. */
export const keyOf = (channel: Channel, pitch: Pitch) => channel * 128 + pitch

export const noteOffEvent = (channel: Channel, pitch: Pitch): MidiEvent => ({
  deltaTime: 0,
  type: 'noteOff',
  channel,
  noteNumber: pitch,
  velocity: RELEASE_VELOCITY,
})

/** The bytes of events in order, where the event before the first is at tick `from`. */
export function encodePlaced(placed: readonly Placed[], from: number): Uint8Array {
  const batches: Uint8Array[] = []
  let clock = from
  for (let first = 0; first < placed.length; first += BATCH) {
    const events = placed.slice(first, first + BATCH).map(({ tick, event }): MidiEvent => {
      const deltaTime = Math.min(LONGEST_DELTA, tick - clock)
      clock = tick
      return { ...event, deltaTime }
    })
    batches.push(encodeEvents(events))
  }
  return concatenate(batches)
}

/** The bytes of events with their own delta times, without a header. */
export function encodeEvents(events: readonly MidiEvent[]): Uint8Array {
  const bytes = encode({ header: { format: 0, numTracks: 1 }, tracks: [[...events]] })
  return Uint8Array.from(bytes).subarray(HEADER_BYTES + TRACK_HEADER_BYTES)
}

/** A track as a chunk of a file, from the bytes of its events; the end of the track is added. */
export function trackChunk(parts: readonly Uint8Array[]): Uint8Array {
  const content = [...parts, encodeEvents([{ deltaTime: 0, meta: true, type: 'endOfTrack' }])]
  const header = new Uint8Array(TRACK_HEADER_BYTES)
  header.set(new TextEncoder().encode('MTrk'))
  const length = content.reduce((sum, part) => sum + part.length, 0)
  new DataView(header.buffer).setUint32(4, length)
  return concatenate([header, ...content])
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
