import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'

/** Length of an excerpt. In longer ones more returns by chance; excerpts of one length can be compared. */
export const EXCERPT: Ms = 300_000

/** A performance shorter than an excerpt, but at least as long as this, counts as one. In a shorter one little has time to return. */
const SHORTEST: Ms = 120_000

/** How much an excerpt may lack: a performance that was rendered for 10 minutes ends some seconds early, with a chord that rings out. */
const SLACK: Ms = 6000

/**
 * Cuts `notes`, ordered by start, into successive whole excerpts of 5 minutes from the first note-on to the last note's end; a
 * rest at the end is left out. A performance of 2 to 5 minutes is one excerpt; of a shorter one there is none. A note belongs to
 * the excerpt in which it starts.
 */
export function excerptsOf(notes: readonly Note[]): Note[][] {
  const from = notes[0]?.start ?? 0
  const length = notes.reduce((last, note) => Math.max(last, note.end), from) - from
  const count = Math.floor((length + SLACK) / EXCERPT)
  if (count === 0) return length >= SHORTEST ? [[...notes]] : []
  const excerpts = Array.from({ length: count }, (): Note[] => [])
  for (const note of notes) excerpts[Math.floor((note.start - from) / EXCERPT)]?.push(note)
  return excerpts
}
