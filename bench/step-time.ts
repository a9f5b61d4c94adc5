import { EVENT_COUNT } from '../src/engine/language/events.js'
import type { Weights } from '../src/engine/model/model.js'
import { createJsNetwork } from '../src/engine/network/js-network.js'
import type { Network } from '../src/engine/network/network.js'
import { createWasmNetwork, simdSupported } from '../src/engine/network/wasm/network.js'
import { messageOf } from '../src/io/error-text.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { printTable, type Row, round } from './table.js'

/**
 * Turns of each engine, and steps in a turn. More turns take longer than anyone waits; fewer leave p99 to chance.
 * A turn of one step would time the refilling of the cache after the other engines' 22 MB of weights.
 */
const TURNS = 40
const STEPS = 25
/** Steps at the start of a turn that aren't timed, while the cache fills (and, in the first turns, the JIT settles). */
const UNTIMED = 5
const UNTIMED_TURNS = 2

/** Of the guided steps; any but 1 costs the same. */
const GUIDANCE = 2

/** Another engine is timed only if it computes the same: so near must its logits be over the first steps. */
const AGREEMENT = 1e-3
const COMPARED_STEPS = 10

/**
 * Times one step of the real model on each engine, in turns, so that whatever else the machine does falls on all alike.
 * By the medians: `of wasm f32` is the time as a share of that of wasm in f32, `wasm f32 of it` the reverse, `of
 * unguided` a guided step's share of one without guidance in the same precision (two networks would make it 2), and
 * GB/s counts the packed weights that a step reads. Once an engine reaches the bandwidth of the memory (or of a cache that
 * holds 22 MB), only smaller weights make it faster.
 */
export async function stepTime(): Promise<readonly Row[]> {
  const { weights } = readModel(modelFolder('rubato-piano'))
  const engines = await createEngines(weights)
  const times: number[][] = engines.map(() => [])
  for (let turn = -UNTIMED_TURNS; turn < TURNS; turn++) {
    for (const [i, { engine }] of engines.entries()) {
      for (let step = 0; step < STEPS; step++) {
        const before = performance.now()
        engine.step(eventOf(step))
        const after = performance.now()
        if (turn >= 0 && step >= UNTIMED) times[i]!.push(1000 * (after - before))
      }
    }
  }
  const sorted = times.map((all) => Float64Array.from(all).sort())
  const at = (i: number, share: number) => sorted[i]![Math.floor(share * sorted[i]!.length)]!
  const f32 = engines.findIndex(({ name }) => name === 'wasm')
  const rows = engines.map(({ name, unguided, bytes }, i) => ({
    engine: name,
    'p10 us': Math.round(at(i, 0.1)),
    'p50 us': Math.round(at(i, 0.5)),
    'p99 us': Math.round(at(i, 0.99)),
    'of wasm f32': f32 < 0 ? '' : round(at(i, 0.5) / at(f32, 0.5), 2),
    'wasm f32 of it': f32 < 0 ? '' : round(at(f32, 0.5) / at(i, 0.5), 2),
    'of unguided': unguided === undefined ? '' : round(at(i, 0.5) / at(unguided, 0.5), 2),
    'GB/s': round(bytes / at(i, 0.5) / 1000, 1),
  }))
  printTable(`One step of rubato-piano, batch 1, ${TURNS * (STEPS - UNTIMED)} steps each`, rows)
  return rows
}

const eventOf = (step: number) => (step * 37) % EVENT_COUNT

interface Timed {
  readonly name: string
  readonly engine: Network
  /** The bytes of weights that a step reads. */
  readonly bytes: number
  /** Of a guided one: where in the list the same stands without guidance. */
  readonly unguided?: number
}

/** All engines that this machine has. */
async function createEngines(weights: Weights): Promise<Timed[]> {
  const { units, layers, conditioningSize } = weights
  const matrices = (2 * layers.length - 1) * units * 4 * units + units * EVENT_COUNT
  const js = createJsNetwork(weights)
  const engines: Timed[] = []
  if (simdSupported()) {
    for (const [precision, bytesEach] of [
      ['f32', 4],
      ['int16', 2],
    ] as const) {
      const engine = createWasmNetwork(weights, readKernel(), precision)
      const guided = createWasmNetwork(weights, readKernel(), precision)
      guided.condition(new Float32Array(conditioningSize), GUIDANCE)
      const bytes = bytesEach * matrices
      const unguided = engines.push({ name: engine.backend, engine, bytes }) - 1
      engines.push({ name: `${guided.backend}, guided`, engine: guided, bytes, unguided })
    }
  }
  const tfjs = await openTfjs(weights)
  if (tfjs) {
    refuseOther(tfjs, js)
    // It multiplies its whole input, events and all, where ours look one row up.
    const bytes = 4 * (matrices + (EVENT_COUNT + conditioningSize) * 4 * units)
    engines.push({ name: tfjs.backend, engine: tfjs, bytes })
  }
  return [...engines, { name: js.backend, engine: js, bytes: 4 * matrices }]
}

/** TensorFlow.js on its wasm backend (SIMD; in Node it has one thread), where it is installed; says so where it isn't. */
async function openTfjs(weights: Weights): Promise<Network | null> {
  try {
    return await openNetwork(weights, 'tfjs-wasm', 'f32')
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n`)
    return null
  }
}

/** Throws unless both have the same logits, from the first step on. */
function refuseOther(other: Network, ours: Network): void {
  for (let step = 0; step < COMPARED_STEPS; step++) {
    other.step(eventOf(step))
    ours.step(eventOf(step))
    const worst = ours.logits.reduce((most, x, i) => Math.max(most, Math.abs(x - other.logits[i]!)), 0)
    if (!(worst <= AGREEMENT)) {
      throw new Error(
        `The logits of ${other.backend} at step ${step} are ${worst} off: not the same network.`,
      )
    }
  }
}
