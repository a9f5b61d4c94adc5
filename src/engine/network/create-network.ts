import type { Weights } from '../model/model.js'
import { Refused } from '../refused.js'
import { createJsNetwork } from './js-network.js'
import type { Network, Precision } from './network.js'
import { createWasmNetwork, simdSupported } from './wasm/network.js'

/** The backends that need nothing but this package. */
export type BackendChoice = 'auto' | 'wasm' | 'js'
export type PrecisionChoice = 'auto' | Precision

/**
 * Throws {@link Refused} for int16 precision on the js backend, or on a machine without WebAssembly SIMD. Never refuses the
 * precision `auto`.
 */
export function refuseMissing(choice: BackendChoice, precision: PrecisionChoice): void {
  if (precision !== 'int16') return
  if (choice === 'js')
    throw new Refused('The js backend has no int16 precision; use the wasm backend, or f32.')
  if (!simdSupported())
    throw new Refused("int16 precision needs WebAssembly SIMD, which this machine doesn't have; use f32.")
}

/**
 * Creates a network on the backend of choice. Precision `auto` is int16 on wasm and f32 on js. Backend `auto` is wasm, or js
 * where wasm isn't possible and the precision isn't int16, which js doesn't have.
 * @param kernelBytes the contents of kernel.wasm
 * @throws {@link Refused} if the backend or the precision isn't possible
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
