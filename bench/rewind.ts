import { defaultControls } from '../src/engine/controls/controls.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { createPianist, type Pianist } from '../src/engine/pianist/pianist.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { printTable, type Row, round } from './table.js'

/**
 * How many changes of each control are timed, and how far the music goes on between two of them: no multiple of a step,
 * so that changes come at every moment of a wait.
 */
const TURNS = 200
const UNTIMED = 20
const BETWEEN_MS: Ms = 137

/** How far the plan is sampled ahead before a change, and to what safety margin beyond the horizon after it. */
const LOOKAHEAD_MS: Ms = 400
const SAFETY_MS: Ms = 60

/** Controls that change the draws alone, the conditioning, or the register alone, and their value at the n-th change. */
const CHANGES = [
  { control: 'temperature', value: (n: number) => 0.9 + 0.02 * (n % 11) },
  { control: 'density', value: (n: number) => 12 + (n % 9) },
  { control: 'transpose', value: (n: number) => (n % 5) - 2 },
] as const

/**
 * Measures what a change of a control costs the engine: the rewind, and sampling until the plan reaches the safety margin
 * beyond the horizon again. Only then can notes be handed over under the new value.
 */
export async function rewind(): Promise<readonly Row[]> {
  const { weights, spec } = readModel(modelFolder('rubato-piano'))
  const rows = CHANGES.map(({ control, value }) => {
    const pianist = createPianist({
      network: createNetwork(weights, 'auto', readKernel(), 'auto'),
      layout: spec.conditioning,
      seed: 1,
      controls: { ...defaultControls(), density: 16 },
      emit: () => {},
    })
    pianist.apply({ kind: 'command', command: { type: 'play' } })
    const steps: number[] = []
    const times: Ms[] = []
    for (let turn = -UNTIMED; turn < TURNS; turn++) {
      pianist.advance(pianist.position + BETWEEN_MS)
      sampleTo(pianist, LOOKAHEAD_MS)
      const stepsBefore = pianist.plan.steps
      const before = performance.now()
      pianist.apply({ kind: 'command', command: { type: 'set', control, value: value(turn + UNTIMED) } })
      sampleTo(pianist, SAFETY_MS)
      if (turn < 0) continue
      times.push(performance.now() - before)
      steps.push(pianist.plan.steps - stepsBefore)
    }
    steps.sort((a, b) => a - b)
    times.sort((a, b) => a - b)
    return {
      control,
      'steps p50': percentile(steps, 0.5),
      'steps p99': percentile(steps, 0.99),
      'ms p50': round(percentile(times, 0.5), 2),
      'ms p99': round(percentile(times, 0.99), 2),
    }
  })
  printTable(`A rewind at 16 notes/s, sampled to ${SAFETY_MS} ms beyond the horizon, ${TURNS} each`, rows)
  return rows
}

function sampleTo({ plan, position }: Pianist, ahead: Ms): void {
  plan.sampleBeyond(position + ahead)
}
