import { EVENT_COUNT } from '../language/events.js'
import type { Weights } from '../model/model.js'
import type { Tensor as FileTensor } from '../model/safetensors.js'
import { guidedNetwork } from './guidance.js'
import type { Network } from './network.js'
import { identityOrder, scatterRows } from './weight-panels.js'

/** A tensor of TensorFlow.js. */
interface TfjsTensor {
  dataSync(): ArrayLike<number>
  dispose(): void
}

/** The part of TensorFlow.js 4 that is used here. The caller loads it, from whichever package and backend. */
export interface TensorFlow {
  tensor1d(values: Float32Array): TfjsTensor
  tensor2d(values: Float32Array, shape: [number, number]): TfjsTensor
  scalar(value: number): TfjsTensor
  basicLSTMCell(
    forget: TfjsTensor,
    kernel: TfjsTensor,
    bias: TfjsTensor,
    data: TfjsTensor,
    c: TfjsTensor,
    h: TfjsTensor,
  ): [TfjsTensor, TfjsTensor]
  matMul(a: TfjsTensor, b: TfjsTensor): TfjsTensor
  add(a: TfjsTensor, b: TfjsTensor): TfjsTensor
  tidy<Result>(compute: () => Result): Result
}

/** One lane, as guidance.ts describes. */
interface Lane {
  /** h and c of each layer in order, [units] each. */
  readonly states: readonly Float32Array[]
  readonly conditioning: Float32Array
  readonly logits: Float32Array
}

/**
 * The network as Magenta's players run it: a stack of `basicLSTMCell`s, of which the first gets the conditioning and the
 * event as one-hot. The state is copied in and out at each step, because the plan has to go back to earlier states.
 * @param backend the name of the backend in benchmark results
 */
export function createTfjsNetwork(tf: TensorFlow, backend: string, weights: Weights): Network {
  const { units, conditioningSize } = weights
  const inputSize = conditioningSize + EVENT_COUNT
  const forget = tf.scalar(weights.forgetBias)
  const order = gateOrder(units)
  const cells = weights.layers.map(({ input, recurrent, bias }) => {
    const below = input ? [input] : [weights.conditioning, weights.event]
    const kernel = stack([...below, recurrent], order)
    return {
      kernel: tf.tensor2d(kernel, [kernel.length / order.length, order.length]),
      bias: tf.tensor1d(stack([bias], order)),
    }
  })
  const eventOrder = identityOrder(EVENT_COUNT)
  const outputWeight = tf.tensor2d(stack([weights.output.weight], eventOrder), [units, EVENT_COUNT])
  const outputBias = tf.tensor1d(stack([weights.output.bias], eventOrder))
  const input = new Float32Array(inputSize)

  const createLane = (): Lane => ({
    states: weights.layers.flatMap(() => [new Float32Array(units), new Float32Array(units)]),
    conditioning: new Float32Array(conditioningSize),
    logits: new Float32Array(EVENT_COUNT),
  })
  const lanes = [createLane(), createLane()] as const

  function advance({ states, conditioning }: Lane, event: number): void {
    input.fill(0)
    input.set(conditioning)
    input[conditioningSize + event] = 1
    tf.tidy(() => {
      let below = tf.tensor2d(input, [1, inputSize])
      for (const [layer, { kernel, bias }] of cells.entries()) {
        const hidden = states[2 * layer]!
        const cell = states[2 * layer + 1]!
        const before = [tf.tensor2d(cell, [1, units]), tf.tensor2d(hidden, [1, units])] as const
        const [c, h] = tf.basicLSTMCell(forget, kernel, bias, below, ...before)
        cell.set(c.dataSync())
        hidden.set(h.dataSync())
        below = h
      }
    })
  }

  function computeLogits({ states, logits }: Lane): void {
    tf.tidy(() => {
      const top = tf.tensor2d(states.at(-2)!, [1, units])
      logits.set(tf.add(tf.matMul(top, outputWeight), outputBias).dataSync())
    })
  }

  return guidedNetwork({
    backend,
    conditioningSize,
    states: [lanes[0].states, lanes[1].states],
    logits: [lanes[0].logits, lanes[1].logits],
    condition: (vector) => lanes[0].conditioning.set(vector),
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

/** Where each column goes when the gates i, f, g, o get the order of `basicLSTMCell`: i, g, f, o. */
function gateOrder(units: number): Int32Array {
  return Int32Array.from({ length: 4 * units }, (_, column) => {
    const gate = Math.floor(column / units)
    return (gate === 1 ? 2 : gate === 2 ? 1 : gate) * units + (column % units)
  })
}

/** The matrices one below the other, row-major, with column j at place `order[j]`. */
function stack(tensors: readonly FileTensor[], order: Int32Array): Float32Array {
  const rows = tensors.reduce((sum, tensor) => sum + tensor.rows, 0)
  const target = new Float32Array(rows * order.length)
  let firstRow = 0
  for (const tensor of tensors) {
    scatterRows(tensor, target.subarray(firstRow * order.length), order, order.length)
    firstRow += tensor.rows
  }
  return target
}
