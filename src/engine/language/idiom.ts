import type { Ms } from '../units.js'

/**
 * A time-shift of at least this length is a breath: a place where the music may stop or change its aims. A shorter limit
 * cuts into phrases; with a longer one dense music has no breath for too long.
 */
export const BREATH_MS: Ms = 250

/** The percentiles by which {@link Densities} describe a distribution, as shares of all minutes; the fourth is the median. */
export const DENSITY_SHARES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const

/**
 * The densities of the music that a model learned from: for each of {@link DENSITY_SHARES}, the density in notes a second
 * below which that share of the training data's minutes lies. The outermost minutes are left out, because music that misses
 * such an extreme aim by a little resembles nothing in the data.
 */
export type Densities = readonly number[]

/** The densities of 318 minutes of MAESTRO v2's validation split; the default for a model that gives none. */
export const PIANO_DENSITIES: Densities = [3.3, 3.7, 4.7, 7.3, 10.6, 13.8, 16.4]

/** The kind of music that a model plays. */
export interface Idiom {
  /** Whether notes last until a note-off (default true); false for percussion, whose strokes have no note-offs. */
  readonly hasEnds?: boolean
  /** The densities that the tide chooses from. Default {@link PIANO_DENSITIES}. */
  readonly densities?: Densities
}
