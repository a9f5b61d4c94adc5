import type { Score } from '../form/score.js'
import type { Pitch, Steps } from '../units.js'

/**
 * Numbers that describe a note of a score. What they are, their order and their scale must be the same in
 * training/rubato_training/score_features.py: weights know them by their place.
 */
export const FEATURES = 24

/** The time to a chord that doesn't exist, and the longest after which a pitch counts as repeated. */
const FAR: Steps = 400

/** Notes before one among which its own pitch and what sounds are sought. Fewer lose held basses in runs; more take longer. */
const BACK = 24

/** Windows, to each side, in which notes are counted. */
const NEAR: Steps = 100
const WIDE: Steps = 400

/** Notes over which the beginning of a piece fades. */
const OPENING = 100

/** The notes of a score in the order of its chords and, in each, pitches. */
interface Notes {
  readonly onsets: readonly Steps[]
  readonly pitches: readonly Pitch[]
  readonly lengths: readonly Steps[]
}

/**
 * Describes each note of a score by its place among the others, as a pianist sees it who has the whole page in view: times to
 * the chords before and after, place in the chord, steps to the voices around it, what sounds, density.
 * @returns [notes x {@link FEATURES}], notes in the order of chords and, in each, pitches. Allocates.
 */
export function scoreFeatures({ chords }: Score): Float32Array {
  const notes: Notes = {
    onsets: chords.flatMap(({ onset, pitches }) => pitches.map(() => onset)),
    pitches: chords.flatMap(({ pitches }) => pitches),
    lengths: chords.flatMap(({ lengths }) => lengths),
  }
  const near = countsWithin(notes.onsets, NEAR)
  const wide = countsWithin(notes.onsets, WIDE)
  const features = new Float32Array(notes.onsets.length * FEATURES)
  let n = 0
  for (const [c, { onset, pitches, lengths }] of chords.entries()) {
    const before = chords[c - 1]
    const after = chords[c + 1]
    const gapBefore = before ? onset - before.onset : FAR
    const gapAfter = after ? after.onset - onset : FAR
    for (const [i, pitch] of pitches.entries()) {
      const length = lengths[i]!
      const fromTop = pitches.length - 1 - i
      const height = (pitch - 64) / 16
      const up = fromTop > 0 ? pitches[i + 1]! - pitch : 0
      const down = i > 0 ? pitch - pitches[i - 1]! : 0
      const stepFrom = (other: Pitch | undefined, own: Pitch) => (pitch - (other ?? own)) / 12
      const { above, below, since } = soundingAt(notes, n)
      features.set(
        [
          height,
          height * height,
          brief(gapBefore) - 1,
          brief(gapAfter) - 1,
          brief(length) - 1.5,
          Math.min(length / gapAfter, 4) - 1,
          Math.log2(pitches.length) - 0.5,
          fromTop === 0 ? 1 : 0,
          i === 0 ? 1 : 0,
          Math.min(fromTop, 4) / 2,
          Math.min(i, 4) / 2,
          up / 12,
          down / 12,
          stepFrom(before?.pitches.at(-1), pitches.at(-1)!),
          stepFrom(after?.pitches.at(-1), pitches.at(-1)!),
          stepFrom(before?.pitches[0], pitches[0]!),
          stepFrom(after?.pitches[0], pitches[0]!),
          Math.min(above, 6) / 2,
          above === 0 ? 1 : 0,
          Math.min(below, 6) / 2,
          brief(since) - 2,
          Math.log1p(near[n]!) - 2.5,
          Math.log1p(wide[n]!) - 3.5,
          Math.exp(-n / OPENING),
        ],
        n * FEATURES,
      )
      n++
    }
  }
  return features
}

/** A time on a scale on which short ones are far apart. */
function brief(time: Steps): number {
  return Math.log1p(time / 10)
}

/** How many notes that sound lie above and below note `n`, of those before it; and how long ago its pitch was struck. */
function soundingAt({ onsets, pitches, lengths }: Notes, n: number) {
  const at = onsets[n]!
  let above = 0
  let below = 0
  let since = FAR
  for (let j = n - 1; j >= Math.max(0, n - BACK); j--) {
    if (pitches[j] === pitches[n]) since = Math.min(since, at - onsets[j]!)
    if (onsets[j] === at || onsets[j]! + lengths[j]! <= at) continue
    if (pitches[j]! > pitches[n]!) above++
    else if (pitches[j]! < pitches[n]!) below++
  }
  return { above, below, since }
}

/** For each of `onsets`, which ascend, how many there are from `window` before it to `window` after it. */
function countsWithin(onsets: readonly Steps[], window: Steps): number[] {
  let first = 0
  let end = 0
  return onsets.map((onset) => {
    while (onsets[first]! < onset - window) first++
    while (end < onsets.length && onsets[end]! <= onset + window) end++
    return end - first
  })
}
