import { EVENT_COUNT } from '../language/events.js'
import type { LayerWeights, Weights } from '../model/model.js'
import type { Tensor } from '../model/safetensors.js'
import { guidedNetwork } from './guidance.js'
import type { Network } from './network.js'
import { identityOrder, panelPlaces, scatterRows } from './weight-panels.js'

/** Columns that are summed side by side. Eight doubles stay in registers; 4 were 20 % slower, 4 rows x 4 sums 45 % slower. */
const WIDTH = 8
/** Columns of the output layer, padded with zeros to whole panels: 392. */
const OUTPUT_COLUMNS = Math.ceil(EVENT_COUNT / WIDTH) * WIDTH

/** The weights of a layer, with the gates in the order of the file: i, f, g, o, `units` columns each. */
interface Layer {
  /** [4 * units / 8][inputs][8]. */
  readonly weights: Float32Array
  /** [4 * units]. */
  readonly bias: Float32Array
}

/** The state of one layer in one lane. */
interface LayerState {
  /** The new h of the layer below [units] (not in layer 0), then the layer's own h [units]. */
  readonly inputs: Float32Array
  /** The layer's own h, a view into `inputs`. */
  readonly hidden: Float32Array
  readonly cell: Float32Array
}

/** One lane, as guidance.ts describes. */
interface Lane {
  /** Layer 0's bias with the lane's conditioning [4 * units]. */
  readonly conditioned: Float32Array
  readonly layers: readonly LayerState[]
  /** The inputs of the output layer: the new h of the last [units]. */
  readonly top: Float32Array
  readonly logits: Float32Array
}

/**
 * The network in plain JavaScript, for machines without WebAssembly SIMD; about five times slower than the network on SIMD.
 * It is bound by arithmetic and not by memory, so two lanes are computed one after the other, in twice the time of one.
 */
export function createJsNetwork(weights: Weights): Network {
  const { units, conditioningSize } = weights
  const gates = 4 * units
  const layers = weights.layers.map((layer) => packLayer(layer, units, weights.forgetBias))
  const events = rows(weights.event)
  const conditioning = rows(weights.conditioning)
  const output = {
    weights: panels([weights.output.weight], OUTPUT_COLUMNS),
    bias: rows(weights.output.bias, OUTPUT_COLUMNS),
    sums: new Float64Array(OUTPUT_COLUMNS),
  }
  const bias = layers[0]!.bias
  const lanes = [createLane(weights, bias), createLane(weights, bias)] as const
  const start = new Float32Array(gates)
  const sums = new Float64Array(gates)

  function advance(lane: Lane, event: number): void {
    for (let j = 0; j < gates; j++) start[j] = lane.conditioned[j]! + events[event * gates + j]!
    for (let i = 0; i < layers.length; i++) {
      const { weights, bias } = layers[i]!
      const { inputs, cell, hidden } = lane.layers[i]!
      multiply(weights, inputs, i === 0 ? start : bias, sums)
      // The sums are complete, so the new h may overwrite the old. The new h is also the input of the layer above.
      finishUnits(sums, cell, hidden)
      const above = lane.layers[i + 1]?.inputs ?? lane.top
      above.set(hidden)
    }
  }

  function computeLogits({ top, logits }: Lane): void {
    multiply(output.weights, top, output.bias, output.sums)
    for (let j = 0; j < EVENT_COUNT; j++) logits[j] = output.sums[j]!
  }

  return guidedNetwork({
    backend: 'js',
    conditioningSize,
    states: [partsOf(lanes[0]), partsOf(lanes[1])],
    logits: [lanes[0].logits, lanes[1].logits],
    condition(vector) {
      const { conditioned } = lanes[0]
      for (let j = 0; j < gates; j++) {
        let sum = bias[j]!
        for (let i = 0; i < conditioningSize; i++) sum += vector[i]! * conditioning[i * gates + j]!
        conditioned[j] = sum
      }
    },
    advance(event, both) {
      advance(lanes[0], event)
      if (both) advance(lanes[1], event)
    },
    computeLogits(both) {
      computeLogits(lanes[0])
      if (both) computeLogits(lanes[1])
    },
  })
}

const partsOf = (lane: Lane) => lane.layers.flatMap(({ hidden, cell }) => [hidden, cell])

/** sums [columns] = start [columns] + inputs [rows] * weights [columns / 8][rows][8]. */
function multiply(
  weights: Float32Array,
  inputs: Float32Array,
  start: Float32Array,
  sums: Float64Array,
): void {
  let at = 0
  for (let column = 0; column < sums.length; column += WIDTH) {
    let s0 = start[column]!
    let s1 = start[column + 1]!
    let s2 = start[column + 2]!
    let s3 = start[column + 3]!
    let s4 = start[column + 4]!
    let s5 = start[column + 5]!
    let s6 = start[column + 6]!
    let s7 = start[column + 7]!
    for (let row = 0; row < inputs.length; row++) {
      const x = inputs[row]!
      s0 += x * weights[at]!
      s1 += x * weights[at + 1]!
      s2 += x * weights[at + 2]!
      s3 += x * weights[at + 3]!
      s4 += x * weights[at + 4]!
      s5 += x * weights[at + 5]!
      s6 += x * weights[at + 6]!
      s7 += x * weights[at + 7]!
      at += WIDTH
    }
    sums[column] = s0
    sums[column + 1] = s1
    sums[column + 2] = s2
    sums[column + 3] = s3
    sums[column + 4] = s4
    sums[column + 5] = s5
    sums[column + 6] = s6
    sums[column + 7] = s7
  }
}

/** c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'), from sums [i, f, g, o][units]. */
function finishUnits(sums: Float64Array, cell: Float32Array, hidden: Float32Array): void {
  const units = cell.length
  for (let unit = 0; unit < units; unit++) {
    const i = sigmoid(sums[unit]!)
    const f = sigmoid(sums[units + unit]!)
    const g = Math.tanh(sums[2 * units + unit]!)
    const o = sigmoid(sums[3 * units + unit]!)
    const c = f * cell[unit]! + i * g
    cell[unit] = c
    hidden[unit] = o * Math.tanh(c)
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function packLayer({ input, recurrent, bias }: LayerWeights, units: number, forgetBias: number): Layer {
  const biases = rows(bias)
  for (let unit = units; unit < 2 * units; unit++) biases[unit]! += forgetBias
  return {
    weights: panels(input ? [input, recurrent] : [recurrent], 4 * units),
    bias: biases,
  }
}

function createLane({ layers, units }: Weights, bias: Float32Array): Lane {
  return {
    conditioned: Float32Array.from(bias),
    layers: layers.map(({ input }) => {
      const inputs = new Float32Array(input ? 2 * units : units)
      return { inputs, hidden: inputs.subarray(inputs.length - units), cell: new Float32Array(units) }
    }),
    top: new Float32Array(units),
    logits: new Float32Array(EVENT_COUNT),
  }
}

/** Packs the matrices of `stack`, one below the other and padded to `columns` columns, as panels. */
function panels(stack: readonly Tensor[], columns: number): Float32Array {
  const height = stack.reduce((sum, tensor) => sum + tensor.rows, 0)
  const target = new Float32Array(height * columns)
  let firstRow = 0
  for (const tensor of stack) {
    const places = panelPlaces(identityOrder(tensor.columns), WIDTH, height)
    scatterRows(tensor, target.subarray(firstRow * WIDTH), places, WIDTH)
    firstRow += tensor.rows
  }
  return target
}

/** The tensor row by row, each row padded with zeros to `columns`. */
function rows(tensor: Tensor, columns = tensor.columns): Float32Array {
  const target = new Float32Array(tensor.rows * columns)
  scatterRows(tensor, target, identityOrder(tensor.columns), columns)
  return target
}
