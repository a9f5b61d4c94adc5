import { Refused } from '../refused.js'
import { STEPS_PER_BEAT, type Steps } from '../units.js'
import type { ConditioningGroup, ConditioningRequest, FillConditioning } from './conditioning-request.js'
import { MAGENTA_LAYOUTS } from './magenta-conditioning.js'

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
    // A request for no notes is a histogram of zeros, as in training.
    for (let pc = 0; pc < 12; pc++) target[1 + pc] = sum > 0 ? request.pitchWeights[pc]! / sum : 0
    target[15] = 1
  }
  if (request.velocity !== null) {
    target[13] = request.velocity / 127
    target[16] = 1
  }
}

/** The number of bars, half bars, beats, eighths and sixteenths in a bar of four beats. */
const BAR_PARTS = [1, 2, 4, 8, 16]
const BAR: Steps = 4 * STEPS_PER_BEAT

/**
 * Layout `beat-14` (models/rubato-drums/CARD.md): [0] log2(1 + density) / 5, [1] mean velocity / 127, [2-3] 1 where each
 * of the two is given, [4-13] sine and cosine of the place in the bar, half bar, beat, eighth and sixteenth.
 */
function fillBeat14(target: Float32Array, request: ConditioningRequest, place: Steps): void {
  target.fill(0)
  fillAims(target, request, 2)
  fillPlace(target, 4, place)
}

/**
 * Layout `beat-chord-39` (models/rubato-pop/CARD.md): [0] log2(1 + density) / 5, [1] mean velocity / 127, [2-13] 1 for each
 * pitch class of the chord in force, [14-25] 1 for its bass, [26-28] 1 where density, velocity and chord are given, [29-38]
 * the place in the bar as in `beat-14`.
 */
function fillBeatChord39(target: Float32Array, request: ConditioningRequest, place: Steps): void {
  target.fill(0)
  fillAims(target, request, 26)
  if (request.hasChord) {
    target.set(request.chordTones, 2)
    if (request.bass >= 0) target[14 + request.bass] = 1
    target[28] = 1
  }
  fillPlace(target, 29, place)
}

/** Writes density and velocity to indices 0 and 1, and at `given` and after it whether they are given. */
function fillAims(target: Float32Array, { density, velocity }: ConditioningRequest, given: number): void {
  if (density !== null) {
    target[0] = Math.log2(1 + density) / 5
    target[given] = 1
  }
  if (velocity !== null) {
    target[1] = velocity / 127
    target[given + 1] = 1
  }
}

/** Writes sine and cosine of each of {@link BAR_PARTS} from index `at` on. */
function fillPlace(target: Float32Array, at: number, place: Steps): void {
  for (const [index, parts] of BAR_PARTS.entries()) {
    const angle = (2 * Math.PI * parts * place) / BAR
    target[at + 2 * index] = Math.sin(angle)
    target[at + 1 + 2 * index] = Math.cos(angle)
  }
}

/** The layout of a model's conditioning vector. */
interface ConditioningLayout {
  /** The groups that the vector can express. A request for any other group doesn't reach the network. */
  readonly groups: readonly ConditioningGroup[]
  /** Numbers in the vector. */
  readonly size: number
  readonly fill: FillConditioning
  /** Whether the vector tells the place in a bar of four beats, so that the model's steps are fractions of a beat. */
  readonly tellsBar?: true
  /** Whether a vector of zeros asks for nothing at all, as the unconditioned side of guidance must. */
  readonly canGuide: boolean
}

/** The layouts, by their names in a model.json. */
export const CONDITIONING_LAYOUTS: ReadonlyMap<string, ConditioningLayout> = new Map<
  string,
  ConditioningLayout
>([
  ['rubato-17', { size: 17, groups: ['density', 'pitches', 'velocity'], canGuide: true, fill: fillRubato17 }],
  [
    'beat-chord-39',
    {
      size: 39,
      groups: ['density', 'velocity', 'chord'],
      canGuide: false,
      tellsBar: true,
      fill: fillBeatChord39,
    },
  ],
  [
    'beat-14',
    { size: 14, groups: ['density', 'velocity'], canGuide: false, tellsBar: true, fill: fillBeat14 },
  ],
  [
    'beat-chord-39',
    {
      size: 39,
      groups: ['density', 'velocity', 'chord'],
      canGuide: false,
      tellsBar: true,
      fill: fillBeatChord39,
    },
  ],
  ...MAGENTA_LAYOUTS,
])

/** The layout of a name in a model.json. Throws Refused for one that the program doesn't know. */
export function layoutOf(name: string): ConditioningLayout {
  const found = CONDITIONING_LAYOUTS.get(name)
  if (!found) throw new Refused(`The model's conditioning layout ${name} is unknown to this version.`)
  return found
}
