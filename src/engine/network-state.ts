import type { Network } from './backend.js'

/**
 * The part of a {@link Network} that saves, restores and wipes its state: `parts` are (h, c) of each layer in order,
 * [units] each, and lie in the target one after the other. Allocates nothing when called.
 */
export function stateAccess(
  parts: readonly Float32Array[],
  units: number,
): Pick<Network, 'save' | 'restore' | 'reset'> {
  return {
    save(target, offset = 0) {
      for (let i = 0; i < parts.length; i++) target.set(parts[i]!, offset + i * units)
    },
    restore(source, offset = 0) {
      let from = offset
      for (const part of parts) for (let i = 0; i < units; i++) part[i] = source[from++]!
    },
    reset() {
      for (const part of parts) part.fill(0)
    },
  }
}
