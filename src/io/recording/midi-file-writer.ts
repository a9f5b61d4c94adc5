import { writeMidi as encode } from 'midi-file'
import { createTempoMap, type Meter, type TempoMap, type TempoStretch } from '../../engine/clock/tempo-map.js'
import type { Note } from '../../engine/language/performance.js'
import type { Channel, Ms } from '../../engine/units.js'
import { createGrowingTrack, type GrowingTrack } from './growing-track.js'
import {
  CONTROL_RANK,
  concatenate,
  encodePlaced,
  HEADER_BYTES,
  inOrder,
  keyOf,
  OFF_RANK,
  ON_RANK,
  type Placed,
  TICKS_PER_BEAT,
  trackChunk,
} from './track-encoding.js'

/** The position of the number of tracks in a file, in bytes from its start (Standard MIDI Files 1.0). */
const TRACK_COUNT_AT = 10

export interface MidiFileOptions {
  /**
   * Tempo of the file, 120 where none is given: new sets in Live and new projects in Logic have it, so that a DAW that ignores the
   * file's tempo plays it right. Notes are at the same times whatever it is; bars and beats differ.
   */
  readonly beatsPerMinute?: number
  /** The time that was in force while the music was played; then `beatsPerMinute` isn't used. */
  readonly time?: FileTime
}

/** The tempo of a file where none is given. */
const DEFAULT_BEATS_PER_MINUTE = 120

/** The longest beat that a file can name, in microseconds: 24 bits. */
const SLOWEST = 2 ** 24 - 1

/** One track of a file to write. Times are in milliseconds from the start of the file, 0 or later. */
export interface MidiTrack {
  readonly name: string
  /** Channel of the notes and control changes that don't name their own. */
  readonly channel: Channel
  /** The notes, in any order. Of two notes of a pitch that overlap on a channel, the earlier ends where the later starts. */
  readonly notes: readonly (Note & { readonly channel?: Channel })[]
  /**
   * The control changes, in any order. Those of one tick are written in the order given, after its note-offs and before its
   * note-ons.
   */
  readonly controlChanges?: readonly ControlChange[]
}

export interface ControlChange {
  readonly at: Ms
  readonly controller: number
  readonly value: number
  readonly channel?: Channel
}

/** The tempos and bars of a file. */
type Conductor = Pick<TempoMap, 'stretches' | 'meters'>

/** The tempos and bars of a file, and where a time lies among them. */
export type FileTime = Conductor & Pick<TempoMap, 'beatAt'>

/** The place of a time, in ticks of a file. */
export function tickIn(time: FileTime): (at: Ms) => number {
  return (at) => time.beatAt(at) * TICKS_PER_BEAT
}

/** A Standard MIDI File of format 1: a first track with tempos and time signatures, then the tracks in `chunks`. */
export function joinTracks(chunks: readonly Uint8Array[], conductor: Conductor): Uint8Array {
  const header = { format: 1, numTracks: 1, ticksPerBeat: TICKS_PER_BEAT } as const
  const file = Uint8Array.from(encode({ header, tracks: [[]] })).subarray(0, HEADER_BYTES)
  new DataView(file.buffer).setUint16(TRACK_COUNT_AT, chunks.length + 1)
  const placed = [...tempoEvents(conductor.stretches), ...conductor.meters.map(meterEvent)].sort(inOrder)
  return concatenate([file, trackChunk([encodePlaced(placed, 0)]), ...chunks])
}

/**
 * The tempo events of a file, each at the tick nearest to its place. A tempo is a whole number of microseconds; what rounding leaves of a
 * stretch is made good in the next.
 */
function tempoEvents(stretches: readonly TempoStretch[]): Placed[] {
  const events: Placed[] = []
  const [first] = stretches
  let tick = 0
  let passed: Ms = 0
  for (const [index, { beatMs }] of stretches.entries()) {
    const next = stretches[index + 1]
    const ticks = next === undefined ? 0 : Math.round(next.beat * TICKS_PER_BEAT) - tick
    if (next !== undefined && ticks <= 0) continue
    const exact =
      next === undefined || first === undefined
        ? beatMs
        : ((next.at - first.at - passed) / ticks) * TICKS_PER_BEAT
    const microsecondsPerBeat = Math.min(SLOWEST, Math.max(1, Math.round(1000 * exact)))
    const event = { deltaTime: 0, meta: true, type: 'setTempo', microsecondsPerBeat } as const
    events.push({ tick, rank: OFF_RANK, key: 0, event })
    tick += ticks
    passed += (ticks / TICKS_PER_BEAT) * (microsecondsPerBeat / 1000)
  }
  return events
}

/** A time signature in the smallest usual fractions that hold a bar: quarters, eighths or sixteenths. */
function meterEvent({ beat, sixteenths }: Meter): Placed {
  const denominator = sixteenths % 4 === 0 ? 4 : sixteenths % 2 === 0 ? 8 : 16
  const numerator = (sixteenths * denominator) / 16
  return {
    tick: Math.round(beat * TICKS_PER_BEAT),
    rank: CONTROL_RANK,
    key: 0,
    event: {
      deltaTime: 0,
      meta: true,
      type: 'timeSignature',
      numerator,
      denominator,
      metronome: 24,
      thirtyseconds: 8,
    },
  }
}

/**
 * A Standard MIDI File of the given tracks. The same tracks always give the same bytes, which are also those of a
 * {@link GrowingTrack} that was told the same notes. Allocates; never throws for numbers within MIDI's ranges.
 */
export function writeMidi(tracks: readonly MidiTrack[], options: MidiFileOptions = {}): Uint8Array {
  const end = Math.max(
    0,
    ...tracks.map(({ notes }) => notes.reduce((last, note) => Math.max(last, note.end), 0)),
  )
  const time = options.time ?? steadyTime(options.beatsPerMinute)
  return joinTracks(
    tracks.map((track) => grow(track, time).chunk(end)),
    time,
  )
}

/** The time of a file at one tempo, in bars of four beats. */
function steadyTime(tempo = DEFAULT_BEATS_PER_MINUTE): FileTime {
  const map = createTempoMap()
  map.report({ at: 0, beat: { tempo, position: 0 }, beatsPerBar: 4 })
  map.begin(0)
  return map
}

function grow(track: MidiTrack, time: FileTime): GrowingTrack {
  const growing = createGrowingTrack(track.name, tickIn(time))
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
