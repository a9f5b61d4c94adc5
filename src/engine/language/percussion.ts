import type { Pitch } from '../units.js'
import { type Note, quantize, type StepNote } from './performance.js'

/**
 * Maps pitches of a Roland TD-11, with which the Groove data were recorded, to the nearest of General MIDI: the edge of the
 * closed hi-hat to the closed hi-hat, the edge of the open hi-hat to the open hi-hat, the rim of the floor tom to the high
 * floor tom.
 */
const GENERAL_MIDI: ReadonlyMap<Pitch, Pitch> = new Map([
  [22, 42],
  [26, 46],
  [58, 43],
])

/**
 * The notes of a file on the event clock of a model. Percussion (without `hasEnds`) gets the pitches of General MIDI. In beats
 * step 0 is the beginning of the file, so that the place in the bar is preserved; for other music it is the first note.
 */
export function stepsOf(notes: readonly Note[], hasEnds: boolean, step: 'ms' | 'beat'): StepNote[] {
  if (hasEnds) return step === 'beat' ? quantize(notes, 0) : quantize(notes)
  return quantize(
    notes.map((note) => ({ ...note, pitch: GENERAL_MIDI.get(note.pitch) ?? note.pitch })),
    0,
  )
}
