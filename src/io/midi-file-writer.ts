import type { Note } from '../engine/notes.js'
import type { Channel, Ms } from '../engine/units.js'

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
 * Ticks per beat: 960, what the large DAWs count in themselves, so an import moves nothing. At 120 beats a minute a
 * tick is 0.52 ms and a written time is off by 0.26 ms at most. More buys nothing an ear or the event clock could tell.
 */
const TICKS_PER_BEAT = 960
/** 120: the tempo of a new set in Live and a new project in Logic, so a DAW that ignores the file's plays it right. */
const DEFAULT_BEATS_PER_MINUTE = 120
/** Speed at which keys are released; the middle, "not measured" (MIDI 1.0). */
const RELEASE_VELOCITY = 64

/**
 * A Standard MIDI File of format 1: a first track with tempo and a 4/4 signature, then one per given track. The same
 * tracks give the same bytes. The library's own writer isn't used: it copies its whole output for each long delta
 * time, minutes for an hour of music. Allocates; never throws for numbers within MIDI's ranges.
 */
export function writeMidi(tracks: readonly MidiTrack[], options: MidiFileOptions = {}): Uint8Array {
  const microsecondsPerBeat = Math.round(60e6 / (options.beatsPerMinute ?? DEFAULT_BEATS_PER_MINUTE))
  const msPerTick = microsecondsPerBeat / 1000 / TICKS_PER_BEAT
  const bytes: number[] = []
  const header: number[] = []
  pushNumber(header, 1, 2)
  pushNumber(header, tracks.length + 1, 2)
  pushNumber(header, TICKS_PER_BEAT, 2)
  pushChunk(bytes, 'MThd', header)

  const conductor: number[] = [0, 0xff, 0x51, 3]
  pushNumber(conductor, microsecondsPerBeat, 3)
  // 4/4: the denominator as a power of two, 24 clocks a metronome click, 8 thirty-seconds a quarter.
  conductor.push(0, 0xff, 0x58, 4, 4, 2, 24, 8)
  pushChunk(bytes, 'MTrk', withEnd(conductor))
  for (const track of tracks) pushChunk(bytes, 'MTrk', trackBytes(track, msPerTick))
  return Uint8Array.from(bytes)
}

/** A message of a track; `rank` orders those of one tick. */
interface Message {
  readonly tick: number
  readonly rank: number
  readonly bytes: readonly number[]
}

const OFF_RANK = 0
const CONTROL_RANK = 1
const ON_RANK = 2

function trackBytes(track: MidiTrack, msPerTick: number): number[] {
  const toTick = (at: Ms) => Math.round(at / msPerTick)
  const messages: Message[] = []
  for (const { at, controller, value, channel = track.channel } of track.controlChanges ?? []) {
    messages.push({ tick: toTick(at), rank: CONTROL_RANK, bytes: [0xb0 | channel, controller, value] })
  }
  const spans = track.notes.map((note) => {
    const start = toTick(note.start)
    const end = Math.max(start + 1, toTick(note.end))
    return { start, end, channel: note.channel ?? track.channel, pitch: note.pitch, velocity: note.velocity }
  })
  spans.sort((a, b) => a.start - b.start || a.channel - b.channel || a.pitch - b.pitch)
  const last = new Map<number, (typeof spans)[number]>()
  for (const span of spans) {
    const key = span.channel * 128 + span.pitch
    const before = last.get(key)
    if (before && before.end > span.start) before.end = span.start
    last.set(key, span)
  }
  for (const { start, end, channel, pitch, velocity } of spans) {
    if (end === start) continue
    messages.push({ tick: start, rank: ON_RANK, bytes: [0x90 | channel, pitch, velocity] })
    messages.push({ tick: end, rank: OFF_RANK, bytes: [0x80 | channel, pitch, RELEASE_VELOCITY] })
  }
  messages.sort((a, b) => a.tick - b.tick || a.rank - b.rank)

  const name = new TextEncoder().encode(track.name)
  const bytes: number[] = [0, 0xff, 0x03]
  pushVariable(bytes, name.length)
  bytes.push(...name)
  let clock = 0
  for (const message of messages) {
    pushVariable(bytes, message.tick - clock)
    bytes.push(...message.bytes)
    clock = message.tick
  }
  return withEnd(bytes)
}

function withEnd(track: number[]): number[] {
  track.push(0, 0xff, 0x2f, 0)
  return track
}

function pushChunk(bytes: number[], id: string, content: readonly number[]): void {
  for (const letter of id) bytes.push(letter.charCodeAt(0))
  pushNumber(bytes, content.length, 4)
  for (const byte of content) bytes.push(byte)
}

/** Big-endian, `size` bytes. */
function pushNumber(bytes: number[], value: number, size: number): void {
  for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes.push((value >>> shift) & 0xff)
}

/** MIDI's variable-length number: 7 bits a byte, the highest bit set on all but the last. */
function pushVariable(bytes: number[], value: number): void {
  for (let shift = 21; shift > 0; shift -= 7) {
    if (value >> shift > 0) bytes.push(((value >> shift) & 0x7f) | 0x80)
  }
  bytes.push(value & 0x7f)
}
