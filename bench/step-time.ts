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
 * How many turns each engine has, and how many steps a turn. More turns take too long; fewer leave p99 to chance. Turns of a
 * single step would time how the cache is refilled after another engine's 22 MB of weights.
 */
const TURNS = 40
const STEPS = 25
/** Steps at the start of a turn, and first turns, that aren't timed: the cache fills, and V8 compiles the code. */
const UNTIMED = 5
const UNTIMED_TURNS = 2

/** The guidance of the guided steps; any value but 1 costs the same. */
const GUIDANCE = 2

/** TensorFlow.js is timed only if its logits differ by no more than this from our own over the first steps. */
const AGREEMENT = 1e-3
const COMPARED_STEPS = 10

/**
 * Times one step of the real model on each engine. Engines take turns, so that other work of the machine affects all alike.
 * Columns, by the medians: `of wasm f32` is the time divided by that of wasm in f32, `wasm f32 of it` the reverse, `of
 * unguided` the time of a guided step divided by that of an unguided one in the same precision (2 for two separate
 * networks), `GB/s` the packed weights that a step reads. An engine that reaches the bandwidth of the memory, or of a
 * cache that holds 22 MB, gets faster only with smaller weights.
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
  /** For a guided engine the index of the same engine without guidance. */
  readonly unguided?: number
}

/** All engines that run on this machine. */
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
    // TensorFlow.js multiplies by the whole matrix of events, where our engines look up one row.
    const bytes = 4 * (matrices + (EVENT_COUNT + conditioningSize) * 4 * units)
    engines.push({ name: tfjs.backend, engine: tfjs, bytes })
  }
  return [...engines, { name: js.backend, engine: js, bytes: 4 * matrices }]
}

/** TensorFlow.js on its wasm backend (SIMD, one thread in Node); null, with a line on the standard error, if not installed. */
async function openTfjs(weights: Weights): Promise<Network | null> {
  try {
    return await openNetwork(weights, 'tfjs-wasm', 'f32')
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n`)
    return null
  }
}

/** Throws unless both networks have the same logits over the first steps. */
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
