import { chance } from '../src/engine/chance.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { type EventIndex, FIRST_INPUT } from '../src/engine/language/events.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { createDistribution, type DrawSettings } from '../src/engine/sampling/distribution.js'
import { createMask } from '../src/engine/sampling/event-mask.js'
import { notesOfEvents } from '../src/engine/sampling/event-notes.js'
import { copyMoment, firstMoment, type Moment, passEvent } from '../src/engine/sampling/moment.js'
import { profileOf } from '../src/engine/style/measure.js'
import { StyleFactors } from '../src/engine/style/style-factors.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { printTable, type Row, round } from './table.js'

/** How many distributions of the real model are drawn from. */
const DISTRIBUTIONS = 256
/** How often all of them are drawn from. Each pass is timed as a whole, because one draw is too short for the clock. */
const PASSES = 100
const UNTIMED = 20

/** How strongly the style is borrowed: the control's default. */
const STRENGTH = 0.7

const USUAL: DrawSettings = { ...defaultControls(), temperature: 0.9, topP: 0.98 }

/** Measures what an event costs besides the network's step: shaping the distribution and drawing from it. */
export async function drawCost(): Promise<readonly Row[]> {
  const network = createNetwork(readModel(modelFolder('rubato-piano')).weights, 'auto', readKernel(), 'auto')
  const sampler = createDistribution()
  const allowed = createMask()
  const plain = { ...defaultControls(), temperature: 0.9, topP: 1 }
  const drawn: { readonly logits: Float32Array; readonly moment: Moment }[] = []
  const events: EventIndex[] = []
  const moment = firstMoment(0)
  for (let n = 0, event = FIRST_INPUT; n < DISTRIBUTIONS; n++) {
    network.step(event)
    const before = firstMoment(0)
    copyMoment(moment, before)
    drawn.push({ logits: network.logits.slice(), moment: before })
    sampler.shape(network.logits, plain, allowed, 0)
    event = sampler.draw(chance(1, 0, n, 0))
    passEvent(moment, event)
    events.push(event)
  }
  const style = new StyleFactors(profileOf(notesOfEvents(events, moment.clock)), STRENGTH)
  const all = {
    ...plain,
    pitchTemperature: 0.9,
    timingTemperature: 0.9,
    dynamicsTemperature: 0.9,
    topP: 0.98,
  }
  const kinds: readonly { title: string; settings: (moment: Moment) => DrawSettings }[] = [
    { title: 'temperature', settings: () => plain },
    { title: 'temperature and top-p', settings: () => USUAL },
    { title: 'all temperatures and top-p', settings: () => all },
    {
      title: 'temperature, top-p and a borrowed style',
      settings: (at) => ({ ...USUAL, eventWeights: style.at(at) }),
    },
  ]
  const times = kinds.map((): number[] => [])
  // All kinds in every pass, so that what else the machine does weighs on each alike.
  for (let pass = -UNTIMED; pass < PASSES; pass++) {
    for (const [kind, { settings }] of kinds.entries()) {
      const before = performance.now()
      for (const [n, { logits, moment: at }] of drawn.entries()) {
        sampler.shape(logits, settings(at), allowed, 0)
        sampler.draw(chance(1, 0, n, 0))
      }
      if (pass >= 0) times[kind]!.push((1000 * (performance.now() - before)) / DISTRIBUTIONS)
    }
  }
  const usual = times[1]!
  const rows = kinds.map(({ title }, kind) => {
    const own = times[kind]!.toSorted((a, b) => a - b)
    const ratios = times[kind]!.map((time, pass) => time / usual[pass]!).toSorted((a, b) => a - b)
    return {
      settings: title,
      'p50 us': round(percentile(own, 0.5), 1),
      'p99 us': round(percentile(own, 0.99), 1),
      'times temperature and top-p': round(percentile(ratios, 0.5), 2),
    }
  })
  printTable(`One draw, means of ${DISTRIBUTIONS}, ${PASSES} times`, rows)
  return rows
}
