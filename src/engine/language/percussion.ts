import type { Pitch } from '../units.js'
import type { Note } from './performance.js'
import { quantize, type StepNote } from './performance.js'

/**
 * Roland's numbers for the edges of the hi-hat and the rim of the floor tom (TD-11, with which Groove was recorded) to the
 * instruments of General MIDI that are nearest: closed hi-hat, open hi-hat, high floor tom.
 */
const GENERAL_MIDI: ReadonlyMap<Pitch, Pitch> = new Map([
  [22, 42],
  [26, 46],
  [58, 43],
])

/**
 * The notes of a file on the event clock of a model. Percussion (without `hasEnds`) keeps its place in the bar, counted
 * from the file's beginning, and gets the numbers of General MIDI; other music begins with its first note.
 */
export function stepsOf(notes: readonly Note[], hasEnds: boolean): StepNote[] {
  if (hasEnds) return quantize(notes)
  return quantize(
    notes.map((note) => ({ ...note, pitch: GENERAL_MIDI.get(note.pitch) ?? note.pitch })),
    0,
  )
}
