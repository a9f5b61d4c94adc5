import type { StepNote } from '../src/engine/language/performance.js'
import type { Steps } from '../src/engine/units.js'
import type { FlattenedScore } from './flattened-scores.js'

/** The notes of a performance in the order of the pianist's, and how many of them are missing or too many. */
interface Matched {
  /** A note for each that the pianist played; undefined where it is missing. */
  readonly notes: readonly (StepNote | undefined)[]
  readonly lost: number
  readonly added: number
}

/** Finds the notes of the score in a performance of it, whose notes are in the order of their strikes: chord after chord. */
export function matched({ score, played }: FlattenedScore, performed: readonly StepNote[]): Matched {
  const found = new Map<string, StepNote>()
  let added = 0
  let n = 0
  let left = new Set(score.chords[0]?.pitches)
  for (const note of performed) {
    if (left.delete(note.pitch)) found.set(`${n} ${note.pitch}`, note)
    else added++
    if (left.size === 0) left = new Set(score.chords[++n]?.pitches)
  }
  const notes = played.map(({ chord, pitch }) => found.get(`${chord} ${pitch}`))
  return { notes, lost: notes.filter((note) => note === undefined).length, added }
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The standard deviation. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

/** Pearson's correlation; 0 where one of the lists doesn't vary. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)]
  const together = meanOf(a.map((value, n) => (value - meanA) * (b[n]! - meanB)))
  const apart = deviationOf(a) * deviationOf(b)
  return apart === 0 ? 0 : together / apart
}

/** Standard deviation of the window in which the tempo counts as one: shorter takes rubato for tempo, longer phrases for rubato. */
const WINDOW: Steps = 100

/**
 * How far each strike is from where an even tempo would have it: its time less that of a straight line through the strikes around
 * it (local linear regression in the score's time, weighted by a normal distribution).
 * @param onsets by the score, ascending
 * @param times as they were played
 */
export function timingDeviations(onsets: readonly Steps[], times: readonly Steps[]): number[] {
  let first = 0
  return onsets.map((onset, i) => {
    while (onsets[first]! < onset - 4 * WINDOW) first++
    let [mass, x, y, xx, xy] = [0, 0, 0, 0, 0]
    for (let j = first; j < onsets.length && onsets[j]! <= onset + 4 * WINDOW; j++) {
      const ahead = onsets[j]! - onset
      const weight = Math.exp(-((ahead / WINDOW) ** 2) / 2)
      mass += weight
      x += weight * ahead
      y += weight * times[j]!
      xx += weight * ahead * ahead
      xy += weight * ahead * times[j]!
    }
    const spread = mass * xx - x * x
    const slope = spread > 1e-6 ? (mass * xy - x * y) / spread : 0
    return times[i]! - (y - slope * x) / mass
  })
}
