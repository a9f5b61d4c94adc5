import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { EVENT_COUNT } from '../../src/engine/language/events.js'
import type { PublishedModel } from './published-model.js'

/**
 * A published network as Magenta's own player runs it: `multiRNNCell` of `basicLSTMCell` (TensorFlow.js), forget bias
 * 1, its input the conditioning and the event as one-hot.
 */
export async function createPublishedPlayer({ tensors }: PublishedModel) {
  await tf.setBackend('cpu')
  const matrix = (name: string): tf.Tensor2D => {
    const { shape, values } = tensors.get(name)!
    return tf.tensor2d(values, shape as [number, number])
  }
  const vector = (name: string): tf.Tensor1D => tf.tensor1d(tensors.get(name)!.values)
  const forget = tf.scalar(1)
  const cells = [0, 1, 2].map((n) => {
    const kernel = matrix(`rnn/multi_rnn_cell/cell_${n}/basic_lstm_cell/kernel`)
    const bias = vector(`rnn/multi_rnn_cell/cell_${n}/basic_lstm_cell/bias`)
    return (data: tf.Tensor2D, c: tf.Tensor2D, h: tf.Tensor2D) =>
      tf.basicLSTMCell(forget, kernel, bias, data, c, h)
  })
  const units = tensors.get('fully_connected/weights')!.shape[0]!
  const weights = matrix('fully_connected/weights')
  const biases = vector('fully_connected/biases')
  const zeros = () => cells.map((): tf.Tensor2D => tf.zeros([1, units]))
  let c = zeros()
  let h = zeros()
  return {
    reset: () => {
      c = zeros()
      h = zeros()
    },
    step: (conditioning: Float32Array, event: number): Float32Array => {
      const input = new Float32Array(conditioning.length + EVENT_COUNT)
      input.set(conditioning)
      input[conditioning.length + event] = 1
      ;[c, h] = tf.multiRNNCell(cells, tf.tensor2d(input, [1, input.length]), c, h)
      return tf.add(tf.matMul(h.at(-1)!, weights), biases).dataSync() as Float32Array
    },
  }
}
