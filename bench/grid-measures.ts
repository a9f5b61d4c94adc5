import { beatAt, type Pulse } from '../src/engine/language/pulse.js'
import type { CollectedNote } from '../src/engine/offline/note-collector.js'
import type { Ms } from '../src/engine/units.js'

/** Onsets within this of a first one are its chord. */
const CHORD_MS: Ms = 35

/** What a grid does to the times of notes. */
export interface GridFigures {
  /** Length of the mean of all onsets as unit vectors, whose angle is the place in the grid's cell: 0 anywhere, 1 all at one place. */
  readonly vectorStrength: number
  /** Mean place, in percent of a beat, of the onsets in the middle half of beats; NaN without any. */
  readonly offBeat: number
  /** Groups of two notes or more that are struck within 35 ms. */
  readonly chords: number
}

/**
 * Measures notes, ordered by start, against a grid of `cells` cells a beat (Goldberg & Brown 1969 for the vector strength).
 * @param swing the place of the second eighth in its beat in percent; it says which place in a cell an onset has
 */
export function gridFigures(
  notes: readonly CollectedNote[],
  pulse: Pulse,
  cells: number,
  swing: number,
): GridFigures {
  const middle = cells % 2 === 0 ? swing / 100 : 0.5
  let [x, y] = [0, 0]
  const offBeats: number[] = []
  for (const { start } of notes) {
    const beat = beatAt(pulse, start)
    const place = beat - Math.floor(beat)
    const straight = place < middle ? place / middle / 2 : (1 + (place - middle) / (1 - middle)) / 2
    const angle = 2 * Math.PI * cells * straight
    x += Math.cos(angle)
    y += Math.sin(angle)
    if (Math.round(cells * straight) === cells / 2) offBeats.push(place)
  }
  const starts = notes.map(({ start }) => start)
  let chords = 0
  for (let from = 0; from < starts.length; ) {
    let to = from + 1
    while (to < starts.length && starts[to]! - starts[from]! <= CHORD_MS) to++
    if (to > from + 1) chords++
    from = to
  }
  return {
    vectorStrength: Math.hypot(x, y) / Math.max(1, notes.length),
    offBeat: (100 * offBeats.reduce((sum, place) => sum + place, 0)) / offBeats.length,
    chords,
  }
}
