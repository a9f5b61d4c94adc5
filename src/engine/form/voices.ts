import type { StepNote } from '../language/performance.js'
import type { Pitch, Steps } from '../units.js'

/**
 * Notes that start within this time of the first of them are one chord, of which one note at most belongs to a voice. Shorter
 * takes people's chords apart, whose keys don't go down together. Longer swallows notes of fast runs.
 */
const CHORD: Steps = 5

/**
 * A note this many semitones (a fifth) or more inside a note of an outer voice that still sounds doesn't belong to that voice.
 * Fewer leaves out the melodies that people play over their own pedal. Without this rule, the accompaniment breaks up the melody.
 */
export const APART: Pitch = 7

/**
 * The melody of `notes`, which are ordered by start: of each chord the highest note, unless a note of the melody a fifth or more
 * above it still sounds. Notes last as long as the pedal holds them. Allocates; never throws.
 */
export function melodyOf(notes: readonly StepNote[]): StepNote[] {
  return outerVoice(notes, (note, than) => note.pitch - than.pitch)
}

/** The bass of `notes`: as {@link melodyOf}, from below. Where there is but one voice, its notes are melody as well as bass. */
export function bassOf(notes: readonly StepNote[]): StepNote[] {
  return outerVoice(notes, (note, than) => than.pitch - note.pitch)
}

/** @param outside how many semitones further out a note is than another */
function outerVoice(
  notes: readonly StepNote[],
  outside: (note: StepNote, than: StepNote) => number,
): StepNote[] {
  const voice: StepNote[] = []
  let sounding: StepNote[] = []
  for (const note of outermost(notes, outside)) {
    sounding = sounding.filter(({ end }) => end > note.start)
    if (sounding.some((other) => outside(other, note) >= APART)) continue
    voice.push(note)
    sounding.push(note)
  }
  return voice
}

/** The outermost note of each chord. */
function outermost(
  notes: readonly StepNote[],
  outside: (note: StepNote, than: StepNote) => number,
): StepNote[] {
  const outer: StepNote[] = []
  let chordStart = Number.NEGATIVE_INFINITY
  for (const note of notes) {
    if (note.start - chordStart >= CHORD) {
      chordStart = note.start
      outer.push(note)
    } else if (outside(note, outer.at(-1)!) > 0) outer[outer.length - 1] = note
  }
  return outer
}
