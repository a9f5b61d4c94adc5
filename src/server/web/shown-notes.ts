import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms, Pitch, Velocity } from '../../engine/units.js'

/** A note on the page's roll; `end` is null while it sounds. Times are the server's. */
export interface ShownNote {
  readonly by: 'rubato' | 'player'
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  readonly end: Ms | null
}

/** The played notes, for as long as the roll shows them. */
export interface ShownNotes {
  sent(message: SentMessage): void
  heard(message: HeardMessage): void
  /** The notes that sound or ended after `since`; forgets all others. */
  after(since: Ms): readonly ShownNote[]
  /** Forgets every note, because the connection is gone. */
  clear(): void
}

/** The longest that a note is shown, in case the message that ends it is lost. */
const LONGEST_MS: Ms = 15_000

export function createShownNotes(): ShownNotes {
  const sounding = new Map<string, ShownNote>()
  let ended: ShownNote[] = []

  function begin(key: string, note: ShownNote): void {
    end(key, note.start)
    sounding.set(key, note)
  }

  function end(key: string, at: Ms): void {
    const note = sounding.get(key)
    if (!note) return
    sounding.delete(key)
    ended.push({ ...note, end: Math.max(at, note.start) })
  }

  return {
    sent: (message) => {
      // The player's notes that are passed through are left out, because they also arrive as `heard`.
      if (message.fate !== 'sent' || message.source === 'ear' || message.kind === 'control-change') return
      const at = message.source === 'performer' ? message.due : message.sentAt
      const key = `rubato ${message.channel} ${message.pitch}`
      const { pitch } = message
      if (message.kind === 'note-off') end(key, at)
      else begin(key, { by: 'rubato', pitch, velocity: message.velocity, start: at, end: null })
    },
    heard: (message) => {
      if (message.kind !== 'note-on' && message.kind !== 'note-off') return
      const { at, channel, pitch, velocity } = message
      const key = `player ${channel} ${pitch}`
      if (message.kind === 'note-off') end(key, at)
      else begin(key, { by: 'player', pitch, velocity, start: at, end: null })
    },
    after: (since) => {
      ended = ended.filter((note) => note.end !== null && note.end > since)
      for (const [key, note] of sounding) if (note.start < since - LONGEST_MS) sounding.delete(key)
      return [...ended, ...sounding.values()]
    },
    clear: () => {
      sounding.clear()
      ended = []
    },
  }
}
