import type { Network, Precision } from './backend.js'
import { createJsNetwork } from './js-network.js'
import type { Weights } from './model.js'
import { Refused } from './units.js'
import { createWasmNetwork, simdSupported } from './wasm/network.js'

/** The engines that need nothing but this package. */
export type BackendChoice = 'auto' | 'wasm' | 'js'

/** Throws {@link Refused} for a precision that the engine asked for doesn't have, or the machine: only wasm has int16. */
export function refuseMissing(choice: BackendChoice, precision: Precision): void {
  if (precision === 'f32') return
  if (choice === 'js')
    throw new Refused('The js backend has no int16 precision; use the wasm backend, or f32.')
  if (!simdSupported())
    throw new Refused("int16 precision needs WebAssembly SIMD, which this machine doesn't have; use f32.")
}

/**
 * The network on the engine asked for; `kernelBytes` are those of kernel.wasm. Only `auto` may fall back, from wasm to
 * js, and not where int16 is asked for, which js doesn't have. Throws {@link Refused} for what can't be had.
 */
export function createNetwork(
  weights: Weights,
  choice: BackendChoice,
  kernelBytes: Uint8Array,
  precision: Precision = 'f32',
): Network {
  refuseMissing(choice, precision)
  if (precision === 'int16') return createWasmNetwork(weights, kernelBytes, precision)
  if (choice === 'js') return createJsNetwork(weights)
  if (choice === 'auto' && !simdSupported()) return createJsNetwork(weights)
  try {
    return createWasmNetwork(weights, kernelBytes)
  } catch (error) {
    if (choice === 'auto' && error instanceof Refused) return createJsNetwork(weights)
    throw error
  }
}
