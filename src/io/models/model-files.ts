import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type ModelSpec, parseModelSpec, parseWeights, type Weights } from '../../engine/model/model.js'
import { Refused } from '../../engine/refused.js'
import { codeOf } from '../error-text.js'
import { packageRoot } from '../package-root.js'

/** A model as read from its folder. */
export interface ModelFiles {
  readonly spec: ModelSpec
  /** Views into `bytes`. */
  readonly weights: Weights
  /** The weights file in shared memory: another thread gets it without a copy and runs `parseWeights` on it. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** SHA-256 of `bytes`, hex: identifies the weights, whatever the model is called. */
  readonly sha256: string
}

/** Most bytes of a model.json that is read; a real one has a few hundred. */
const MAX_SPEC_BYTES = 64 * 1024

/** Most bytes of a weights file that is read; the largest network that model.ts allows has 1.2 GB of float32 weights. */
const MAX_WEIGHTS_BYTES = 2 ** 31

/** The model folder `name` that comes with Rubato (`rubato-piano`, `tiny`). */
export function modelFolder(name: string): string {
  return join(packageRoot(), 'models', name)
}

/**
 * Reads model.json and weights.safetensors in `folder`; blocks meanwhile. Throws {@link Refused}, naming the file, when
 * one is missing, can't be used, or the weights aren't those whose sha256 model.json gives.
 */
export function readModel(folder: string): ModelFiles {
  const specPath = join(folder, 'model.json')
  const weightsPath = join(folder, 'weights.safetensors')
  const specBytes = readShared(specPath, MAX_SPEC_BYTES)
  const spec = naming(specPath, () => parseModelSpec(Buffer.from(specBytes).toString('utf8')))
  const bytes = readShared(weightsPath, MAX_WEIGHTS_BYTES)
  const weights = naming(weightsPath, () => parseWeights(spec, bytes))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (spec.sha256 !== undefined && spec.sha256 !== sha256) {
    throw new Refused(
      `${weightsPath} doesn't have the sha256 that its model.json gives; download the model again.`,
    )
  }
  return { spec, weights, bytes, sha256 }
}

/** The bytes of the wasm kernel, for `createNetwork`. Throws {@link Refused} where it is missing. */
export function readKernel(): Uint8Array {
  const path = join(packageRoot(), 'src/engine/network/wasm/kernel.wasm')
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Refused(`${path} can't be read (${codeOf(error)}); install Rubato again.`)
  }
}

/** The bytes of a file of at most `mostBytes`, in shared memory. Throws {@link Refused}, naming the file. */
export function readShared(path: string, mostBytes: number): Uint8Array<SharedArrayBuffer> {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Refused(`${path} isn't a file.`)
    if (stat.size > mostBytes) throw new Refused(`${path} is ${stat.size} bytes long, too much for a model.`)
    const bytes = new Uint8Array(new SharedArrayBuffer(stat.size))
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, filled)
      if (count === 0) throw new Refused(`${path} was cut short while it was read.`)
      filled += count
    }
    return bytes
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused(`${path} can't be read (${codeOf(error)}); a model is a folder with that file.`)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Runs `parse` and puts `path` before the message of any Refused that it throws. */
export function naming<T>(path: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof Refused ? new Refused(`${path}: ${error.message}`) : error
  }
}
