import { BAR_STEPS, type Pitch, STEPS_PER_BEAT, type Steps } from '../units.js'

/** A stroke of a bar. */
export interface Stroke {
  readonly pitch: Pitch
  /** Its place in the bar; below 0 where it comes a little before the bar line. */
  readonly at: Steps
}

/** What keeps time in a bar of four beats: the kick on 1, the snare on 2 and 4. */
export const SKELETON: readonly Stroke[] = [
  { pitch: 36, at: 0 },
  { pitch: 38, at: STEPS_PER_BEAT },
  { pitch: 38, at: 3 * STEPS_PER_BEAT },
]

/** Other drums of General MIDI that do the same, by the pitch in {@link SKELETON}: the other kick; the other snare, its rim, a clap. */
const AS_WELL: ReadonlyMap<Pitch, readonly Pitch[]> = new Map([
  [36, [36, 35]],
  [38, [38, 40, 37, 39]],
])

/** Hi-hats and rides, on which time is kept between the beats. */
const CYMBALS: ReadonlySet<Pitch> = new Set([42, 44, 46, 51, 53, 59])
/** With fewer strokes on them a bar has holes, or is a fill. */
const LEAST_CYMBALS = 4

const TOMS: ReadonlySet<Pitch> = new Set([41, 43, 45, 47, 48, 50])
/** With more strokes on toms a bar is a fill. */
const MOST_TOMS = 2

/** Crashes, china and splash, which end a fill and are not for every bar. */
const ACCENTS: ReadonlySet<Pitch> = new Set([49, 52, 55, 57])

/** A stroke this far from its beat is still on it, almost a thirty-second note. More takes the sixteenth beside it. */
const ON_BEAT: Steps = 5

/** Whether a bar keeps time: kick on 1, backbeats on 2 and 4, hi-hat or ride throughout, and no run on the toms. */
export function keepsTime(strokes: readonly Stroke[]): boolean {
  const count = (set: ReadonlySet<Pitch>) => strokes.filter(({ pitch }) => set.has(pitch)).length
  return (
    SKELETON.every((beat) => isThere(strokes, beat)) &&
    count(CYMBALS) >= LEAST_CYMBALS &&
    count(TOMS) <= MOST_TOMS
  )
}

/** What may be repeated of a bar: each drum once at a place, by place, without crashes. */
export function repeatable(strokes: readonly Stroke[]): readonly Stroke[] {
  const kept: Stroke[] = []
  for (const stroke of strokes.toSorted((a, b) => a.at - b.at || a.pitch - b.pitch)) {
    const isDouble = kept.some(({ pitch, at }) => pitch === stroke.pitch && stroke.at - at < ON_BEAT)
    if (!ACCENTS.has(stroke.pitch) && !isDouble && stroke.at < BAR_STEPS) kept.push(stroke)
  }
  return kept
}

/** The bar with kick on 1 and backbeats on 2 and 4 where it lacks them. */
export function completed(strokes: readonly Stroke[]): readonly Stroke[] {
  const lacking = SKELETON.filter((beat) => !isThere(strokes, beat))
  return [...strokes, ...lacking].toSorted((a, b) => a.at - b.at || a.pitch - b.pitch)
}

/** Whether a stroke is one of those in {@link SKELETON}, or does the same. */
export function isOfSkeleton(stroke: Stroke): boolean {
  return SKELETON.some((beat) => isThere([stroke], beat))
}

function isThere(strokes: readonly Stroke[], beat: Stroke): boolean {
  const drums = AS_WELL.get(beat.pitch) ?? [beat.pitch]
  return strokes.some(({ pitch, at }) => drums.includes(pitch) && Math.abs(at - beat.at) <= ON_BEAT)
}
