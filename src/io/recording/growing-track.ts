import { writeMidi as encode, type MidiEvent } from 'midi-file'
import type { Channel, Ms, Pitch, Velocity } from '../../engine/units.js'

/**
 * Ticks per beat: 960, what the large DAWs count in themselves, so an import moves nothing. At 120 beats a minute a
 * tick is 0.52 ms and a written time is off by 0.26 ms at most. More buys nothing an ear or the event clock could tell.
 */
export const TICKS_PER_BEAT = 960

/** Speed at which keys are released; the middle, "not measured" (MIDI 1.0). */
export const RELEASE_VELOCITY = 64

/** Of what has one tick: note-offs, controllers, note-ons. */
export const OFF_RANK = 0
export const CONTROL_RANK = 1
export const ON_RANK = 2

/** Bytes before a track's first event: a file's header (14) and a track's (8) (Standard MIDI Files 1.0). */
export const HEADER_BYTES = 14
export const TRACK_HEADER_BYTES = 8

/** 120: the tempo of a new set in Live and a new project in Logic, so a DAW that ignores the file's plays it right. */
export const DEFAULT_BEATS_PER_MINUTE = 120

/** Events handed to the library at once: its writer copies all that it has written for each long time between two. */
export const BATCH = 128

/**
 * Events this near to the latest wait: 0.1 s at 120, over three times what the stage lets pass as late. Fewer lay what
 * was sent late where it was sent; more are sorted again and again.
 */
export const SETTLING_TICKS = 192

/** The longest time between two events that the format can say, 39 hours at 120. A longer silence is cut to it. */
export const LONGEST_DELTA = 2 ** 28 - 1
export const END_OF_TRACK = encodeEvents([{ deltaTime: 0, meta: true, type: 'endOfTrack' }])
export interface MidiFileOptions {
  /** Tempo the file is written in; notes keep their times, bars and beats lie around them. 120 where not given. */
  readonly beatsPerMinute?: number
}
export const microsecondsPerBeat = (options: MidiFileOptions) =>
  Math.round(60e6 / (options.beatsPerMinute ?? DEFAULT_BEATS_PER_MINUTE))
/** An event with its place; `key` orders note-ons of one tick by channel and pitch. */
export interface Placed {
  readonly tick: number
  readonly rank: number
  readonly key: number
  readonly event: MidiEvent
}
export const inOrder = (a: Placed, b: Placed) =>
  a.tick - b.tick || a.rank - b.rank || (a.rank === CONTROL_RANK ? 0 : a.key - b.key)
export const keyOf = (channel: Channel, pitch: Pitch) => channel * 128 + pitch
export const noteOffEvent = (channel: Channel, pitch: Pitch): MidiEvent => ({
  deltaTime: 0,
  type: 'noteOff',
  channel,
  noteNumber: pitch,
  velocity: RELEASE_VELOCITY,
})

/** The bytes of events whose times are ticks, the first after one at `from`. */
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
export function encodeEvents(events: readonly MidiEvent[]): Uint8Array {
  const bytes = encode({ header: { format: 0, numTracks: 1 }, tracks: [[...events]] })
  return Uint8Array.from(bytes).subarray(HEADER_BYTES + TRACK_HEADER_BYTES)
}
export function trackChunk(parts: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(TRACK_HEADER_BYTES)
  header.set(new TextEncoder().encode('MTrk'))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  new DataView(header.buffer).setUint32(4, length)
  return concatenate([header, ...parts])
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

/** Bytes that grow at their end, in memory that doubles when it is full. */
export function createBytes() {
  let bytes = new Uint8Array(4096)
  let length = 0
  return {
    append: (more: Uint8Array) => {
      if (length + more.length > bytes.length) {
        const wider = new Uint8Array(2 * (length + more.length))
        wider.set(bytes.subarray(0, length))
        bytes = wider
      }
      bytes.set(more, length)
      length += more.length
    },
    all: () => bytes.subarray(0, length),
  }
}

/**
 * A track that grows at its end; times from the start of the file, hardly ever going back (what does is written late).
 * What has been taken in stays encoded, so that writing the file again costs a copy. Never throws.
 */
export interface GrowingTrack {
  noteOn(at: Ms, channel: Channel, pitch: Pitch, velocity: Velocity): void
  /** Ends a note, a tick after its start at the soonest; nothing for a pitch that doesn't sound. */
  noteOff(at: Ms, channel: Channel, pitch: Pitch): void
  controlChange(at: Ms, channel: Channel, controller: number, value: number): void
  /** Notes begun so far. */
  readonly notes: number
  /** The track as a chunk of a file; what sounds is ended at `end` in it, and sounds on here. */
  chunk(end: Ms): Uint8Array
}

/** An empty track called `name`, for a file written with the same `options`. */
export function createGrowingTrack(name: string, options: MidiFileOptions = {}): GrowingTrack {
  const msPerTick = microsecondsPerBeat(options) / 1000 / TICKS_PER_BEAT
  const encoded = createBytes()
  encoded.append(encodeEvents([{ deltaTime: 0, meta: true, type: 'trackName', text: name }]))
  /** By key: the tick at which it was struck. */
  const sounding = new Map<number, number>()
  /** By key: the tick at which its last note ends; another can't begin before. */
  const freeFrom = new Map<number, number>()
  /** Not encoded yet, in order. */
  let waiting: Placed[] = []
  let encodedTo = 0
  let latest = 0
  let notes = 0

  const toTick = (at: Ms) => Math.max(encodedTo, Math.round(at / msPerTick))

  function place(tick: number, rank: number, key: number, event: MidiEvent): void {
    waiting.push({ tick, rank, key, event })
    latest = Math.max(latest, tick)
    // What is near the latest tick may still get company that goes before it.
    if (waiting.length < BATCH) return
    waiting.sort(inOrder)
    const settled = waiting.findIndex((placed) => placed.tick >= latest - SETTLING_TICKS)
    const batch = waiting.slice(0, settled)
    waiting = waiting.slice(settled)
    encoded.append(encodePlaced(batch, encodedTo))
    encodedTo = batch.at(-1)?.tick ?? encodedTo
  }

  function noteOn(at: Ms, channel: Channel, pitch: Pitch, velocity: Velocity): void {
    const key = keyOf(channel, pitch)
    endNote(toTick(at), channel, pitch, false)
    const tick = Math.max(toTick(at), freeFrom.get(key) ?? 0)
    sounding.set(key, tick)
    notes++
    place(tick, ON_RANK, key, {
      deltaTime: 0,
      type: 'noteOn',
      channel,
      noteNumber: pitch,
      velocity,
    })
  }

  function endNote(tick: number, channel: Channel, pitch: Pitch, lasts: boolean): void {
    const key = keyOf(channel, pitch)
    const struck = sounding.get(key)
    if (struck === undefined) return
    sounding.delete(key)
    if (!lasts && tick <= struck) {
      const index = waiting.findIndex(
        (placed) => placed.rank === ON_RANK && placed.key === key && placed.tick === struck,
      )
      // Struck twice in a tick: the first is none, unless it is encoded already.
      if (index >= 0) {
        waiting.splice(index, 1)
        notes--
        return
      }
    }
    const end = Math.max(struck + 1, tick)
    freeFrom.set(key, end)
    place(end, OFF_RANK, key, noteOffEvent(channel, pitch))
  }

  function chunk(end: Ms): Uint8Array {
    const last = toTick(end)
    const ends = [...sounding].map(([key, struck]): Placed => {
      const event = noteOffEvent(key >> 7, key & 127)
      return { tick: Math.max(struck + 1, last), rank: OFF_RANK, key, event }
    })
    const tail = encodePlaced([...waiting, ...ends].sort(inOrder), encodedTo)
    return trackChunk([encoded.all(), tail, END_OF_TRACK])
  }

  return {
    noteOn,
    noteOff: (at, channel, pitch) => endNote(toTick(at), channel, pitch, true),
    controlChange: (at, channel, controller, value) =>
      place(toTick(at), CONTROL_RANK, 0, {
        deltaTime: 0,
        type: 'controller',
        channel,
        controllerType: controller,
        value,
      }),
    get notes() {
      return notes
    },
    chunk,
  }
}
