import { percentile } from '../src/io/meters/lateness.js'
import { MEASURE_NAMES, type Measure, type MinuteFigures, median } from './minute-measures.js'

/** The minutes of one file, first to last. */
export interface MeasuredFile {
  readonly path: string
  readonly minutes: readonly MinuteFigures[]
}

/** The range of each measure over all but the most unusual minutes of a reference. */
export type Ranges = Readonly<Record<Measure, readonly [low: number, high: number]>>

/** Shares, 0-1, of the minutes that lie outside the ranges of a reference. */
export interface Outside {
  readonly each: Readonly<Record<Measure, number>>
  /** The share of minutes that are outside in one measure or more. */
  readonly any: number
}

/** The share of minutes that the ranges leave out at each end. Less: one odd minute decides. More: ordinary minutes lie outside. */
const TAIL = 0.01

/** How many minutes at the start and at the end of a file are compared. */
export const EDGE_MINUTES = 10

function collect<Value>(value: (name: Measure) => Value): Readonly<Record<Measure, Value>> {
  return Object.fromEntries(MEASURE_NAMES.map((name) => [name, value(name)])) as Record<Measure, Value>
}

function known(minutes: readonly MinuteFigures[], name: Measure): number[] {
  return minutes.map((minute) => minute[name]).filter((value) => value !== null)
}

/** The 1st to the 99th percentile (nearest rank) of each measure over `minutes`; 0 to 0 of none. */
export function rangesOf(minutes: readonly MinuteFigures[]): Ranges {
  return collect((name) => {
    const sorted = known(minutes, name).sort((a, b) => a - b)
    return [percentile(sorted, TAIL), percentile(sorted, 1 - TAIL)] as const
  })
}

/** The measures in which a minute lies outside `ranges`. Figures that are null lie inside. */
export function measuresOutside(minute: MinuteFigures, ranges: Ranges): Measure[] {
  return MEASURE_NAMES.filter((name) => {
    const value = minute[name]
    return value !== null && (value < ranges[name][0] || value > ranges[name][1])
  })
}

/** The shares of `minutes` outside `ranges`; 0 of none. */
export function outsideOf(minutes: readonly MinuteFigures[], ranges: Ranges): Outside {
  return sharesOf(minutes.map((minute) => measuresOutside(minute, ranges)))
}

/**
 * The shares to expect of music like the reference: those of its own minutes outside, where each file is compared with the
 * ranges of all other files.
 */
export function outsideByTurns(files: readonly MeasuredFile[]): Outside {
  return sharesOf(
    files.flatMap((file) => {
      const ranges = rangesOf(files.filter((other) => other !== file).flatMap(({ minutes }) => minutes))
      return file.minutes.map((minute) => measuresOutside(minute, ranges))
    }),
  )
}

function sharesOf(outside: readonly (readonly Measure[])[]): Outside {
  const share = (test: (measures: readonly Measure[]) => boolean) =>
    outside.length === 0 ? 0 : outside.filter(test).length / outside.length
  return {
    each: collect((name) => share((measures) => measures.includes(name))),
    any: share((measures) => measures.length > 0),
  }
}

/** The median of each measure over `minutes`; null for a measure that no minute has. */
export function mediansOf(minutes: readonly MinuteFigures[]): MinuteFigures {
  return collect((name) => median(known(minutes, name)))
}

/** The first and the last ten minutes of all files of twenty minutes or more. */
export function edgeMinutesOf(files: readonly MeasuredFile[]): {
  readonly first: readonly MinuteFigures[]
  readonly last: readonly MinuteFigures[]
} {
  const long = files.filter(({ minutes }) => minutes.length >= 2 * EDGE_MINUTES)
  return {
    first: long.flatMap(({ minutes }) => minutes.slice(0, EDGE_MINUTES)),
    last: long.flatMap(({ minutes }) => minutes.slice(-EDGE_MINUTES)),
  }
}

/** The medians over those first and last minutes; null if no file has twenty. */
export function edgesOf(
  files: readonly MeasuredFile[],
): { readonly first: MinuteFigures; readonly last: MinuteFigures } | null {
  const { first, last } = edgeMinutesOf(files)
  return first.length === 0 ? null : { first: mediansOf(first), last: mediansOf(last) }
}
