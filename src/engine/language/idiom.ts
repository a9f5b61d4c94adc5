/** Shares of the minutes that people play, and (of {@link Densities}) the median. */
export const DENSITY_SHARES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const

/**
 * Notes a second of the minutes that a model learned from, by {@link DENSITY_SHARES}: under each lie so many. The outermost
 * minutes are left out: one that misses such an aim by a little is like none in the data.
 */
export type Densities = readonly number[]

/** Of 318 minutes of MAESTRO v2's validation split; meant where a model says nothing. */
export const PIANO_DENSITIES: Densities = [3.3, 3.7, 4.7, 7.3, 10.6, 13.8, 16.4]

/** What kind of music a model plays. */
export interface Idiom {
  /** Whether notes last until they are ended (default), or are strokes of percussion. */
  readonly hasEnds?: boolean
  /** What the tide chooses from. */
  readonly densities?: Densities
}
