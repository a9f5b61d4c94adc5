import type { Pitch, Steps, Velocity } from '../units.js'

/** How loud a note is expected to be: a normal distribution of velocities. */
export interface Loudness {
  readonly mean: Velocity
  /** The standard deviation, above 0. */
  readonly deviation: Velocity
}

/** Notes of a score that begin together. */
export interface ScoreChord {
  /** Counted from the score's first note. */
  readonly onset: Steps
  /** Ascending, each once. */
  readonly pitches: readonly Pitch[]
  /** How long each of `pitches` lasts by the score. */
  readonly lengths: readonly Steps[]
  /** How loud each of `pitches` is expected to be; none where nobody has foretold it. */
  readonly loudness?: readonly Loudness[]
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
  /** How loud it is expected to be, if anybody has foretold it. */
  readonly loudness?: Loudness
}

/** Makes a score of notes in any order. Of several notes of a pitch that begin together the longest counts. */
export function scoreOf(notes: readonly ScoreNote[], freedom: number): Score {
  const first = notes.reduce((least, { onset }) => Math.min(least, onset), Number.POSITIVE_INFINITY)
  const byOnset = new Map<Steps, Map<Pitch, ScoreNote>>()
  for (const note of notes) {
    const chord = byOnset.get(note.onset - first) ?? new Map<Pitch, ScoreNote>()
    if (note.length > (chord.get(note.pitch)?.length ?? 0)) chord.set(note.pitch, note)
    byOnset.set(note.onset - first, chord)
  }
  const chords = [...byOnset]
    .toSorted(([a], [b]) => a - b)
    .map(([onset, byPitch]) => {
      const voices = [...byPitch.values()].toSorted((a, b) => a.pitch - b.pitch)
      const loudness = voices.flatMap((voice) => voice.loudness ?? [])
      return {
        onset,
        pitches: voices.map(({ pitch }) => pitch),
        lengths: voices.map(({ length }) => length),
        ...(loudness.length === voices.length && { loudness }),
      }
    })
  return { chords, freedom }
}

/** The notes of a score, in the order of its chords and, in each, pitches. */
export function notesOfScore({ chords }: Score): ScoreNote[] {
  return chords.flatMap(({ onset, pitches, lengths, loudness }) =>
    pitches.map((pitch, n) => {
      const expected = loudness?.[n]
      return { onset, pitch, length: lengths[n]!, ...(expected && { loudness: expected }) }
    }),
  )
}

/**
 * What deviations are divided by where velocities are chosen. At 1 expected loudness and the network's own count as two judges who know
 * nothing of each other; but the network, led through a score, guesses worse than what has read the score, and pulls away from it.
 */
const FOLLOWED = 2

/** The deviation within which velocities follow what is expected. */
export function followedDeviation({ deviation }: Loudness): Velocity {
  return deviation / FOLLOWED
}

/** How apt a velocity is where a loudness is expected, 0-1: 1 at its mean, falling off as a normal distribution. */
export function aptness(velocity: Velocity, loudness: Loudness): number {
  return Math.exp(-(((velocity - loudness.mean) / followedDeviation(loudness)) ** 2) / 2)
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

/**
 * Most that velocities are spread about their mean. With less, many scores are played too evenly; with more, a score in which hardly
 * anything stands out is played as if much did.
 */
export const MOST_STRETCH = 2

/** The mean of values, and their standard deviation. */
export function spreadOf(values: readonly number[]): { centre: number; deviation: number } {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length
  return { centre, deviation: Math.sqrt(variance) }
}

/**
 * How widely the velocities of a score are expected to be spread: the standard deviation of the whole, of the means, and of what is drawn about
 * these; undefined where nobody has foretold its loudness.
 */
export function expectedSpread({ chords }: Score) {
  const expected = chords.flatMap(({ loudness }) => loudness ?? [])
  if (expected.length === 0) return undefined
  const { centre, deviation: means } = spreadOf(expected.map(({ mean }) => mean))
  const squared = (of: (each: Loudness) => number) =>
    expected.reduce((sum, each) => sum + of(each) ** 2, 0) / expected.length
  const whole = Math.sqrt(means ** 2 + squared(({ deviation }) => deviation))
  return { centre, means, whole, drawn: Math.sqrt(squared(followedDeviation)) }
}

/**
 * The score with its expected means spread so far that velocities drawn about them, closely as they follow, are as widely spread as those of
 * the whole are expected to be.
 */
export function widened(score: Score): Score {
  const spread = expectedSpread(score)
  if (!spread || spread.means === 0) return score
  const { centre, means, whole, drawn } = spread
  const stretch = Math.min(Math.sqrt(whole ** 2 - drawn ** 2) / means, MOST_STRETCH)
  const chords = score.chords.map((chord) => ({
    ...chord,
    ...(chord.loudness && {
      loudness: chord.loudness.map(({ mean, deviation }) => ({
        mean: Math.min(Math.max(centre + (mean - centre) * stretch, 1), 127),
        deviation,
      })),
    }),
  }))
  return { ...score, chords }
}
