import { createHash } from 'node:crypto'
import { EVENT_COUNT, FIRST_INPUT } from '../../src/engine/language/events.js'
import type { Network } from '../../src/engine/network/network.js'

/** Feeds step `n` of a fixed sequence: all sorts of events, the conditioning changed every 16 steps. */
export function feed(network: Network, n: number): void {
  if (n % 16 === 0) {
    const size = network.conditioningSize
    network.condition(Float32Array.from({ length: size }, (_, i) => (((n / 16 + 1) * (i + 3)) % 8) / 8))
  }
  network.step(n === 0 ? FIRST_INPUT : (n * 7919 + 13) % EVENT_COUNT)
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

/** SHA-256 of the logits of 300 steps, and of lane 0's state after them. */
export function digest(network: Network): string {
  const hash = createHash('sha256')
  for (let n = 0; n < 300; n++) {
    feed(network, n)
    hash.update(Uint8Array.from(new Uint8Array(network.logits.buffer, network.logits.byteOffset, 4 * 388)))
  }
  const state = new Float32Array(network.stateSize)
  network.save(state)
  return hash.update(new Uint8Array(state.buffer, 0, state.byteLength / 2)).digest('hex')
}
