import { createRequire } from 'node:module'
import { join } from 'node:path'
import { EVENT_COUNT } from '../src/engine/events.js'
import type { Weights } from '../src/engine/model.js'
import { inOrder, scatterRows } from '../src/engine/panels.js'
import type { Tensor as FileTensor } from '../src/engine/safetensors.js'
import { packageRoot } from '../src/io/package-root.js'

/** The part of a network that is timed. */
export interface Steppable {
  readonly backend: string
  readonly logits: Float32Array
  step(event: number): void
}

interface Tensor {
  dataSync(): Float32Array
  dispose(): void
}
type Cell = (data: Tensor, c: Tensor, h: Tensor) => [Tensor, Tensor]

/** What is called of `@tensorflow/tfjs-core` 4: written down here, so that the bench compiles without it. */
interface TensorFlow {
  setBackend(name: string): Promise<boolean>
  tensor1d(values: Float32Array): Tensor
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor
  scalar(value: number): Tensor
  basicLSTMCell(
    forget: Tensor,
    kernel: Tensor,
    bias: Tensor,
    data: Tensor,
    c: Tensor,
    h: Tensor,
  ): [Tensor, Tensor]
  multiRNNCell(
    cells: readonly Cell[],
    data: Tensor,
    c: readonly Tensor[],
    h: readonly Tensor[],
  ): [Tensor[], Tensor[]]
  matMul(a: Tensor, b: Tensor): Tensor
  add(a: Tensor, b: Tensor): Tensor
  tidy<Result>(compute: () => Result): Result
}

/**
 * The same network as Magenta's players run it in a browser: `multiRNNCell` of `basicLSTMCell` on TensorFlow.js's wasm
 * backend (SIMD; in Node it has one thread), its input the conditioning, here none, and the event as one-hot.
 * Null where the packages aren't installed; throws where they are and fail.
 */
export async function createTfjsNetwork(weights: Weights): Promise<Steppable | null> {
  const tf = load()
  if (tf === null) return null
  if (!(await tf.setBackend('wasm'))) throw new Error('The wasm backend of TensorFlow.js did not start.')
  const { units, conditioningSize } = weights
  const forget = tf.scalar(weights.forgetBias)
  const cells = weights.layers.map(({ input, recurrent, bias }): Cell => {
    const below = input ? [input] : [weights.conditioning, weights.event]
    const kernel = stack([...below, recurrent], gateOrder(units))
    const kernelTensor = tf.tensor2d(kernel, [kernel.length / (4 * units), 4 * units])
    const biasTensor = tf.tensor1d(stack([bias], gateOrder(units)))
    return (data, c, h) => tf.basicLSTMCell(forget, kernelTensor, biasTensor, data, c, h)
  })
  const outputOrder = inOrder(EVENT_COUNT)
  const outputWeight = tf.tensor2d(stack([weights.output.weight], outputOrder), [units, EVENT_COUNT])
  const outputBias = tf.tensor1d(stack([weights.output.bias], outputOrder))
  const zeros = () => weights.layers.map(() => tf.tensor2d(new Float32Array(units), [1, units]))
  let c = zeros()
  let h = zeros()
  const input = new Float32Array(conditioningSize + EVENT_COUNT)
  const logits = new Float32Array(EVENT_COUNT)

  return {
    backend: 'tfjs wasm',
    logits,
    step(event) {
      input[conditioningSize + event] = 1
      const made = tf.tidy(() => {
        const [newC, newH] = tf.multiRNNCell(cells, tf.tensor2d(input, [1, input.length]), c, h)
        const out = tf.add(tf.matMul(newH.at(-1)!, outputWeight), outputBias)
        return { newC, newH, out }
      })
      input[conditioningSize + event] = 0
      for (const old of [...c, ...h]) old.dispose()
      c = made.newC
      h = made.newH
      logits.set(made.out.dataSync())
      made.out.dispose()
    },
  }
}

/** The library from bench/node_modules, which the compiled bench in dist wouldn't find by itself; null without it. */
function load(): TensorFlow | null {
  const require = createRequire(join(packageRoot(), 'bench/package.json'))
  try {
    require.resolve('@tensorflow/tfjs-core')
    require.resolve('@tensorflow/tfjs-backend-wasm')
  } catch {
    return null
  }
  const tf = require('@tensorflow/tfjs-core') as TensorFlow
  require('@tensorflow/tfjs-backend-wasm')
  return tf
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
