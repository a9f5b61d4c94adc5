import type { Weights } from '../model/model.js'
import { Refused } from '../refused.js'
import { createJsNetwork } from './js-network.js'
import type { Network, Precision } from './network.js'
import { createWasmNetwork, simdSupported } from './wasm/network.js'

/** The engines that need nothing but this package. */
export type BackendChoice = 'auto' | 'wasm' | 'js'
export type PrecisionChoice = 'auto' | Precision

/**
 * Throws {@link Refused} for a precision that the engine asked for doesn't have, or the machine: only wasm has int16.
 * `auto` is never refused.
 */
export function refuseMissing(choice: BackendChoice, precision: PrecisionChoice): void {
  if (precision !== 'int16') return
  if (choice === 'js')
    throw new Refused('The js backend has no int16 precision; use the wasm backend, or f32.')
  if (!simdSupported())
    throw new Refused("int16 precision needs WebAssembly SIMD, which this machine doesn't have; use f32.")
}

/**
 * The network on the engine asked for; `kernelBytes` are those of kernel.wasm. `auto` precision is int16 on wasm and f32
 * on js. Only the `auto` engine may fall back, from wasm to js, and not where int16 is asked for, which js doesn't have.
 * Throws {@link Refused} for what can't be had.
 */
export function createNetwork(
  weights: Weights,
  choice: BackendChoice,
  kernelBytes: Uint8Array,
  precision: PrecisionChoice = 'f32',
): Network {
  refuseMissing(choice, precision)
  const canFallBack = choice === 'auto' && precision !== 'int16'
  if (choice === 'js' || (canFallBack && !simdSupported())) return createJsNetwork(weights)
  try {
    return createWasmNetwork(weights, kernelBytes, precision === 'auto' ? 'int16' : precision)
  } catch (error) {
    if (canFallBack && error instanceof Refused) return createJsNetwork(weights)
    throw error
  }
}
