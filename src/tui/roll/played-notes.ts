import {
  ALL_NOTES_OFF,
  ALL_SOUND_OFF,
  type HeardMessage,
  type SentMessage,
} from '../../engine/language/messages.js'
import type { Ms, Pitch, Velocity } from '../../engine/units.js'

/** A note that sounded. Times are process time. */
export interface PlayedNote {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  /** Null while it sounds. */
  readonly end: Ms | null
  readonly by: 'pianist' | 'player'
}

/** The notes of the last seconds, of the pianist and of the player. Nothing throws. */
export interface PlayedNotes {
  sent(message: SentMessage): void
  heard(message: HeardMessage): void
  /** The notes by their start, the oldest first. */
  notes(): readonly PlayedNote[]
  /** Forgets the notes that ended before `before`. */
  forget(before: Ms): void
}

type OpenNote = { -readonly [Key in keyof PlayedNote]: PlayedNote[Key] }

/**
 * The greatest number of notes that are remembered, so that a flood of notes is bounded: far more than any roll shows.
 */
const MOST = 4000
/**
 * The longest that a note may last, in case the message that ends it is lost. No note of the pianist is longer than 12 s.
 */
const LONGEST_MS: Ms = 30_000
/** Controllers that end every note: all sound off, all notes off. */
const SILENCING: readonly number[] = [ALL_SOUND_OFF, ALL_NOTES_OFF]

export function createPlayedNotes(): PlayedNotes {
  let notes: OpenNote[] = []
  const open = new Map<string, OpenNote>()

  function begin(key: string, note: OpenNote): void {
    end(key, note.start)
    if (notes.length >= MOST) notes.shift()
    // Notes of the player arrive a little late, so a new note may belong before others; nearly always it is the last.
    let index = notes.length
    while (index > 0 && (notes[index - 1]?.start ?? 0) > note.start) index--
    notes.splice(index, 0, note)
    open.set(key, note)
  }

  function end(key: string, at: Ms): void {
    const note = open.get(key)
    if (!note) return
    note.end = Math.max(at, note.start)
    open.delete(key)
  }

  function endAll(at: Ms, by: OpenNote['by']): void {
    for (const [key, note] of open) if (note.by === by) end(key, at)
  }

  return {
    sent: (message) => {
      // Notes of the player that are passed through also arrive as heard messages; shown twice they would cover each
      // other.
      if (message.source === 'ear') return
      const at = message.source === 'performer' ? message.due : message.sentAt
      if (message.kind === 'note-off') end(`sent ${message.id}`, at)
      else if (message.fate !== 'sent') return
      else if (message.kind === 'control-change') {
        if (SILENCING.includes(message.controller)) endAll(at, 'pianist')
      } else {
        const { pitch, velocity } = message
        begin(`sent ${message.id}`, { pitch, velocity, start: at, end: null, by: 'pianist' })
      }
    },
    heard: (message) => {
      if (message.kind === 'control-change') {
        if (SILENCING.includes(message.controller)) endAll(message.at, 'player')
        return
      }
      if (message.kind === 'transport') return
      const key = `heard ${message.channel} ${message.pitch}`
      if (message.kind === 'note-off') end(key, message.at)
      else {
        const { pitch, velocity, at } = message
        begin(key, { pitch, velocity, start: at, end: null, by: 'player' })
      }
    },
    notes: () => notes,
    forget: (before) => {
      for (const [key, note] of open) if (note.start < before - LONGEST_MS) end(key, before)
      if (notes.some((note) => note.end !== null && note.end < before))
        notes = notes.filter((note) => note.end === null || note.end >= before)
    },
  }
}
