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

/** Writes a request as a network's conditioning vector, [size]. Allocates nothing. */
export type FillConditioning = (target: Float32Array, request: ConditioningRequest) => void

/**
 * Layout `rubato-17` (models/rubato-piano/CARD.md): [0] log2(1 + density) / 5, [1-12] pitch-class histogram
 * summing to 1, [13] mean velocity / 127, [14-16] 1 where each of the three is given.
 */
function fillRubato17(target: Float32Array, request: ConditioningRequest): void {
  target.fill(0)
  if (request.density !== null) {
    target[0] = Math.log2(1 + request.density) / 5
    target[14] = 1
  }
  if (request.hasPitchWeights) {
    let sum = 0
    for (const weight of request.pitchWeights) sum += weight
    // Asked for silence (no note to come) the histogram is given as zeros: so it was in training.
    for (let pc = 0; pc < 12; pc++) target[1 + pc] = sum > 0 ? request.pitchWeights[pc]! / sum : 0
    target[15] = 1
  }
  if (request.velocity !== null) {
    target[13] = request.velocity / 127
    target[16] = 1
  }
}

/** A way of laying out the conditioning vector. */
export interface ConditioningLayout {
  /** Numbers in the vector. */
  readonly size: number
  readonly fill: FillConditioning
}

/** The layouts by the name that a model.json gives: the layout belongs to the model, not to the code. */
export const CONDITIONING_LAYOUTS: ReadonlyMap<string, ConditioningLayout> = new Map([
  ['rubato-17', { size: 17, fill: fillRubato17 }],
])

/** A request that asks for nothing. */
export function emptyRequest(): ConditioningRequest {
  return { density: null, hasPitchWeights: false, pitchWeights: new Float64Array(12), velocity: null }
}
