import type { ConditioningGroup, ConditioningRequest, FillConditioning } from './conditioning-request.js'

/**
 * How Magenta's published Performance RNNs are conditioned (magenta/models/performance_rnn and
 * magenta/music/performance_controls.py). Their vectors always contain a density or a histogram, or both; with the
 * `optional` layout both or neither. A group that isn't asked for gets the default of Magenta's own generator.
 *
 * The density is one-hot; each number is the density, in notes a second, at which the next class begins.
 */
const DENSITY_EDGES = [1, 2, 4, 8, 16, 32, 64]
const DENSITY_SIZE = DENSITY_EDGES.length + 1
const PITCHES_SIZE = 12
/** Magenta's DEFAULT_NOTE_DENSITY, in notes a second. (Its default histogram has the same share for each pitch class.) */
const DEFAULT_DENSITY = 15

function fillDensity(target: Float32Array, at: number, { density }: ConditioningRequest): void {
  const wanted = density ?? DEFAULT_DENSITY
  target[at + DENSITY_EDGES.filter((edge) => wanted >= edge).length] = 1
}

function fillPitches(target: Float32Array, at: number, request: ConditioningRequest): void {
  let sum = 0
  if (request.hasPitchWeights) for (const weight of request.pitchWeights) sum += weight
  for (let pc = 0; pc < PITCHES_SIZE; pc++) {
    target[at + pc] = sum > 0 ? request.pitchWeights[pc]! / sum : 1 / PITCHES_SIZE
  }
}

function fillBoth(target: Float32Array, at: number, request: ConditioningRequest): void {
  fillDensity(target, at, request)
  fillPitches(target, at + DENSITY_SIZE, request)
}

/** Fills the `optional` layout. If nothing is asked for, [0] is 1 and all else 0. */
function fillOptional(target: Float32Array, request: ConditioningRequest): void {
  target.fill(0)
  if (request.density === null && !request.hasPitchWeights) target[0] = 1
  else fillBoth(target, 1, request)
}

function from(
  fill: (target: Float32Array, at: number, request: ConditioningRequest) => void,
): FillConditioning {
  return (target, request) => {
    target.fill(0)
    fill(target, 0, request)
  }
}

interface MagentaLayout {
  readonly size: number
  readonly groups: readonly ConditioningGroup[]
  readonly fill: FillConditioning
  readonly canGuide: false
}

/** The layouts, by the names that `rubato import` writes into a model.json. */
export const MAGENTA_LAYOUTS: ReadonlyMap<string, MagentaLayout> = new Map([
  ['magenta-none', { size: 0, groups: [], canGuide: false, fill: () => {} }],
  ['magenta-density', { size: DENSITY_SIZE, groups: ['density'], canGuide: false, fill: from(fillDensity) }],
  ['magenta-pitch', { size: PITCHES_SIZE, groups: ['pitches'], canGuide: false, fill: from(fillPitches) }],
  [
    'magenta-both',
    {
      size: DENSITY_SIZE + PITCHES_SIZE,
      groups: ['density', 'pitches'],
      canGuide: false,
      fill: from(fillBoth),
    },
  ],
  [
    'magenta-optional',
    {
      size: 1 + DENSITY_SIZE + PITCHES_SIZE,
      groups: ['density', 'pitches'],
      canGuide: false,
      fill: fillOptional,
    },
  ],
] satisfies (readonly [string, MagentaLayout])[])
