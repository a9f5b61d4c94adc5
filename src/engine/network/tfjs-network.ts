import { EVENT_COUNT } from '../language/events.js'
import type { Weights } from '../model/model.js'
import type { Tensor as FileTensor } from '../model/safetensors.js'
import { guidedNetwork } from './guidance.js'
import type { Network } from './network.js'
import { inOrder, scatterRows } from './weight-panels.js'

/** A tensor of TensorFlow.js. */
export interface TfjsTensor {
  dataSync(): ArrayLike<number>
  dispose(): void
}

/** What is called of TensorFlow.js 4, whichever package and backend it comes from; handed in by whoever has loaded it. */
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

/** One of the two states, as `guidedNetwork` keeps them: (h, c) of each layer. */
interface Lane {
  readonly states: readonly Float32Array[]
  readonly conditioning: Float32Array
  readonly logits: Float32Array
}

/**
 * The network as Magenta's players run it: cells of `basicLSTMCell` one above the other, the first one's input the
 * conditioning and the event as one-hot. The state goes in and comes out with each step, so that the plan can go back.
 * @param backend what it is called in figures
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
  const eventOrder = inOrder(EVENT_COUNT)
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

  function judge({ states, logits }: Lane): void {
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
    judge(both) {
      judge(lanes[0])
      if (both) judge(lanes[1])
    },
  })
}

/** From our gates i, f, g, o to those of `basicLSTMCell`: i, g, f, o. */
function gateOrder(units: number): Int32Array {
  return Int32Array.from({ length: 4 * units }, (_, column) => {
    const gate = Math.floor(column / units)
    return (gate === 1 ? 2 : gate === 2 ? 1 : gate) * units + (column % units)
  })
}

/** The matrices one below the other, row-major, column j where `order[j]` says. */
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
