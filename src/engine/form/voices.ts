import type { Pitch, Steps } from '../units.js'

/** What of a note decides about its voice. Times are of any unit. */
interface VoicedNote {
  readonly pitch: Pitch
  readonly start: number
  readonly end: number
}

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
 * @param chord the time within which notes are one chord, in the unit of the notes; by default they are in steps
 */
export function melodyOf<Note extends VoicedNote>(notes: readonly Note[], chord: number = CHORD): Note[] {
  return outerVoice(notes, chord, (note, than) => note.pitch - than.pitch)
}

/** The bass of `notes`: as {@link melodyOf}, from below. Where there is but one voice, its notes are melody as well as bass. */
export function bassOf<Note extends VoicedNote>(notes: readonly Note[]): Note[] {
  return outerVoice(notes, CHORD, (note, than) => than.pitch - note.pitch)
}

/** @param outside how many semitones further out a note is than another */
function outerVoice<Note extends VoicedNote>(
  notes: readonly Note[],
  chord: number,
  outside: (note: Note, than: Note) => number,
): Note[] {
  const voice: Note[] = []
  let sounding: Note[] = []
  for (const note of outermost(notes, chord, outside)) {
    sounding = sounding.filter(({ end }) => end > note.start)
    if (sounding.some((other) => outside(other, note) >= APART)) continue
    voice.push(note)
    sounding.push(note)
  }
  return voice
}

/** The outermost note of each chord. */
function outermost<Note extends VoicedNote>(
  notes: readonly Note[],
  chord: number,
  outside: (note: Note, than: Note) => number,
): Note[] {
  const outer: Note[] = []
  let chordStart = Number.NEGATIVE_INFINITY
  for (const note of notes) {
    if (note.start - chordStart >= chord) {
      chordStart = note.start
      outer.push(note)
    } else if (outside(note, outer.at(-1)!) > 0) outer[outer.length - 1] = note
  }
  return outer
}
