import type { Pitch, Steps } from '../units.js'

/** A struck note of a passage, with those before it: a list that shares its older part with all moments before. */
export interface Strike {
  readonly pitch: Pitch
  /** Counted from the beginning of the passage. */
  readonly at: Steps
  readonly before: Strike | null
}

/** A stretch of music between two breaths. */
export interface Passage {
  readonly last: Strike
  readonly length: Steps
}
