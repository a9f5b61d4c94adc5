import { describe, expect, test } from 'vitest'
import { type ModelSpec, parseWeights, type Weights } from '../../../../src/engine/model/model.js'
import { createWasmNetwork } from '../../../../src/engine/network/wasm/network.js'
import { modelFolder, readKernel, readModel } from '../../../../src/io/models/model-files.js'
import { digest, feed, largestDifference } from '../../../helpers/fed-network.js'
import { writeSafetensors } from '../../../helpers/safetensors-writer.js'
import { randomTensors, TINY_SPEC } from '../../../helpers/tiny-model.js'

const KERNEL = readKernel()
const PIANO = readModel(modelFolder('rubato-piano')).weights
const TINY = readModel(modelFolder('tiny')).weights

const both = (weights: Weights) => [
  createWasmNetwork(weights, KERNEL),
  createWasmNetwork(weights, KERNEL, 'int16'),
]

/** exp(logit) over their sum, in doubles. */
function softmax(logits: Float32Array): number[] {
  const powers = Array.from(logits, (logit) => Math.exp(logit))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

test('over 300 steps of rubato-piano int16 stays within 0.02 of the f32 logits and 1e-5 nats of its choice', () => {
  const [f32, int16] = both(PIANO)
  for (let n = 0; n < 300; n++) {
    feed(f32!, n)
    feed(int16!, n)
    expect(largestDifference(int16!.logits, f32!.logits)).toBeLessThan(0.02)
    const [p, q] = [softmax(f32!.logits), softmax(int16!.logits)]
    expect(p.reduce((sum, share, i) => sum + share * Math.log(share / q[i]!), 0)).toBeLessThan(1e-5)
  }
})

/** One layer of 64 units whose matrices hold nothing but one weight; the rest is 0. */
function uniformModel(weight: number): Weights {
  const spec: ModelSpec = { ...TINY_SPEC, network: { ...TINY_SPEC.network, layers: 1, units: 64 } }
  const tensors = Object.entries(randomTensors(spec, 1)).map(([name, { shape, values }]) => {
    const value = /recurrent|weight/.test(name) ? weight : 0
    return [name, { shape, values: Float64Array.from(values, () => value) }] as const
  })
  return parseWeights(spec, writeSafetensors(Object.fromEntries(tensors), 'F32'))
}

describe('the greatest sums do not overflow', () => {
  // From far below float16 to where float32 sums are just finite, and every corner of the int16 range.
  const weights = [1e-29, 1e-3, 1, 65504, 1e36].flatMap((weight) => [weight, -weight])
  const cases = weights.flatMap((weight) => [1, -1, 2, -2].map((h): [number, number] => [weight, h]))

  test.each(cases)('of weights %d and an h of %d', (weight, h) => {
    const [f32, int16] = both(uniformModel(weight))
    // c = 20, so that the new h is 1 wherever the gates are open. An h beyond +-1 can only come from outside.
    const state = (own: number) => Float32Array.from({ length: 256 }, (_, i) => (i % 128 < 64 ? own : 20))
    f32!.restore(state(Math.max(-32768 / 32767, Math.min(1, h))))
    int16!.restore(state(h))
    f32!.step(0)
    int16!.step(0)
    const greatest = f32!.logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0)
    expect(greatest).toBeGreaterThanOrEqual(weight * h > 0 ? 32 * Math.abs(weight) : 0)
    expect(largestDifference(int16!.logits, f32!.logits)).toBeLessThanOrEqual(1e-3 * greatest)
  })
})

test('columns of zeros stay zero', () => {
  const network = createWasmNetwork(uniformModel(0), KERNEL, 'int16')
  network.restore(new Float32Array(network.stateSize).fill(0.5))
  network.step(0)
  expect([...network.logits].every((logit) => logit === 0)).toBe(true)
})

test('a state of NaN causes no trap', () => {
  const network = createWasmNetwork(TINY, KERNEL, 'int16')
  network.restore(new Float32Array(network.stateSize).fill(Number.NaN))
  expect(() => network.step(0)).not.toThrow()
})

test('the logits of int16 are the same bits on every machine', async () => {
  const lines = [
    ['rubato-piano', PIANO],
    ['tiny', TINY],
  ] as const
  const text = lines
    .map(([name, weights]) => `${digest(createWasmNetwork(weights, KERNEL, 'int16'))}  ${name}\n`)
    .join('')
  await expect(text).toMatchFileSnapshot('../../../golden/wasm-int16-logits.sha256')
})
