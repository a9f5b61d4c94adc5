import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import type { GridName } from '../src/engine/language/grid.js'
import { encodeSteps, quantize } from '../src/engine/language/performance.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { renderMusic } from '../src/engine/offline/rendering.js'
import { MINUTE_MS } from '../src/engine/units.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { gridFigures } from './grid-measures.js'
import { scoreMinutes } from './minute-measures.js'
import { printTable, type Row, round } from './table.js'

/** The grid's constants were chosen on seeds 1 to 8. */
const SEEDS = [101, 102, 103, 104, 105, 106, 107, 108]
const TEMPO = 112
const CELLS = { '1/8': 2, '1/16': 4 } as const

/** What a run measures, summed over its seeds. */
interface Sums {
  notes: number
  chords: number
  strength: number
  offBeat: number
  nats: number
  events: number
}

/** Measures what a grid does to the music, and what it costs: all seeds with each setting, `seconds` of music each. */
export async function grid(seconds: number): Promise<readonly Row[]> {
  return gridRows(SEEDS, seconds)
}

/** The rows of {@link grid} for other seeds. */
export function gridRows(
  seeds: readonly number[],
  seconds: number,
  others: Partial<Controls> = {},
): readonly Row[] {
  const model = readModel(modelFolder('rubato-piano'))
  const open = () => createNetwork(model.weights, 'auto', readKernel(), 'auto')
  const [player, judge] = [open(), open()]
  const pulse = { at: 0, beatMs: MINUTE_MS / TEMPO }
  const settings = (['1/8', '1/16'] as const).flatMap((name) =>
    [50, 66].flatMap((swing) => [0, 0.5, 1].map((strength) => ({ name, swing, strength }))),
  )
  const measure = (name: keyof typeof CELLS, swing: number, strength: number): Sums => {
    const sums = { notes: 0, chords: 0, strength: 0, offBeat: 0, nats: 0, events: 0 }
    for (const seed of seeds) {
      const controls = { ...defaultControls(), ...others, tempo: TEMPO, ...onGrid(name, swing, strength) }
      const { notes } = renderMusic(
        { network: player, layout: model.spec.conditioning, seed, controls },
        1000 * seconds,
      )
      player.reset()
      const figures = gridFigures(notes, pulse, CELLS[name], swing)
      sums.notes += notes.length
      sums.chords += figures.chords
      sums.strength += figures.vectorStrength / seeds.length
      sums.offBeat += figures.offBeat / seeds.length
      for (const { nats, events } of scoreMinutes(judge, encodeSteps(quantize(notes)))) {
        sums.nats += nats
        sums.events += events
      }
    }
    return sums
  }
  let off = measure('1/8', 50, 0)
  const rows = settings.map(({ name, swing, strength }) => {
    const sums = measure(name, swing, strength)
    if (strength === 0) off = sums
    return {
      grid: name,
      swing,
      strength,
      'vector strength': round(sums.strength, 3),
      'off-beats %': round(sums.offBeat, 1),
      'notes/s': round(sums.notes / seeds.length / seconds, 2),
      'of off %': round((100 * sums.notes) / off.notes, 1),
      'chords/min': round((60 * sums.chords) / seeds.length / seconds, 1),
      'nats/event': round(sums.nats / sums.events, 3),
    }
  })
  printTable(`The grid at ${TEMPO} BPM, ${seeds.length} seeds, ${seconds} s each`, rows)
  return rows
}

function onGrid(grid: GridName, swing: number, gridStrength: number): Partial<Controls> {
  return gridStrength === 0 ? {} : { grid, gridStrength, swing }
}
