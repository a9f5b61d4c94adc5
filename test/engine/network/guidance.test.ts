import { describe, expect, test } from 'vitest'
import { parseWeights, type Weights } from '../../../src/engine/model/model.js'
import { createJsNetwork } from '../../../src/engine/network/js-network.js'
import type { Network } from '../../../src/engine/network/network.js'
import { createWasmNetwork } from '../../../src/engine/network/wasm/network.js'
import { modelFolder, readKernel, readModel } from '../../../src/io/models/model-files.js'
import { writeSafetensors } from '../../helpers/safetensors-writer.js'
import { randomTensors, TINY_SPEC } from '../../helpers/tiny-model.js'

const KERNEL = readKernel()
const TINY = readModel(modelFolder('tiny')).weights
const MODELS: readonly [string, Weights][] = [
  ['rubato-piano', readModel(modelFolder('rubato-piano')).weights],
  ['tiny', TINY],
  ['two layers of 136 units, which is no whole number of blocks', randomWeights(2, 136)],
]
const ENGINES: readonly [string, (weights: Weights) => Network][] = [
  ['wasm', (weights) => createWasmNetwork(weights, KERNEL)],
  ['wasm int16', (weights) => createWasmNetwork(weights, KERNEL, 'int16')],
  ['js', createJsNetwork],
]

function randomWeights(layers: number, units: number): Weights {
  const spec = { ...TINY_SPEC, network: { ...TINY_SPEC.network, layers, units } }
  return parseWeights(spec, writeSafetensors(randomTensors(spec, 5, 0.3), 'F32'))
}

const eventOf = (n: number) => (n * 7919 + 13) % 388
const NOTHING = new Float32Array(17)
/** A conditioning vector that differs for each `n`. */
const vectorOf = (n: number) => Float32Array.from(NOTHING, (_, i) => (((n + 1) * (i + 3)) % 8) / 8)

function stateOf(network: Network): Float32Array {
  const state = new Float32Array(network.stateSize)
  network.save(state)
  return state
}
const laneOf = (state: Float32Array, lane: 0 | 1) =>
  state.slice((lane * state.length) / 2, ((lane + 1) * state.length) / 2)

/** A state of two lanes that differ from each other and from every state that a network here reaches. */
const anyState = (network: Network) =>
  Float32Array.from({ length: network.stateSize }, (_, i) => Math.sin(i * i + 1))

/** Steps events `from` to `to`, each under its own conditioning and this guidance; returns all logits. */
function run(network: Network, from: number, to: number, guidance: number): number[][] {
  return Array.from({ length: to - from }, (_, i) => {
    network.condition(vectorOf(from + i), guidance)
    network.step(eventOf(from + i))
    return [...network.logits]
  })
}

describe.each(ENGINES)('guidance on %s', (_, create) => {
  test.each(MODELS)(
    'is u + g (c - u), of c and u, bit for bit, as one lane alone has them: %s',
    (_, weights) => {
      const [guided, conditioned, bare] = [create(weights), create(weights), create(weights)]
      for (let n = 0; n < 24; n++) {
        const g = [2, 0.5, 3, 0, 1.7][n % 5]!
        guided.condition(vectorOf(n >> 2), g)
        conditioned.condition(vectorOf(n >> 2))
        for (const network of [guided, conditioned, bare]) network.step(eventOf(n))
        const u = bare.logits
        expect(guided.logits).toEqual(conditioned.logits.map((c, i) => u[i]! + g * (c - u[i]!)))
        expect(laneOf(stateOf(guided), 0)).toEqual(laneOf(stateOf(conditioned), 0))
        expect(laneOf(stateOf(guided), 1)).toEqual(laneOf(stateOf(bare), 0))
      }
      expect(conditioned.logits).not.toEqual(bare.logits)
    },
  )

  test('of 1 is the default, also after another', () => {
    const [network, plain] = [create(TINY), create(TINY)]
    network.condition(vectorOf(1), 2)
    network.condition(vectorOf(1))
    plain.condition(vectorOf(1), 1)
    for (const each of [network, plain]) each.step(60)
    expect(network.logits).toEqual(plain.logits)
    expect(stateOf(network)).toEqual(stateOf(plain))
  })

  test('of 1 saves the first lane twice', () => {
    const network = create(TINY)
    network.restore(anyState(network))
    run(network, 0, 3, 2)
    const before = stateOf(network)
    expect(laneOf(before, 1)).not.toEqual(laneOf(before, 0))
    run(network, 3, 4, 1)
    const after = stateOf(network)
    expect(laneOf(after, 1)).toEqual(laneOf(after, 0))
    expect(laneOf(after, 0)).not.toEqual(laneOf(before, 0))
  })

  test('begins, on leaving 1, with a copy of the first lane, whatever the second contained', () => {
    const [network, other, bare] = [create(TINY), create(TINY), create(TINY)]
    const state = anyState(network)
    network.restore(state)
    const otherState = state.slice()
    otherState.fill(Number.NaN, otherState.length / 2)
    other.restore(otherState)
    run(network, 0, 3, 1)
    run(other, 0, 3, 1)
    bare.restore(stateOf(network))
    expect(run(other, 3, 8, 2)).toEqual(run(network, 3, 8, 2))
    expect(stateOf(other)).toEqual(stateOf(network))
    for (let n = 3; n < 8; n++) bare.step(eventOf(n))
    expect(laneOf(stateOf(network), 1)).toEqual(laneOf(stateOf(bare), 0))
  })

  test('goes on from a restored state the same, whatever was stepped in between', () => {
    const network = create(TINY)
    run(network, 0, 10, 1)
    run(network, 10, 20, 2)
    const kept = stateOf(network)
    const straight = run(network, 20, 30, 2)
    for (const between of [1, 3]) {
      network.restore(kept)
      run(network, 40, 50, between)
      network.restore(kept)
      expect(stateOf(network)).toEqual(kept)
      expect(run(network, 20, 30, 2)).toEqual(straight)
    }
    const fresh = create(TINY)
    fresh.restore(kept)
    expect(run(fresh, 20, 30, 2)).toEqual(straight)
  })

  test('saving and going back between steps at 1 does not change what comes after leaving 1', () => {
    const [saved, straight] = [create(TINY), create(TINY)]
    for (const network of [saved, straight]) run(network, 0, 5, 1)
    saved.restore(stateOf(saved))
    expect(run(saved, 5, 10, 2)).toEqual(run(straight, 5, 10, 2))
  })

  test('begins anew in both lanes after a reset', () => {
    const network = create(TINY)
    const first = run(network, 0, 3, 2)
    for (const guidance of [1, 2]) {
      run(network, 3, 9, guidance)
      network.reset()
      expect(stateOf(network).every((x) => x === 0)).toBe(true)
      expect(run(network, 0, 3, 2)).toEqual(first)
    }
  })

  test.each([1, 2])('feeding is stepping without the logits, at guidance %d', (guidance) => {
    const [fed, stepped] = [create(TINY), create(TINY)]
    for (const network of [fed, stepped]) run(network, 0, 3, guidance)
    const before = [...fed.logits]
    for (let n = 3; n < 9; n++) {
      fed.feed(eventOf(n))
      stepped.step(eventOf(n))
    }
    expect([...fed.logits]).toEqual(before)
    expect(stateOf(fed)).toEqual(stateOf(stepped))
    expect(run(fed, 9, 12, guidance)).toEqual(run(stepped, 9, 12, guidance))
  })
})
