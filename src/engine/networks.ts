import type { Network } from './backend.js'
import { createJsNetwork } from './js-network.js'
import type { Weights } from './model.js'
import { Refused } from './units.js'
import { createWasmNetwork, simdSupported } from './wasm/network.js'

/** The engines that need nothing but this package. */
export type BackendChoice = 'auto' | 'wasm' | 'js'

/**
 * The network on the engine asked for; `kernelBytes` are those of kernel.wasm. Only `auto` may fall back, from wasm to
 * js; an engine asked for by name throws {@link Refused} where it can't be had.
 */
export function createNetwork(weights: Weights, choice: BackendChoice, kernelBytes: Uint8Array): Network {
  if (choice === 'js') return createJsNetwork(weights)
  if (choice === 'auto' && !simdSupported()) return createJsNetwork(weights)
  try {
    return createWasmNetwork(weights, kernelBytes)
  } catch (error) {
    if (choice === 'auto' && error instanceof Refused) return createJsNetwork(weights)
    throw error
  }
}
