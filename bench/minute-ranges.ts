import { percentile } from '../src/io/meters/lateness.js'
import { MEASURE_NAMES, type Measure, type MinuteFigures, median } from './minute-measures.js'

/** One file's minutes, first to last. */
export interface MeasuredFile {
  readonly path: string
  readonly minutes: readonly MinuteFigures[]
}

/** What a reference does in all but its rarest minutes. */
export type Ranges = Readonly<Record<Measure, readonly [low: number, high: number]>>

/** Shares of minutes, 0-1. */
export interface Outside {
  readonly each: Readonly<Record<Measure, number>>
  /** Outside in one measure or more. */
  readonly any: number
}

/** The ranges leave out a hundredth at either end: less is one odd minute's doing, more calls the ordinary odd. */
const TAIL = 0.01

/** Minutes at the start and the end of a file that are set against each other. */
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

/** In which measures a minute leaves `ranges`. What couldn't be measured leaves none. */
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
 * What to expect of music like the reference: the shares of its own minutes outside, each file held against the
 * ranges of all the others.
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

/** The median of each measure over `minutes`; null where none has it. */
export function mediansOf(minutes: readonly MinuteFigures[]): MinuteFigures {
  return collect((name) => median(known(minutes, name)))
}

/** The first and the last ten minutes of all files that have twenty. */
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

/** Medians over the first and over the last ten minutes of all files that have twenty; null if none has. */
export function edgesOf(
  files: readonly MeasuredFile[],
): { readonly first: MinuteFigures; readonly last: MinuteFigures } | null {
  const { first, last } = edgeMinutesOf(files)
  return first.length === 0 ? null : { first: mediansOf(first), last: mediansOf(last) }
}
