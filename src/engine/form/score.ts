import type { Pitch, Steps } from '../units.js'

/** Notes of a score that begin together. */
export interface ScoreChord {
  /** Counted from the score's first note. */
  readonly onset: Steps
  /** Ascending, each once. */
  readonly pitches: readonly Pitch[]
  /** How long each of `pitches` lasts by the score. */
  readonly lengths: readonly Steps[]
}

/** A score: notes without anybody's timing and loudness. Ordered by onset; never changed once it is made. */
export interface Score {
  readonly chords: readonly ScoreChord[]
  /** How freely its tempo is taken, 0-1: see {@link paceLimit}. */
  readonly freedom: number
}

/** A note as a score gives it. */
export interface ScoreNote {
  readonly onset: Steps
  readonly pitch: Pitch
  readonly length: Steps
}

/** Makes a score of notes in any order. Of several notes of a pitch that begin together the longest counts. */
export function scoreOf(notes: readonly ScoreNote[], freedom: number): Score {
  const first = notes.reduce((least, { onset }) => Math.min(least, onset), Number.POSITIVE_INFINITY)
  const byOnset = new Map<Steps, Map<Pitch, Steps>>()
  for (const { onset, pitch, length } of notes) {
    const lengths = byOnset.get(onset - first) ?? new Map<Pitch, Steps>()
    lengths.set(pitch, Math.max(length, lengths.get(pitch) ?? 0))
    byOnset.set(onset - first, lengths)
  }
  const chords = [...byOnset]
    .toSorted(([a], [b]) => a - b)
    .map(([onset, byPitch]) => {
      const voices = [...byPitch].toSorted(([a], [b]) => a - b)
      return {
        onset,
        pitches: voices.map(([pitch]) => pitch),
        lengths: voices.map(([, length]) => length),
      }
    })
  return { chords, freedom }
}

/**
 * The freedom at which the times of strikes deviate from an even tempo as much as those of people do (docs/measurements.md).
 */
export const USUAL_FREEDOM = 0.75

/** How much slower or faster than the score a performance at freedom 1 may become: more is no longer the same piece. */
const MOST_SWAY = 0.35

/** The greatest factor on the score's times at `freedom` 0-1; the smallest is its inverse. */
export function paceLimit(freedom: number): number {
  return 1 + MOST_SWAY * freedom
}
