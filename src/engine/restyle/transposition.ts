import { encodeSteps, type StepNote } from '../language/performance.js'
import type { Network } from '../network/network.js'
import { type Gram, type GramShape, gramOf } from '../style/gram.js'
import type { Pitch } from '../units.js'

/** Semitones by which a content may move: all keys. */
const TRANSPOSITIONS = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6] as const

/** Notes by which the keys are compared. Fewer are all of one harmony; more take longer. */
const COMPARED = 200

const LOWEST: Pitch = 21
const HIGHEST: Pitch = 108

/**
 * The transpositions, in semitones, in which notes that nobody has restyled yet come nearest to the style of `reference`, at most
 * `most` of them, the nearest first: much of what a network hears is the key. None that leaves the keyboard. Resets `ear`.
 */
export function nearTranspositions(
  ear: Network,
  shape: GramShape,
  notes: readonly StepNote[],
  reference: Gram,
  most: number,
): Pitch[] {
  const compared = notes.slice(0, COMPARED)
  const lowest = notes.reduce((least, { pitch }) => Math.min(least, pitch), HIGHEST)
  const highest = notes.reduce((top, { pitch }) => Math.max(top, pitch), LOWEST)
  return TRANSPOSITIONS.filter((by) => lowest + by >= LOWEST && highest + by <= HIGHEST)
    .map((by) => {
      const gram = gramOf(ear, shape, encodeSteps(transposed(compared, by)))
      return { by, distance: gram.distance(reference) }
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ by }) => by)
}

/** Notes moved by `by` semitones. Allocates. */
export function transposed(notes: readonly StepNote[], by: Pitch): StepNote[] {
  return notes.map((note) => ({ ...note, pitch: note.pitch + by }))
}
