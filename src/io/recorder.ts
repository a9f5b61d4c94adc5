import type { Channel, Ms, Pitch, Velocity } from '../engine/units.js'
import { type ControlChange, type MidiTrack, writeMidi } from './midi-file-writer.js'
import type { SentMessage, Source } from './records.js'
import { writeWhole } from './whole-file.js'

interface OpenNote {
  readonly start: Ms
  readonly velocity: Velocity
  readonly channel: Channel
  readonly pitch: Pitch
  readonly source: Source
}

interface FinishedNote extends OpenNote {
  readonly end: Ms
}

/** Writes down what was really sent, the pianist's and the player's notes on tracks of their own. */
export interface Recorder {
  take(message: SentMessage): void
  /** Writes the file, whole or not at all, once there is a note; notes still sounding end at `at` (process time). Throws Refused if it can't. */
  write(at: Ms): void
}

/** A recorder to the Standard MIDI File at `path`, empty so far. Time 0 of the file is the first note. */
export function createRecorder(path: string): Recorder {
  const finished: FinishedNote[] = []
  const open = new Map<number, OpenNote>()
  const controlChanges: (ControlChange & { readonly source: Source })[] = []
  let start: Ms | undefined

  function end(key: number, at: Ms): void {
    const note = open.get(key)
    if (!note) return
    open.delete(key)
    finished.push({ ...note, end: at })
  }

  function take(message: SentMessage): void {
    if (message.fate !== 'sent') return
    const at = message.source === 'performer' ? message.due : message.sentAt
    start ??= at
    const { channel, source } = message
    if (message.kind === 'control-change') {
      // Our own silencing (pedal up, all sound off) is no music, and would cut a DAW's tails.
      if (source === 'stage') return
      const { controller, value } = message
      controlChanges.push({ at: at - start, controller, value, channel, source })
      return
    }
    const key = channel * 128 + message.pitch
    end(key, at - start)
    if (message.kind === 'note-off') return
    open.set(key, { start: at - start, velocity: message.velocity, channel, pitch: message.pitch, source })
  }

  function write(at: Ms): void {
    const sounding = [...open.values()].map((note) => ({ ...note, end: at - (start ?? at) }))
    const notes = [...finished, ...sounding].filter((note) => note.end > note.start)
    if (notes.length === 0) return
    const track = (name: string, mine: (source: Source) => boolean): MidiTrack => ({
      name,
      channel: 0,
      notes: notes.filter(({ source }) => mine(source)),
      controlChanges: controlChanges.filter(({ source, at: time }) => time >= 0 && mine(source)),
    })
    const tracks = [
      track('Rubato', (source) => source !== 'ear'),
      track('Player', (source) => source === 'ear'),
    ]
    writeWhole(
      path,
      writeMidi(tracks.filter(({ notes: some, name }) => name === 'Rubato' || some.length > 0)),
    )
  }

  return { take, write }
}
