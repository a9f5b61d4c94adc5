import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type MidiData, type MidiEvent, parseMidi } from 'midi-file'
import { SUSTAIN, SWITCH_ON } from '../../engine/language/messages.js'
import type { Note } from '../../engine/language/performance.js'
import { applySustain, type KeyAction } from '../../engine/language/performance.js'
import type { ModelSpec } from '../../engine/model/model.js'
import { Refused } from '../../engine/refused.js'
import { type Ms, STEP_MS, STEPS_PER_BEAT } from '../../engine/units.js'
import { codeOf } from '../error-text.js'
import { concatenate } from './track-encoding.js'

/**
 * The largest file that is read; an hour of piano has 0.3 MB. Smaller refuses long performances. Larger lets a hostile file
 * fill the memory: an event of 2 bytes becomes an object of some 200, so that this is 0.4 GB at worst.
 */
const MAX_BYTES = 4 * 1024 * 1024

/** The longest performance that is read. Longer lets a small file make many events, since each second of waiting is one. */
const MAX_DURATION: Ms = 24 * 3600 * 1000

/** Microseconds in a beat where a file names no tempo: 120 beats a minute (Standard MIDI Files 1.0). */
const DEFAULT_TEMPO = 500_000

/** The notes of a MIDI file, all tracks and channels together. */
interface MidiFilePerformance {
  /** Ordered by start; the sustain pedal is applied. */
  readonly notes: Note[]
  /** Time of the last event of any track. */
  readonly end: Ms
}

/**
 * Reads the Standard MIDI File at `path`. With `step` `beat` the file's tempo is ignored and a quarter note lasts 480 ms.
 * Throws {@link Refused}, naming the path, for anything that it can't use.
 */
export async function readMidiFile(
  path: string,
  step: ModelSpec['step'] = 'ms',
): Promise<MidiFilePerformance> {
  return parseMidiFile(await readBytes(path), path, step)
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new Refused(`${path} isn't a file.`)
    if (found.size > MAX_BYTES) {
      throw new Refused(
        `${path} is larger than the ${MAX_BYTES / 1024 / 1024} MB that a MIDI file may have here.`,
      )
    }
    return await readFile(path)
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(unreadable(path, error))
  }
}

/**
 * Reads the bytes of a Standard MIDI File of format 0 or 1, with a time division in ticks per beat or SMPTE frames.
 * Chunks of other kinds are passed over. `path` only names it in errors. Throws {@link Refused}.
 */
export function parseMidiFile(
  bytes: Uint8Array,
  path: string,
  step: ModelSpec['step'] = 'ms',
): MidiFilePerformance {
  let data: MidiData
  try {
    data = parseMidi(guarded(knownChunks(bytes)))
  } catch (error) {
    throw new Refused(`${path} isn't a readable MIDI file: ${asClause(error)}.`)
  }
  try {
    return perform(data, step)
  } catch (error) {
    if (error instanceof Refused) throw new Refused(`${path} can't be used: ${error.message}.`)
    throw error
  }
}

/** The parser's error as the end of a sentence. */
function asClause(error: unknown): string {
  if (error instanceof Refused) return error.message
  return typeof error === 'string' ? error.replace(/[.\s]+$/, '') : 'its bytes make no sense'
}

/** A file with its header and track chunks alone. Throws {@link Refused}, whose message is a clause, if they don't fit. */
function knownChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isChunk = (at: number, id: string) =>
    at + 8 <= bytes.length && [...id].every((letter, i) => bytes[at + i] === letter.charCodeAt(0))
  if (!isChunk(0, 'MThd')) throw new Refused("it doesn't begin with a MIDI file header")

  const known: Uint8Array[] = []
  let tracks = 0
  for (let at = 0; at < bytes.length; ) {
    // Some programs pad a file at its end: with zeros, or with less than the head of a chunk.
    if (at + 8 > bytes.length || bytes[at] === 0) break
    const end = at + 8 + view.getUint32(at + 4)
    if (end > bytes.length) throw new Refused('it ends in the middle of a chunk')
    const isTrack = isChunk(at, 'MTrk')
    if (at === 0 || isTrack) known.push(bytes.subarray(at, end))
    if (isTrack) tracks++
    at = end
  }
  const header = known[0]!
  if (header.length < 8 + 6) throw new Refused('its header is too short')
  if (tracks === 0) throw new Refused('it has no track')

  const joined = concatenate(known)
  // Many files give a wrong number of tracks; all tracks that are there are read.
  new DataView(joined.buffer).setUint16(8 + 2, tracks)
  return joined
}

/**
 * Bytes whose `slice` checks its bounds. The parser `midi-file` trusts the lengths in a file: one that reaches past the end
 * reads nothing, and one of over 31 bits turns negative, so that the parser goes back and never ends. It reads all blocks
 * by `slice`.
 */
function guarded(bytes: Uint8Array): Uint8Array {
  const slice = (start = 0, end = bytes.length) => {
    if (start < 0 || end < start || end > bytes.length) throw new Refused('one of its lengths is wrong')
    return guarded(bytes.subarray(start, end))
  }
  return Object.defineProperty(bytes, 'slice', { value: slice })
}

/** Makes notes of a parsed file. Throws {@link Refused}, whose message is a clause. */
function perform(data: MidiData, step: ModelSpec['step']): MidiFilePerformance {
  if (data.header.format > 1) throw new Refused('it holds independent patterns (format 2), not a performance')
  const events = inOrder(data.tracks)
  const ticksToMs = step === 'beat' ? beatMap(data) : tempoMap(data, events)
  const actions: KeyAction[] = []
  let end: Ms = 0
  for (const { tick, event } of events) {
    const at = ticksToMs(tick)
    if (!(at <= MAX_DURATION)) throw new Refused('it lasts longer than a day')
    end = at
    const action = keyAction(event, at)
    if (action) actions.push(action)
  }
  return { notes: applySustain(actions, end), end }
}

interface TickedEvent {
  readonly tick: number
  readonly event: MidiEvent
}

/** The events of all tracks by tick; those of one tick by track, and within a track in its order. */
function inOrder(tracks: readonly MidiEvent[][]): TickedEvent[] {
  const events: TickedEvent[] = []
  for (const track of tracks) {
    let tick = 0
    for (const event of track) {
      if (!(event.deltaTime >= 0)) throw new Refused('one of its times is wrong')
      tick += event.deltaTime
      events.push({ tick, event })
      if (event.type === 'endOfTrack') break
    }
  }
  return events.sort((a, b) => a.tick - b.tick)
}

/** A function from ticks to ms in which a quarter note lasts 480 ms. */
function beatMap({ header }: MidiData): (tick: number) => Ms {
  const { ticksPerBeat } = header
  if (!ticksPerBeat) throw new Refused('its clock has no beats')
  return (tick) => (tick * STEPS_PER_BEAT * STEP_MS) / ticksPerBeat
}

/** A function from ticks to ms by the file's tempo. Its argument must not decrease from call to call. */
function tempoMap({ header }: MidiData, events: readonly TickedEvent[]): (tick: number) => Ms {
  const { ticksPerBeat, ticksPerFrame, framesPerSecond } = header
  if (framesPerSecond !== undefined && ticksPerFrame !== undefined) {
    // 29 stands for the 30000/1001 frames a second of NTSC television. Tempo events have no meaning in such a file.
    const frames = framesPerSecond === 29 ? 30_000 / 1001 : framesPerSecond
    if (ticksPerFrame === 0) throw new Refused('its clock has no ticks')
    return (tick) => (tick * 1000) / (frames * ticksPerFrame)
  }
  if (!ticksPerBeat) throw new Refused('its clock has no ticks')
  const changes: { readonly tick: number; readonly at: Ms; readonly tempo: number }[] = []
  // Divided once, at the end, so that times of whole milliseconds have no rounding error.
  const timeIn = (change: (typeof changes)[number], tick: number): Ms =>
    change.at + ((tick - change.tick) * change.tempo) / (1000 * ticksPerBeat)
  let current = { tick: 0, at: 0, tempo: DEFAULT_TEMPO }
  for (const { tick, event } of events) {
    if (event.type !== 'setTempo') continue
    if (!(event.microsecondsPerBeat > 0)) throw new Refused('one of its tempos is 0 microseconds a beat')
    changes.push(current)
    current = { tick, at: timeIn(current, tick), tempo: event.microsecondsPerBeat }
  }
  changes.push(current)
  let now = 0
  return (tick) => {
    while (now + 1 < changes.length && changes[now + 1]!.tick <= tick) now++
    return timeIn(changes[now]!, tick)
  }
}

/**
 * What an event does to a key or the pedal; null for all others. Throws {@link Refused}, whose message is a clause, for
 * bytes that aren't data bytes.
 */
function keyAction(event: MidiEvent, at: Ms): KeyAction | null {
  if (event.type === 'noteOn' || event.type === 'noteOff') {
    const { channel, noteNumber: pitch, velocity } = event
    if (!isData(pitch) || !isData(velocity))
      throw new Refused('one of its notes has an invalid pitch or velocity')
    if (event.type === 'noteOff') return { kind: 'note-off', at, channel, pitch }
    return { kind: 'note-on', at, channel, pitch, velocity }
  }
  if (event.type === 'controller' && event.controllerType === SUSTAIN) {
    if (!isData(event.value)) throw new Refused('one of its pedal values is invalid')
    return { kind: 'pedal', at, channel: event.channel, down: event.value >= SWITCH_ON }
  }
  return null
}

/** Whether a value is a data byte, 0-127; past the end of a track the parser gives undefined. */
function isData(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value < 128
}

/**
 * The MIDI files at `paths`. A file counts whatever its name; a folder is searched, with the folders in it, for names that
 * end in .mid or .midi, in alphabetical order. Links to folders aren't followed, because they may lead in circles. Throws
 * {@link Refused} for a path that doesn't exist and for a folder without MIDI files.
 */
export async function listMidiFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) files.push(path)
      else {
        const before = files.length
        await listFolder(path, files)
        if (files.length === before) throw new Refused(`${path} holds no MIDI files (.mid, .midi).`)
      }
    } catch (error) {
      throw error instanceof Refused ? error : new Refused(unreadable(path, error))
    }
  }
  return files
}

async function listFolder(folder: string, files: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await listFolder(path, files)
    else if (/\.midi?$/i.test(entry.name)) files.push(path)
  }
}

function unreadable(path: string, error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return `${path} doesn't exist.`
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read by this user.`
  return `${path} can't be read (${code}).`
}
