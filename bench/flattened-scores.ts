import { dirname, join } from 'node:path'
import { type Score, type ScoreNote, scoreOf } from '../src/engine/form/score.js'
import type { StepNote } from '../src/engine/language/performance.js'
import type { Pitch, Steps, Velocity } from '../src/engine/units.js'
import { performancesIn } from './maestro-table.js'

/** What a pianist did with a note of a score. */
export interface PlayedNote {
  /** Number of its chord in the score. */
  readonly chord: number
  readonly pitch: Pitch
  readonly start: Steps
  readonly velocity: Velocity
}

/** A performance, and the score that is left of it when its timing and loudness are taken away. */
export interface FlattenedScore {
  readonly score: Score
  /** A note for each of the score. */
  readonly played: readonly PlayedNote[]
}

/** Paths of the performances of a split in MAESTRO's table, by name. */
export function splitPaths(table: string, split: string): string[] {
  return performancesIn(table, split)
    .map(({ file }) => join(dirname(table), file))
    .sort()
}

/** Notes that start within this time of the first are a chord. */
const CHORD: Steps = 4

/** Lengths of a sixteenth that are considered, a ratio of 1.07 apart: 70 to 250 ms. */
const PERIODS = Array.from({ length: 20 }, (_, n) => 7 * 1.07 ** n)

/** Cost of a period next to the one before: less lets the estimate follow single notes, more loses an accelerando. */
const CHANGE = 1.5
/** Cost of a doubling of the sixteenths between two chords, so that the shortest period doesn't fit everything. */
const FINENESS = 0.8

/**
 * Takes timing and loudness away from a performance (notes as `quantize` returns them): its chords are put on a grid of
 * sixteenths, whose length is estimated by dynamic programming (it may change by 7 % from chord to chord), and the grid is made even. What
 * strikes a pitch twice in a chord is one note.
 */
export function flatten(notes: readonly StepNote[], freedom: number): FlattenedScore {
  const chords: StepNote[][] = []
  for (const note of notes) {
    const last = chords.at(-1)
    if (last && note.start - last[0]!.start <= CHORD) last.push(note)
    else chords.push([note])
  }
  const times = chords.map((chord) => chord[0]!.start)
  const { places, period } = gridOf(times)
  const length = Math.round(period)
  const placeAt = (at: Steps) => {
    let n = times.findIndex((time) => time > at)
    if (n < 0) n = times.length
    const before = Math.max(0, n - 1)
    const after = Math.min(n, times.length - 1)
    const local =
      after > before ? (times[after]! - times[before]!) / (places[after]! - places[before]!) : period
    return places[before]! + (at - times[before]!) / local
  }
  const flat: ScoreNote[] = []
  const played: PlayedNote[] = []
  for (const [n, chord] of chords.entries()) {
    const seen = new Set<Pitch>()
    for (const { pitch, start, end, velocity } of chord) {
      if (seen.has(pitch)) continue
      seen.add(pitch)
      const sixteenths = Math.max(1, Math.round(placeAt(end) - places[n]!))
      flat.push({ onset: places[n]! * length, pitch, length: sixteenths * length })
      played.push({ chord: n, pitch, start, velocity })
    }
  }
  return { score: scoreOf(flat, freedom), played }
}

/** The sixteenth on which each of `times` falls, from 0 on and each later than the one before, and their mean length. */
function gridOf(times: readonly Steps[]): { places: number[]; period: number } {
  let costs = PERIODS.map(() => 0)
  const from: number[][] = []
  for (let n = 1; n < times.length; n++) {
    const gap = times[n]! - times[n - 1]!
    const back: number[] = []
    costs = PERIODS.map((period, j) => {
      const options = [j - 1, j, j + 1].filter((i) => i >= 0 && i < PERIODS.length)
      const cost = (i: number) => costs[i]! + (i === j ? 0 : CHANGE)
      const best = options.reduce((a, b) => (cost(b) < cost(a) ? b : a))
      back.push(best)
      const count = Math.max(1, Math.round(gap / period))
      const off = (gap - count * period) / (1.5 + 0.06 * gap)
      return cost(best) + Math.min(off * off, 9) + FINENESS * Math.log2(count)
    })
    from.push(back)
  }
  let state = costs.indexOf(Math.min(...costs))
  const counts: number[] = []
  for (let n = times.length - 1; n > 0; n--) {
    counts.push(Math.max(1, Math.round((times[n]! - times[n - 1]!) / PERIODS[state]!)))
    state = from[n - 1]![state]!
  }
  const places = [0]
  for (const count of counts.reverse()) places.push(places.at(-1)! + count)
  return { places, period: (times.at(-1)! - times[0]!) / Math.max(1, places.at(-1)!) }
}
