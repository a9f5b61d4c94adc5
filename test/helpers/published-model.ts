import { EVENT_COUNT } from '../../src/engine/language/events.js'
import { randomNumbers } from './random-numbers.js'

/** A network in Magenta's published form: the manifest and its shards, and the tensors they hold. */
export interface PublishedModel {
  readonly manifest: string
  readonly shards: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
}

/**
 * A random network as Magenta published them (tfjs): `conditioning` numbers before the event, cells of `units`, tensors
 * in the published order, cut into shards without regard to where a tensor ends.
 */
export function publishModel(
  conditioning: number,
  units: number,
  seed: number,
  shardCount = 6,
): PublishedModel {
  const random = randomNumbers(seed)
  const cell = (n: number, part: string) => `rnn/multi_rnn_cell/cell_${n}/basic_lstm_cell/${part}`
  const shapes: readonly (readonly [string, readonly number[]])[] = [
    [cell(0, 'kernel'), [conditioning + EVENT_COUNT + units, 4 * units]],
    [cell(1, 'bias'), [4 * units]],
    ['fully_connected/weights', [units, EVENT_COUNT]],
    [cell(1, 'kernel'), [2 * units, 4 * units]],
    [cell(2, 'bias'), [4 * units]],
    ['fully_connected/biases', [EVENT_COUNT]],
    [cell(0, 'bias'), [4 * units]],
    [cell(2, 'kernel'), [2 * units, 4 * units]],
  ]
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>()
  for (const [name, shape] of shapes) {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5)
    tensors.set(name, { shape, values })
  }
  const body = Buffer.concat([...tensors.values()].map(({ values }) => Buffer.from(values.buffer)))
  const size = Math.ceil(body.length / shardCount)
  const shards = Array.from({ length: shardCount }, (_, n) => ({
    name: `group1-shard${n + 1}of${shardCount}`,
    bytes: new Uint8Array(body.subarray(n * size, (n + 1) * size)),
  }))
  const weights = shapes.map(([name, shape]) => ({ name, shape, dtype: 'float32' }))
  return { manifest: JSON.stringify([{ paths: shards.map(({ name }) => name), weights }]), shards, tensors }
}
