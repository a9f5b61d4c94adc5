import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Ms } from '../engine/units.js'

/**
 * Left to itself V8 lets some 8 MB of garbage gather in the old part of each thread's heap, which takes this program hours:
 * it grows all evening, and then the collection comes when it likes. So each thread asks for it when it has time.
 * More often is work for nothing, more seldom lets more gather.
 */
export const COLLECT_MS: Ms = 5 * 60_000

/** Collects all garbage of the calling thread; blocks for some 10 ms. */
export type Collect = () => void

/** The collector of this thread. */
export function createGarbageCollector(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect
}
