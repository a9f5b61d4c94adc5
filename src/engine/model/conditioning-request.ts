import { STEP_MS, type Steps } from '../units.js'

/**
 * Windows ahead of the current step, as on rubato-piano's model card: density and loudness are taken from the next 3 s,
 * pitch classes from the next 5 s. The windows have to be those of the training, so they aren't tunable.
 */
export const SOON_SECONDS = 3
const LATER_SECONDS = 5
const STEPS_PER_SECOND = 1000 / STEP_MS
export const SOON: Steps = SOON_SECONDS * STEPS_PER_SECOND
export const LATER: Steps = LATER_SECONDS * STEPS_PER_SECOND

/** The properties asked of the music from a moment on. A property that is null is left to the network. */
export interface ConditioningRequest {
  /** Note-ons per second. */
  density: number | null
  /** Whether pitch classes are asked for, by `pitchWeights`. */
  hasPitchWeights: boolean
  /** Weights of the pitch classes C to B, [12], none negative, of any sum. If all are 0, no note at all is asked for. */
  readonly pitchWeights: Float64Array
  /** Mean velocity, 1-127. */
  velocity: number | null
  /** Whether the chord in force is told, by `chordTones` and `bass`. */
  hasChord: boolean
  /** 1 for each pitch class of the chord, C to B, else 0, [12]; all 0 where no chord is to sound. */
  readonly chordTones: Uint8Array
  /** The pitch class of the chord's lowest note, 0-11; -1 for none. */
  bass: number
}

/**
 * Writes a request to `target` as a network's conditioning vector, [size], for an event `place` steps after the beginning of
 * a bar. Allocates nothing.
 */
export type FillConditioning = (target: Float32Array, request: ConditioningRequest, place: Steps) => void

/** The things that a request may ask for. */
export type ConditioningGroup = 'density' | 'pitches' | 'velocity' | 'chord'

/** A request that asks for nothing. */
export function emptyRequest(): ConditioningRequest {
  return {
    density: null,
    hasPitchWeights: false,
    pitchWeights: new Float64Array(12),
    velocity: null,
    hasChord: false,
    chordTones: new Uint8Array(12),
    bass: -1,
  }
}
