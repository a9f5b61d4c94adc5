import { createHash } from 'node:crypto'
import { type ModelSpec, tensorShapes } from '../../src/engine/model/model.js'
import { type TensorToWrite, writeSafetensors } from './safetensors-writer.js'

/**
 * The model in models/tiny: two layers, so that stacking is tested, of eight units, the fewest there can be. Its
 * random weights make no music, but every code path of a network. Written anew by
 * `RUBATO_WRITE_TINY_MODEL=1 npx vitest run test/io/tiny-model.test.ts`.
 */
export const TINY_SPEC: ModelSpec = {
  name: 'tiny',
  network: { cell: 'lstm', layers: 2, units: 8, gateOrder: 'i f g o', forgetBias: 0 },
  events: 'performance-388',
  step: 'ms',
  conditioning: 'rubato-17',
}

const SEED = 388

/** The tensors of a random model of `spec`'s shape: weights from -scale to scale, everywhere the same for one seed. */
export function randomTensors(spec: ModelSpec, seed: number, scale = 1): Record<string, TensorToWrite> {
  const random = mulberry32(seed)
  const tensors: Record<string, TensorToWrite> = {}
  for (const [name, shape] of tensorShapes(spec)) {
    const count = shape.reduce((a, b) => a * b, 1)
    tensors[name] = { shape, values: Float64Array.from({ length: count }, () => scale * (2 * random() - 1)) }
  }
  return tensors
}

/** The two files of models/tiny. */
export function makeTinyModel(): { json: string; weights: Uint8Array } {
  const weights = writeSafetensors(randomTensors(TINY_SPEC, SEED))
  const sha256 = createHash('sha256').update(weights).digest('hex')
  const { step: _, ...described } = TINY_SPEC
  return { json: `${JSON.stringify({ ...described, sha256 }, null, 1)}\n`, weights }
}

/** Uniform numbers in [0, 1) (Tommy Ettinger's mulberry32): whole-number arithmetic, so alike on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
