import type { Note } from '../src/engine/language/performance.js'
import type { Ms, Pitch } from '../src/engine/units.js'

/**
 * Notes that start within this time of the first of them are one chord, of which only the highest belongs to the top voice.
 * Shorter takes people's chords apart, whose keys don't go down together. Longer swallows notes of fast runs.
 */
const CHORD: Ms = 50

/**
 * A note this many semitones (a fifth) or more under a note of the top voice that still sounds is accompaniment. Fewer leaves
 * out the melodies that people play over their own pedal. Without this rule, the accompaniment breaks up the melody's figures.
 */
const ACCOMPANIMENT: Pitch = 7

/**
 * The top voice of `notes`, which are ordered by start: of each chord the highest note, unless one of the voice's notes a fifth
 * or more above it still sounds. Notes last as long as the pedal holds them, as `readMidiFile` reads them. Never throws.
 */
export function topVoice(notes: readonly Note[]): Note[] {
  return chordTops(notes).reduce<{ voice: Note[]; sounding: Note[] }>(
    ({ voice, sounding }, top) => {
      const still = sounding.filter((note) => note.end > top.start)
      if (still.some((note) => note.pitch >= top.pitch + ACCOMPANIMENT)) return { voice, sounding: still }
      voice.push(top)
      return { voice, sounding: [...still, top] }
    },
    { voice: [], sounding: [] },
  ).voice
}

/** The highest note of each chord. */
function chordTops(notes: readonly Note[]): Note[] {
  const tops: Note[] = []
  let chordStart = Number.NEGATIVE_INFINITY
  for (const note of notes) {
    if (note.start - chordStart >= CHORD) {
      chordStart = note.start
      tops.push(note)
    } else if (note.pitch > tops.at(-1)!.pitch) tops[tops.length - 1] = note
  }
  return tops
}
