import type { Network } from '../src/engine/backend.js'
import { EVENT_COUNT } from '../src/engine/events.js'
import { createJsNetwork } from '../src/engine/js-network.js'
import { createWasmNetwork, simdSupported } from '../src/engine/wasm/network.js'
import { modelFolder, readKernel, readModel } from '../src/io/model-files.js'
import { printTable, type Row } from './table.js'

/**
 * Turns of each engine, and steps in a turn. More turns take longer than anyone waits; fewer leave p99 to chance.
 * A turn of one step would time the refilling of the cache after the other engines' 22 MB of weights.
 */
const TURNS = 40
const STEPS = 25
/** Steps at the start of a turn that aren't timed, while the cache fills (and, in the first turns, the JIT settles). */
const UNTIMED = 5
const UNTIMED_TURNS = 2

/**
 * Times one step of the real model on each engine, in turns, so that whatever else the machine does falls on all alike.
 * GB/s is by p50 of the packed float32 weights that a step reads: once an engine reaches the bandwidth of the memory
 * (or of a cache that holds 22 MB), only smaller weights make it faster.
 */
export async function stepTime(): Promise<readonly Row[]> {
  const { weights } = readModel(modelFolder('rubato-piano'))
  const engines: Network[] = [createJsNetwork(weights)]
  if (simdSupported()) engines.unshift(createWasmNetwork(weights, readKernel()))
  const times: number[][] = engines.map(() => [])
  for (let turn = -UNTIMED_TURNS; turn < TURNS; turn++) {
    engines.forEach((engine, i) => {
      for (let step = 0; step < STEPS; step++) {
        const before = performance.now()
        engine.step((step * 37) % EVENT_COUNT)
        const after = performance.now()
        if (turn >= 0 && step >= UNTIMED) times[i]!.push(1000 * (after - before))
      }
    })
  }
  const { units, layers } = weights
  const weightBytes = 4 * ((2 * layers.length - 1) * units * 4 * units + units * EVENT_COUNT)
  const rows = engines.map(({ backend }, i) => {
    const sorted = Float64Array.from(times[i]!).sort()
    const at = (share: number) => Math.round(sorted[Math.floor(share * sorted.length)]!)
    return {
      engine: backend,
      'p10 us': at(0.1),
      'p50 us': at(0.5),
      'p99 us': at(0.99),
      'GB/s': Math.round(weightBytes / at(0.5) / 100) / 10,
    }
  })
  printTable(`One step of rubato-piano, batch 1, ${TURNS * (STEPS - UNTIMED)} steps each`, rows)
  return rows
}
