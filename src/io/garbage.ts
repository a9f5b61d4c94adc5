import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Ms } from '../engine/units.js'

/**
 * How often each thread collects its garbage, at a moment when it has time. Without this, V8 lets some 8 MB gather in the old
 * generation of each thread's heap, for hours, and then collects at any moment. Shorter: collections find little to free.
 * Longer: more garbage gathers.
 */
export const COLLECT_MS: Ms = 5 * 60_000

/** Collects all garbage of the calling thread; blocks for some 10 ms. */
type Collect = () => void

/** The collector of this thread. */
export function createGarbageCollector(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect
}
