import { melodyOf } from '../src/engine/form/voices.js'
import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'

/** The time within which notes are one chord, as `melodyOf` has it in steps. */
const CHORD: Ms = 50

/**
 * The top voice of `notes`, which are ordered by start: of each chord the highest note, unless one of the voice's notes a fifth
 * or more above it still sounds. Notes last as long as the pedal holds them, as `readMidiFile` reads them. Never throws.
 */
export function topVoice(notes: readonly Note[]): Note[] {
  return melodyOf(notes, CHORD)
}
