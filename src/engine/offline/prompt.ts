import type { EventIndex } from '../language/events.js'
import { encodeSteps, type StepNote } from '../language/performance.js'
import { LONGEST_HELD } from '../sampling/event-mask.js'
import type { Steps } from '../units.js'

/**
 * Most notes of a prompt. 300 s of the densest playing have about 7000; more would only let a hostile file keep the
 * network busy for minutes.
 */
const MOST_NOTES = 8000

/**
 * The end of a performance, as events to go on from: the notes struck in its last `length` steps, the last `mostNotes` of
 * them at most. They are counted back
 * from the last strike, so that a chord which rings on at the end takes nothing of them and there is always a
 * note. A note struck before the cut is left out whole: its end would be one without a beginning. The clock starts at
 * the first note, the first event is a velocity, and every note is ended, after 12 s at the latest.
 *
 * `notes` as `quantize` makes them; without notes there are no events. Allocates; never throws.
 */
export function promptEvents(
  notes: readonly StepNote[],
  length: Steps,
  mostNotes: number = MOST_NOTES,
  hasEnds = true,
): EventIndex[] {
  const lastStrike = notes.at(-1)?.start ?? 0
  const kept = notes
    .filter(({ start }) => start >= lastStrike - length)
    .slice(-Math.min(mostNotes, MOST_NOTES))
  const origin = kept[0]?.start ?? 0
  const moved = kept.map((note) => ({
    ...note,
    start: note.start - origin,
    end: Math.min(note.end, note.start + LONGEST_HELD) - origin,
  }))
  return [...encodeSteps(moved, hasEnds)]
}
