import type { StepNote } from '../src/engine/language/performance.js'
import { BAR_STEPS, STEPS_PER_BEAT, type Steps } from '../src/engine/units.js'

/** A place in the bar: a sixteenth. Finer tells the hand of a drummer apart from itself, coarser joins strokes. */
const PLACE: Steps = STEPS_PER_BEAT / 4
const PLACES = BAR_STEPS / PLACE

/** The strokes of a bar: each is drum and sixteenth in one number. */
type Bar = ReadonlySet<number>

/** Kicks, and what is struck on a backbeat: snares, their rim, a clap. */
const KICKS = [35, 36]
const BACKBEATS = [37, 38, 39, 40]
const CRASHES = [49, 57]

/** The whole bars of a performance whose step 0 is a bar line, from its first stroke's bar to the last but one; each drum once a place. */
export function barsOf(notes: readonly StepNote[]): Bar[] {
  const bars: Set<number>[] = []
  for (const { start, pitch } of notes) {
    const place = Math.round(start / PLACE)
    const bar = Math.floor(place / PLACES)
    while (bars.length <= bar) bars.push(new Set())
    bars[bar]!.add(pitch * PLACES + (place % PLACES))
  }
  const first = bars.findIndex(({ size }) => size > 0)
  return first < 0 ? [] : bars.slice(first, -1)
}

/** The share of the strokes of two bars that have the same place and drum in both, 0-1 (Dice's coefficient). */
export function overlapOf(a: Bar, b: Bar): number {
  const both = [...a].filter((stroke) => b.has(stroke)).length
  return a.size + b.size === 0 ? 1 : (2 * both) / (a.size + b.size)
}

/** The overlap of each bar with the bar before it. */
export function consecutive(bars: readonly Bar[]): number[] {
  return bars.slice(1).map((bar, n) => overlapOf(bars[n]!, bar))
}

/** Whether a backbeat is struck on 2 and on 4. */
export function hasBackbeats(bar: Bar): boolean {
  return [1, 3].every((beat) => BACKBEATS.some((drum) => bar.has(drum * PLACES + (beat * PLACES) / 4)))
}

/** Whether a kick is struck on 1. */
export function hasKick(bar: Bar): boolean {
  return KICKS.some((drum) => bar.has(drum * PLACES))
}

/** How many strokes the second half of a bar has, where fills lie. */
export function secondHalf(bar: Bar): number {
  return [...bar].filter((stroke) => stroke % PLACES >= PLACES / 2).length
}

/** Whether a crash is struck on 1. */
export function hasCrash(bar: Bar): boolean {
  return CRASHES.some((drum) => bar.has(drum * PLACES))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
