import { describe, expect, test, vi } from 'vitest'
import { FIRST_INPUT } from '../../../src/engine/language/events.js'
import { type ModelSpec, parseWeights, type Weights } from '../../../src/engine/model/model.js'
import { createNetwork } from '../../../src/engine/network/create-network.js'
import { createJsNetwork } from '../../../src/engine/network/js-network.js'
import type { Network } from '../../../src/engine/network/network.js'
import { createWasmNetwork, simdSupported } from '../../../src/engine/network/wasm/network.js'
import { Refused } from '../../../src/engine/refused.js'
import { modelFolder, readKernel, readModel } from '../../../src/io/models/model-files.js'
import { digest, feed, largestDifference } from '../../helpers/fed-network.js'
import { modelReference, reference } from '../../helpers/reference.js'
import { writeSafetensors } from '../../helpers/safetensors-writer.js'
import { randomTensors, TINY_SPEC } from '../../helpers/tiny-model.js'

const KERNEL = readKernel()
const PIANO = readModel(modelFolder('rubato-piano')).weights
const TINY = readModel(modelFolder('tiny')).weights
const ENGINES: readonly [string, (weights: Weights) => Network][] = [
  ['wasm', (weights) => createWasmNetwork(weights, KERNEL)],
  ['js', createJsNetwork],
  ['wasm int16', (weights) => createWasmNetwork(weights, KERNEL, 'int16')],
]

/** How far logits may be from what they should be: int16 rounds weights and inputs, f32 next to nothing. */
function tolerance(backend: string, f32: number, int16: number): number {
  return backend.endsWith('int16') ? int16 : f32
}

/** A random model of another size. Its weights are small: with great ones a network is chaotic, and roundings grow. */
function randomWeights(network: Partial<ModelSpec['network']>, dtype: 'F16' | 'F32'): Weights {
  const spec = { ...TINY_SPEC, network: { ...TINY_SPEC.network, ...network } }
  return parseWeights(spec, writeSafetensors(randomTensors(spec, 7, 0.3), dtype))
}

describe('wasm and js agree within 1e-4 over 300 steps', () => {
  test.each<[string, Weights]>([
    ['rubato-piano', PIANO],
    ['tiny', TINY],
    ['one layer, float32', randomWeights({ layers: 1 }, 'F32')],
    [
      'five layers of 24 units and a forget bias',
      randomWeights({ layers: 5, units: 24, forgetBias: 1 }, 'F16'),
    ],
  ])('on %s', (_, weights) => {
    const wasm = createWasmNetwork(weights, KERNEL)
    const js = createJsNetwork(weights)
    expect(wasm.stateSize).toBe(js.stateSize)
    expect([...wasm.logits, ...js.logits].every((logit) => logit === 0)).toBe(true)
    for (let n = 0; n < 300; n++) {
      feed(wasm, n)
      feed(js, n)
      expect(largestDifference(wasm.logits, js.logits)).toBeLessThan(1e-4)
    }
  })
})

test('a layer computes what its equations say', () => {
  // Written out in doubles, straight from the card: c' = s(f) c + s(i) tanh(g), h' = s(o) tanh(c').
  const spec = { ...TINY_SPEC, network: { ...TINY_SPEC.network, layers: 1, forgetBias: 0.5 } }
  const tensors = randomTensors(spec, 3)
  const value = (name: string, row: number, column: number) =>
    Math.fround(tensors[name]!.values[row * tensors[name]!.shape.at(-1)! + column]!)
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const vector = Float32Array.from({ length: 17 }, (_, i) => i / 17)
  let h = new Array<number>(8).fill(0)
  const c = new Array<number>(8).fill(0)
  const engines = ENGINES.map(([, create]) => create(parseWeights(spec, writeSafetensors(tensors, 'F32'))))
  for (const engine of engines) engine.condition(vector)
  for (const event of [355, 60, 300]) {
    const gate = (column: number) =>
      value('lstm.0.event', event, column) +
      value('lstm.0.bias', 0, column) +
      vector.reduce((sum, x, i) => sum + x * value('lstm.0.conditioning', i, column), 0) +
      h.reduce((sum, x, i) => sum + x * value('lstm.0.recurrent', i, column), 0)
    const next = h.map((_, unit) => {
      c[unit] = sigmoid(gate(8 + unit) + 0.5) * c[unit]! + sigmoid(gate(unit)) * Math.tanh(gate(16 + unit))
      return sigmoid(gate(24 + unit)) * Math.tanh(c[unit]!)
    })
    h = next
    const logits = Array.from(
      { length: 388 },
      (_, j) =>
        value('output.bias', 0, j) + h.reduce((sum, x, i) => sum + x * value('output.weight', i, j), 0),
    )
    for (const engine of engines) {
      engine.step(event)
      expect(largestDifference(engine.logits, logits)).toBeLessThan(tolerance(engine.backend, 2e-6, 3e-4))
    }
  }
})

describe.each(ENGINES)('the network on %s', (backend, create) => {
  test('names its backend', () => {
    expect(create(PIANO)).toMatchObject({ backend, conditioningSize: 17, stateSize: 6144 })
  })

  test('goes on from a saved state bit for bit, whatever came between and wherever it was stored', () => {
    for (const weights of [TINY, PIANO]) {
      const network = create(weights)
      const kept = new Float32Array(network.stateSize + 10)
      for (let n = 0; n < 32; n++) feed(network, n)
      network.save(kept, 5)
      const straight = []
      for (let n = 32; n < 40; n++) {
        feed(network, n)
        straight.push([...network.logits])
      }
      network.restore(kept, 5)
      const again = []
      for (let n = 32; n < 40; n++) {
        feed(network, n)
        again.push([...network.logits])
      }
      expect(again).toEqual(straight)
      expect([...kept.subarray(0, 5), ...kept.subarray(-5)]).toEqual(new Array(10).fill(0))
    }
  })

  test('saves what was restored, bit for bit, and all of it', () => {
    const network = create(TINY)
    const state = Float32Array.from({ length: network.stateSize }, (_, i) => Math.sin(i + 1))
    const saved = new Float32Array(network.stateSize)
    network.restore(state)
    network.save(saved)
    expect(saved).toEqual(state)
  })

  test('begins anew after a reset and keeps its conditioning', () => {
    const network = create(TINY)
    feed(network, 0)
    const first = [...network.logits]
    for (let n = 1; n < 10; n++) feed(network, n)
    network.reset()
    network.step(FIRST_INPUT)
    expect([...network.logits]).toEqual(first)
  })

  test('starts without conditioning, and has none left after it is set to zeros', () => {
    const network = create(TINY)
    network.step(60)
    const without = [...network.logits]
    network.reset()
    network.condition(new Float32Array(17).fill(0.7))
    network.step(60)
    expect([...network.logits]).not.toEqual(without)
    network.reset()
    network.condition(new Float32Array(17))
    network.step(60)
    expect([...network.logits]).toEqual(without)
  })

  test('shares nothing with another network of the same weights', () => {
    const [one, other] = [create(TINY), create(TINY)]
    one.step(3)
    const before = [...one.logits]
    for (let n = 0; n < 5; n++) feed(other, n)
    expect([...one.logits]).toEqual(before)
  })

  const why = reference ? '' : ' (skipped: no models/rubato-piano/reference.json under RUBATO_SHARED)'
  const close = tolerance(backend, 1e-3, 3e-3)
  test.skipIf(!reference)(`gives the reference's logits within ${close}${why}`, () => {
    const { events, steps } = reference!.sequence
    const network = create(readModel(modelReference!).weights)
    // The conditioning of steps 0-2 is listed; that of the steps between 3 and 63 must come from the performance.
    for (const n of [0, 1, 2]) {
      const { conditioning, logits } = steps[n]!
      network.condition(Float32Array.from(conditioning))
      network.step(n === 0 ? FIRST_INPUT : events[n - 1]!)
      expect(largestDifference(network.logits, logits)).toBeLessThan(close)
    }
  })
})

test('the logits of wasm are the same bits on every machine', async () => {
  const lines = [
    ['rubato-piano', PIANO],
    ['tiny', TINY],
  ] as const
  const text = lines
    .map(([name, weights]) => `${digest(createWasmNetwork(weights, KERNEL))}  ${name}\n`)
    .join('')
  await expect(text).toMatchFileSnapshot('../../golden/wasm-logits.sha256')
})

/** A WebAssembly module that exports one empty function under all these names. */
function functionsWithoutArguments(names: readonly string[]): Uint8Array {
  const entries = names.flatMap((name) => [name.length, ...Buffer.from(name), 0, 0])
  const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes]
  const types = section(1, 1, 96, 0, 0)
  const functions = section(3, 1, 0)
  const code = section(10, 1, 2, 0, 11)
  const sections = [...types, ...functions, ...section(7, names.length, ...entries), ...code]
  return Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, ...sections)
}

describe('the choice of a backend', () => {
  const damaged = KERNEL.slice(0, 100)
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
  const other = functionsWithoutArguments(['lstmLayer', 'dense', 'lstmLayerInt16', 'denseInt16', 'addScaled'])

  test('auto is wasm where there is SIMD', () => {
    expect(createNetwork(TINY, 'auto', KERNEL).backend).toBe(simdSupported() ? 'wasm' : 'js')
    expect(createNetwork(TINY, 'wasm', KERNEL).backend).toBe('wasm')
    expect(createNetwork(TINY, 'js', KERNEL).backend).toBe('js')
  })

  test.each([
    ['damaged', damaged],
    ['empty', empty],
    ['of another version', other],
  ])('only auto falls back from a kernel that is %s', (_, kernel) => {
    const message = 'The kernel.wasm is damaged or of another version; install Rubato again.'
    expect(createNetwork(TINY, 'auto', kernel).backend).toBe('js')
    expect(() => createNetwork(TINY, 'wasm', kernel)).toThrow(new Refused(message))
  })

  test('only the wasm backend has int16, and nothing falls back from it', () => {
    expect(createNetwork(TINY, 'auto', KERNEL, 'int16').backend).toBe('wasm int16')
    expect(createNetwork(TINY, 'wasm', KERNEL, 'int16').backend).toBe('wasm int16')
    expect(() => createNetwork(TINY, 'js', KERNEL, 'int16')).toThrow(
      new Refused('The js backend has no int16 precision; use the wasm backend, or f32.'),
    )
    expect(() => createNetwork(TINY, 'auto', damaged, 'int16')).toThrow(Refused)
  })

  test('without SIMD auto is js in f32, and refuses int16', () => {
    const validate = vi.spyOn(Reflect.get(globalThis, 'WebAssembly'), 'validate').mockReturnValue(false)
    try {
      expect(createNetwork(TINY, 'auto', KERNEL).backend).toBe('js')
      expect(() => createNetwork(TINY, 'auto', KERNEL, 'int16')).toThrow(
        new Refused("int16 precision needs WebAssembly SIMD, which this machine doesn't have; use f32."),
      )
    } finally {
      validate.mockRestore()
    }
  })
})
