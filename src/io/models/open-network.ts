import type { Weights } from '../../engine/model/model.js'
import {
  type BackendChoice,
  createNetwork,
  type PrecisionChoice,
} from '../../engine/network/create-network.js'
import type { Network } from '../../engine/network/network.js'
import { createTfjsNetwork } from '../../engine/network/tfjs-network.js'
import { Refused } from '../../engine/refused.js'
import { loadTfjs, type TfjsChoice } from './load-tfjs.js'
import { readKernel } from './model-files.js'

/** Every engine that can be asked for by name. */
export type EngineChoice = BackendChoice | Exclude<TfjsChoice, 'tfjs-cpu'>
export const ENGINE_CHOICES = [
  'auto',
  'wasm',
  'js',
  'tfjs-node',
  'tfjs-wasm',
] as const satisfies readonly EngineChoice[]

/** Whether an engine comes with TensorFlow.js. */
export function isTfjs(choice: EngineChoice): choice is Extract<EngineChoice, TfjsChoice> {
  return choice.startsWith('tfjs-')
}

/**
 * Makes the network on the engine asked for: one of those of `createNetwork`, or TensorFlow.js. Only `auto` falls back to
 * another engine. Throws {@link Refused} with the reason where the engine can't be used.
 */
export async function openNetwork(
  weights: Weights,
  choice: EngineChoice,
  precision: PrecisionChoice,
  kernel: Uint8Array = readKernel(),
): Promise<Network> {
  if (!isTfjs(choice)) return createNetwork(weights, choice, kernel, precision)
  if (precision === 'int16')
    throw new Refused(`The ${choice} backend has no int16 precision; use the wasm backend, or f32.`)
  return createTfjsNetwork(await loadTfjs(choice), choice, weights)
}
