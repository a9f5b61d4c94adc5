import { chance } from '../src/engine/chance.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { createDistribution } from '../src/engine/sampling/distribution.js'
import { createMask } from '../src/engine/sampling/event-mask.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { printTable, type Row, round } from './table.js'

/** How many distributions of the real model are drawn from. */
const DISTRIBUTIONS = 256
/** How often all of them are drawn from. Each pass is timed as a whole, because one draw is too short for the clock. */
const PASSES = 100
const UNTIMED = 20

/** Measures what an event costs besides the network's step: shaping the distribution and drawing from it. */
export async function drawCost(): Promise<readonly Row[]> {
  const network = createNetwork(readModel(modelFolder('rubato-piano')).weights, 'auto', readKernel(), 'auto')
  const sampler = createDistribution()
  const allowed = createMask()
  const plain = { ...defaultControls(), temperature: 0.9, topP: 1 }
  const logits: Float32Array[] = []
  for (let n = 0, event = 355; n < DISTRIBUTIONS; n++) {
    network.step(event)
    logits.push(network.logits.slice())
    sampler.shape(network.logits, plain, allowed, 0)
    event = sampler.draw(chance(1, 0, n, 0))
  }
  const kinds = [
    { title: 'temperature', settings: plain },
    { title: 'temperature and top-p', settings: { ...plain, topP: 0.98 } },
    {
      title: 'all temperatures and top-p',
      settings: {
        ...plain,
        pitchTemperature: 0.9,
        timingTemperature: 0.9,
        dynamicsTemperature: 0.9,
        topP: 0.98,
      },
    },
  ]
  const rows = kinds.map(({ title, settings }) => {
    const times: number[] = []
    for (let pass = -UNTIMED; pass < PASSES; pass++) {
      const before = performance.now()
      logits.forEach((each, n) => {
        sampler.shape(each, settings, allowed, 0)
        sampler.draw(chance(1, 0, n, 0))
      })
      if (pass >= 0) times.push((1000 * (performance.now() - before)) / DISTRIBUTIONS)
    }
    times.sort((a, b) => a - b)
    return {
      settings: title,
      'p50 us': round(percentile(times, 0.5), 1),
      'p99 us': round(percentile(times, 0.99), 1),
    }
  })
  printTable(`One draw, means of ${DISTRIBUTIONS}, ${PASSES} times`, rows)
  return rows
}
