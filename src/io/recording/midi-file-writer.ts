import { writeMidi as encode, type MidiEvent } from 'midi-file'
import type { Note } from '../../engine/language/performance.js'
import type { Channel, Ms } from '../../engine/units.js'
import { createGrowingTrack, type GrowingTrack } from './growing-track.js'
import {
  CONTROL_RANK,
  concatenate,
  keyOf,
  type MidiFileOptions,
  microsecondsPerBeat,
  OFF_RANK,
  ON_RANK,
  TICKS_PER_BEAT,
} from './track-encoding.js'

/** The position of the number of tracks in a file, in bytes from its start (Standard MIDI Files 1.0). */
const TRACK_COUNT_AT = 10

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

/** A Standard MIDI File of format 1: a first track with the tempo and a 4/4 signature, then the tracks in `chunks`. */
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
 * A Standard MIDI File of the given tracks. The same tracks always give the same bytes, which are also those of a
 * {@link GrowingTrack} that was told the same notes. Allocates; never throws for numbers within MIDI's ranges.
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
