import type { Loudness, Score } from '../form/score.js'
import { copyRow, readSafetensors, type Shape, safetensorsShapes, type Tensor } from '../model/safetensors.js'
import { Refused } from '../refused.js'
import { FEATURES, scoreFeatures } from './score-features.js'

/** Distances of the neighbours that each layer sees. These and the next three must equal those in training/rubato_training/expression.py. */
const DILATIONS = [1, 2, 4, 8, 16, 32, 1, 2, 4, 8] as const
/** Velocities are computed in spans about a centre. */
const CENTRE = 64
const SPAN = 20
/** Limits of a standard deviation, in spans: outside them the training data were too few. */
const NARROWEST = 0.15
const WIDEST = 1.5

/** Notes that a layer sees: the one before, the note itself, the one after. */
const TAPS = 3

/** Most units that are read: far more than the 64 of the network that comes with Rubato. */
const MOST_UNITS = 512

/** A linear layer: a row vector multiplies `weight` [inputs x outputs] from the left. */
interface Layer {
  readonly weight: Float32Array
  readonly bias: Float32Array
}

/** Foretells how loud a pianist plays the notes of a score. Never changed once it is made. */
export interface ExpressionNetwork {
  readonly units: number
  readonly input: Layer
  /** For each of {@link DILATIONS} a layer, of [3 units x units]: the note before, the note, the note after. */
  readonly layers: readonly Layer[]
  readonly output: Layer
}

/** Reads the weights of a network of expression. Throws {@link Refused} for a file that holds anything else. */
export function parseExpression(bytes: Uint8Array): ExpressionNetwork {
  const units = safetensorsShapes(bytes).get('input.weight')?.[1] ?? 0
  if (units < 1 || units > MOST_UNITS)
    throw new Refused("The weights aren't those of a network of expression.")
  const shapes = new Map<string, Shape>([
    ['input.weight', [FEATURES, units]],
    ['input.bias', [units]],
    ...DILATIONS.flatMap((_, n): [string, Shape][] => [
      [`layer.${n}.weight`, [TAPS * units, units]],
      [`layer.${n}.bias`, [units]],
    ]),
    ['output.weight', [units, 2]],
    ['output.bias', [2]],
  ])
  const tensors = readSafetensors(bytes, shapes)
  const layer = (name: string): Layer => ({
    weight: numbersOf(tensors.get(`${name}.weight`)!),
    bias: numbersOf(tensors.get(`${name}.bias`)!),
  })
  return {
    units,
    input: layer('input'),
    layers: DILATIONS.map((_, n) => layer(`layer.${n}`)),
    output: layer('output'),
  }
}

function numbersOf(tensor: Tensor): Float32Array {
  const { rows, columns } = tensor
  const numbers = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    copyRow(tensor, row, numbers.subarray(row * columns, (row + 1) * columns))
  return numbers
}

/**
 * The score with how loud each of its notes is expected to be, from the notes before and after it. Allocates some 0.5 KB a note;
 * takes some 0.1 ms a note.
 */
export function foretellLoudness(network: ExpressionNetwork, score: Score): Score {
  const { units, input, layers, output } = network
  const features = scoreFeatures(score)
  const count = features.length / FEATURES
  let hidden = new Float32Array(count * units)
  let next = new Float32Array(count * units)
  for (let n = 0; n < count; n++) {
    const own = hidden.subarray(n * units, (n + 1) * units)
    own.set(input.bias)
    accumulate(own, features.subarray(n * FEATURES, (n + 1) * FEATURES), input.weight)
  }
  for (const [n, layer] of layers.entries()) {
    convolve(next, hidden, layer, units, DILATIONS[n]!)
    ;[hidden, next] = [next, hidden]
  }
  const told = new Float32Array(2)
  let note = 0
  const loudnessOfNext = (): Loudness => {
    told.set(output.bias)
    accumulate(told, hidden.subarray(note * units, (note + 1) * units), output.weight)
    note++
    const deviation = Math.min(Math.max(Math.exp(told[1]!), NARROWEST), WIDEST)
    return {
      mean: Math.min(Math.max(rounded(CENTRE + SPAN * told[0]!), 1), 127),
      deviation: rounded(SPAN * deviation),
    }
  }
  const chords = score.chords.map((chord) => ({ ...chord, loudness: chord.pitches.map(loudnessOfNext) }))
  return { ...score, chords }
}

/** A tenth is finer than anyone hears, and keeps the last bits of sums out of the music. */
function rounded(velocity: number): number {
  return Math.round(velocity * 10) / 10
}

/** Writes to `target` [notes x units] what a layer makes of `source`: itself, and what is positive of the convolution. */
function convolve(
  target: Float32Array,
  source: Float32Array,
  { weight, bias }: Layer,
  units: number,
  dilation: number,
): void {
  const count = source.length / units
  const sums = new Float32Array(units)
  for (let n = 0; n < count; n++) {
    sums.set(bias)
    for (let tap = 0; tap < TAPS; tap++) {
      const seen = n + (tap - 1) * dilation
      if (seen < 0 || seen >= count) continue
      const rows = weight.subarray(tap * units * units, (tap + 1) * units * units)
      accumulate(sums, source.subarray(seen * units, (seen + 1) * units), rows)
    }
    for (let unit = 0; unit < units; unit++)
      target[n * units + unit] = source[n * units + unit]! + Math.max(0, sums[unit]!)
  }
}

/** Adds to `sums` the row vector `inputs` times `weight` [inputs x sums]. */
function accumulate(sums: Float32Array, inputs: Float32Array, weight: Float32Array): void {
  const width = sums.length
  for (let i = 0; i < inputs.length; i++) {
    const value = inputs[i]!
    for (let j = 0; j < width; j++) sums[j] = sums[j]! + value * weight[i * width + j]!
  }
}
