import { writeMidi as encode, type MidiEvent } from 'midi-file'
import type { Note } from '../../engine/language/messages.js'
import type { Channel, Ms, Pitch, Velocity } from '../../engine/units.js'

/** One track of a file to write. Times are in milliseconds from the start of the file, 0 or later. */
export interface MidiTrack {
  readonly name: string
  /** Channel of all that doesn't name its own. */
  readonly channel: Channel
  /** In any order. Of two notes of a pitch that overlap on a channel, the earlier ends where the later starts. */
  readonly notes: readonly (Note & { readonly channel?: Channel })[]
  /** In any order; at one tick they are written in this order, after note-offs and before note-ons. */
  readonly controlChanges?: readonly ControlChange[]
}

export interface ControlChange {
  readonly at: Ms
  readonly controller: number
  readonly value: number
  readonly channel?: Channel
}

export interface MidiFileOptions {
  /** Tempo the file is written in; notes keep their times, bars and beats lie around them. 120 where not given. */
  readonly beatsPerMinute?: number
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

/**
 * Ticks per beat: 960, what the large DAWs count in themselves, so an import moves nothing. At 120 beats a minute a
 * tick is 0.52 ms and a written time is off by 0.26 ms at most. More buys nothing an ear or the event clock could tell.
 */
const TICKS_PER_BEAT = 960
/** 120: the tempo of a new set in Live and a new project in Logic, so a DAW that ignores the file's plays it right. */
const DEFAULT_BEATS_PER_MINUTE = 120
/** Speed at which keys are released; the middle, "not measured" (MIDI 1.0). */
const RELEASE_VELOCITY = 64
/** Events handed to the library at once: its writer copies all that it has written for each long time between two. */
const BATCH = 128

/**
 * Events this near to the latest wait: 0.1 s at 120, over three times what the stage lets pass as late. Fewer lay what
 * was sent late where it was sent; more are sorted again and again.
 */
const SETTLING_TICKS = 192
/** The longest time between two events that the format can say, 39 hours at 120. A longer silence is cut to it. */
const LONGEST_DELTA = 2 ** 28 - 1

/** Of what has one tick: note-offs, controllers, note-ons. */
const OFF_RANK = 0
const CONTROL_RANK = 1
const ON_RANK = 2

/** An event with its place; `key` orders note-ons of one tick by channel and pitch. */
interface Placed {
  readonly tick: number
  readonly rank: number
  readonly key: number
  readonly event: MidiEvent
}

const keyOf = (channel: Channel, pitch: Pitch) => channel * 128 + pitch
const inOrder = (a: Placed, b: Placed) =>
  a.tick - b.tick || a.rank - b.rank || (a.rank === CONTROL_RANK ? 0 : a.key - b.key)
const microsecondsPerBeat = (options: MidiFileOptions) =>
  Math.round(60e6 / (options.beatsPerMinute ?? DEFAULT_BEATS_PER_MINUTE))

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

/** A Standard MIDI File of format 1: a first track with tempo and a 4/4 signature, then the given ones. */
export function joinTracks(chunks: readonly Uint8Array[], options: MidiFileOptions = {}): Uint8Array {
  const conductor: MidiEvent[] = [
    { deltaTime: 0, meta: true, type: 'setTempo', microsecondsPerBeat: microsecondsPerBeat(options) },
    {
      deltaTime: 0,
      meta: true,
      type: 'timeSignature',
      numerator: 4,
      denominator: 4,
      metronome: 24,
      thirtyseconds: 8,
    },
    { deltaTime: 0, meta: true, type: 'endOfTrack' },
  ]
  const header = { format: 1, numTracks: 1, ticksPerBeat: TICKS_PER_BEAT } as const
  const file = Uint8Array.from(encode({ header, tracks: [conductor] }))
  new DataView(file.buffer).setUint16(TRACK_COUNT_AT, chunks.length + 1)
  return concatenate([file, ...chunks])
}

/**
 * A Standard MIDI File of the given tracks. The same tracks give the same bytes, and a track grown by the same notes has
 * the same bytes too. Allocates; never throws for numbers within MIDI's ranges.
 */
export function writeMidi(tracks: readonly MidiTrack[], options: MidiFileOptions = {}): Uint8Array {
  const end = Math.max(
    0,
    ...tracks.map(({ notes }) => notes.reduce((last, note) => Math.max(last, note.end), 0)),
  )
  return joinTracks(
    tracks.map((track) => grow(track, options).chunk(end)),
    options,
  )
}

function grow(track: MidiTrack, options: MidiFileOptions): GrowingTrack {
  const growing = createGrowingTrack(track.name, options)
  const actions: { readonly at: Ms; readonly rank: number; readonly act: () => void }[] = []
  for (const { at, controller, value, channel = track.channel } of track.controlChanges ?? []) {
    const act = () => growing.controlChange(at, channel, controller, value)
    actions.push({ at, rank: CONTROL_RANK, act })
  }
  const last = new Map<number, { end: Ms }>()
  const spans = track.notes
    .toSorted((a, b) => a.start - b.start)
    .map((note) => {
      const span = { ...note, channel: note.channel ?? track.channel }
      const before = last.get(keyOf(span.channel, span.pitch))
      if (before) before.end = Math.min(before.end, span.start)
      last.set(keyOf(span.channel, span.pitch), span)
      return span
    })
  for (const { start, end, channel, pitch, velocity } of spans) {
    if (end <= start) continue
    actions.push({ at: start, rank: ON_RANK, act: () => growing.noteOn(start, channel, pitch, velocity) })
    actions.push({ at: end, rank: OFF_RANK, act: () => growing.noteOff(end, channel, pitch) })
  }
  actions.sort((a, b) => a.at - b.at || a.rank - b.rank)
  for (const { act } of actions) act()
  return growing
}

const noteOffEvent = (channel: Channel, pitch: Pitch): MidiEvent => ({
  deltaTime: 0,
  type: 'noteOff',
  channel,
  noteNumber: pitch,
  velocity: RELEASE_VELOCITY,
})

/** The bytes of events whose times are ticks, the first after one at `from`. */
function encodePlaced(placed: readonly Placed[], from: number): Uint8Array {
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

/** Bytes before a track's first event: a file's header (14) and a track's (8) (Standard MIDI Files 1.0). */
const HEADER_BYTES = 14
const TRACK_HEADER_BYTES = 8
const TRACK_COUNT_AT = 10

function encodeEvents(events: readonly MidiEvent[]): Uint8Array {
  const bytes = encode({ header: { format: 0, numTracks: 1 }, tracks: [[...events]] })
  return Uint8Array.from(bytes).subarray(HEADER_BYTES + TRACK_HEADER_BYTES)
}

const END_OF_TRACK = encodeEvents([{ deltaTime: 0, meta: true, type: 'endOfTrack' }])

function trackChunk(parts: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(TRACK_HEADER_BYTES)
  header.set(new TextEncoder().encode('MTrk'))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  new DataView(header.buffer).setUint32(4, length)
  return concatenate([header, ...parts])
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Bytes that grow at their end, in memory that doubles when it is full. */
function createBytes() {
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
