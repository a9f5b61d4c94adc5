import type { MidiEvent } from 'midi-file'
import type { Channel, Ms, Pitch, Velocity } from '../../engine/units.js'
import {
  BATCH,
  CONTROL_RANK,
  encodeEvents,
  encodePlaced,
  inOrder,
  keyOf,
  noteOffEvent,
  OFF_RANK,
  ON_RANK,
  type Placed,
  trackChunk,
} from './track-encoding.js'

/**
 * Events this near to the latest one aren't encoded yet: 0.1 s at 120 beats a minute, over three times what the stage lets
 * pass as late. Fewer: messages that were sent late are written late. More: more events are sorted again and again.
 */
const SETTLING_TICKS = 192

/** A list of bytes that is appended to; its memory doubles when it is full. */
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

/**
 * A track that is written while it is played. Times should not go back by more than
 * 0.1 s: an event that comes after later ones were encoded is placed at the last of those. Events are encoded once, so
 * that writing the file again costs only a copy. Never throws.
 */
export interface GrowingTrack {
  noteOn(at: Ms, channel: Channel, pitch: Pitch, velocity: Velocity): void
  /** Ends a note, one tick after its start at the earliest; nothing happens for a pitch that doesn't sound. */
  noteOff(at: Ms, channel: Channel, pitch: Pitch): void
  controlChange(at: Ms, channel: Channel, controller: number, value: number): void
  /** How many notes have begun so far. */
  readonly notes: number
  /** The track as a chunk of a file. In the chunk, notes that still sound end at `end`; the track itself stays as it is. */
  chunk(end: Ms): Uint8Array
}

/**
 * An empty track called `name`.
 * @param tickAt the place of a time in the file, in ticks, not necessarily whole; it grows with the time, and the place of a time that
 * was asked for doesn't change
 */
export function createGrowingTrack(name: string, tickAt: (at: Ms) => number): GrowingTrack {
  const encoded = createBytes()
  encoded.append(encodeEvents([{ deltaTime: 0, meta: true, type: 'trackName', text: name }]))
  /** The tick at which each sounding key was struck. */
  const sounding = new Map<number, number>()
  /** The tick at which the last note of each key ends; the next can't begin before. */
  const freeFrom = new Map<number, number>()
  /** Events that aren't encoded yet, in the order in which they came. */
  let waiting: Placed[] = []
  let encodedTo = 0
  let latest = 0
  let notes = 0

  const toTick = (at: Ms) => Math.max(encodedTo, Math.round(tickAt(at)))

  function place(tick: number, rank: number, key: number, event: MidiEvent): void {
    waiting.push({ tick, rank, key, event })
    latest = Math.max(latest, tick)
    // Later events may belong before those near the latest tick, so the events near it aren't encoded yet.
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
      // If a key is struck twice in one tick, its first note is left out, unless that note is encoded already.
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
    return trackChunk([encoded.all(), tail])
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
