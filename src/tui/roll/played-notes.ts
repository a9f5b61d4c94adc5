import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms, Pitch, Velocity } from '../../engine/units.js'

/** A note that was heard in the room. Times are process time. */
export interface PlayedNote {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  /** Null while it sounds. */
  readonly end: Ms | null
  readonly by: 'pianist' | 'player'
}

/** The notes of the last seconds, the pianist's and the player's. Nothing throws. */
export interface PlayedNotes {
  sent(message: SentMessage): void
  heard(message: HeardMessage): void
  /** By start, the longest ago first. */
  notes(): readonly PlayedNote[]
  /** Drops what ended before `before`. */
  forget(before: Ms): void
}

type OpenNote = { -readonly [Key in keyof PlayedNote]: PlayedNote[Key] }

/** Notes kept at most, so that a flood costs no memory: far more than any roll can show. */
const MOST = 4000
/** A note whose end was never told of is let go after this: longer than any pianist's note may last (12 s). */
const LONGEST_MS: Ms = 30_000
/** Controllers that end every note: all sound off, all notes off. */
const SILENCING = [120, 123]

export function createPlayedNotes(): PlayedNotes {
  let notes: OpenNote[] = []
  const open = new Map<string, OpenNote>()

  function begin(key: string, note: OpenNote): void {
    end(key, note.start)
    if (notes.length >= MOST) notes.shift()
    // Nearly always at the end: the player's are told of a little late.
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
      // The player's own notes, passed through, are heard; seen twice they would cover each other.
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
