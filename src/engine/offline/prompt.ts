import type { EventIndex } from '../language/events.js'
import { encodeSteps, type StepNote } from '../language/performance.js'
import { LONGEST_HELD } from '../sampling/event-mask.js'
import type { Steps } from '../units.js'

/**
 * Most notes of a prompt. 300 s of the densest playing have about 7000 notes; a higher limit would only let a hostile file
 * occupy the network for minutes.
 */
const MOST_NOTES = 8000

/**
 * The end of a performance, as events to go on from: its last `mostNotes` notes at most, of those struck within `length`
 * steps before the last strike. (Counting from the last strike, not from the end, leaves out a final chord's long ringing,
 * and guarantees a note.) A note struck earlier is left out as a whole, because its note-off would have no note-on. The first
 * note is struck at step 0, or in music that has bars at its place in the bar, and every note is ended, after
 * {@link LONGEST_HELD} at the latest.
 *
 * `notes` are ordered as `quantize` returns them; without notes there are no events. Allocates; never throws.
 * @param bar the length of a bar, of which one begins at step 0 of `notes`; 1 for music without bars
 */
export function promptEvents(
  notes: readonly StepNote[],
  length: Steps,
  mostNotes: number = MOST_NOTES,
  hasEnds = true,
  bar: Steps = 1,
): EventIndex[] {
  const lastStrike = notes.at(-1)?.start ?? 0
  const prompted = notes
    .filter(({ start }) => start >= lastStrike - length)
    .slice(-Math.min(mostNotes, MOST_NOTES))
  const origin = bar * Math.floor((prompted[0]?.start ?? 0) / bar)
  const moved = prompted.map((note) => ({
    ...note,
    start: note.start - origin,
    end: Math.min(note.end, note.start + LONGEST_HELD) - origin,
  }))
  return [...encodeSteps(moved, hasEnds)]
}
