import type { Steps } from '../units.js'

/** What the music is asked to be from a moment on; null where it is left to the network. */
export interface ConditioningRequest {
  /** Note-ons per second. */
  density: number | null
  /** Whether `pitchWeights` is asked for. */
  hasPitchWeights: boolean
  /** Twelve weights C to B, none negative, any sum; all 0 asks for no note at all. */
  readonly pitchWeights: Float64Array
  /** Mean velocity 1-127. */
  velocity: number | null
}

/**
 * Writes a request as a network's conditioning vector, [size], for an event `place` steps after the beginning of a bar.
 * Allocates nothing.
 */
export type FillConditioning = (target: Float32Array, request: ConditioningRequest, place: Steps) => void

/** What a request may ask for. */
export type ConditioningGroup = 'density' | 'pitches' | 'velocity'

/** A request that asks for nothing. */
export function emptyRequest(): ConditioningRequest {
  return { density: null, hasPitchWeights: false, pitchWeights: new Float64Array(12), velocity: null }
}
