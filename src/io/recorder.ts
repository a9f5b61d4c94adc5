import type { Channel, Ms, Pitch, Velocity } from '../engine/units.js'
import { messageOf } from './failure.js'
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
  /** Writes the file at process time `at`, if it is time; to be called every second or so. Blocks meanwhile. */
  keep(at: Ms): void
  /** Writes the file a last time, whatever the time. Blocks meanwhile. */
  end(at: Ms): void
}

/**
 * The whole file is written each time, which takes longer the longer it gets (an hour's 0.4 s): it is written again
 * after at least this many times as long, so that main has time for the player.
 */
const REST = 50

/**
 * A recorder to the Standard MIDI File at `path`, empty so far. Time 0 of the file is the first note; before it there is
 * no file. Notes that sound when it is written end then. `onFailure` is told, once, if it can't be written.
 */
export function createRecorder(path: string, onFailure: (sentence: string) => void): Recorder {
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

  let failed = false
  let next: Ms = Number.NEGATIVE_INFINITY

  function keep(at: Ms): void {
    if (at < next) return
    const before = performance.now()
    try {
      write(at)
    } catch (error) {
      if (!failed) onFailure(messageOf(error))
      failed = true
    }
    next = at + REST * (performance.now() - before)
  }

  function finish(at: Ms): void {
    next = Number.NEGATIVE_INFINITY
    keep(at)
  }

  return { take, keep, end: finish }
}
