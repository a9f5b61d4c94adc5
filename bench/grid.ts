import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import type { GridName } from '../src/engine/language/grid.js'
import { encodeSteps, quantize } from '../src/engine/language/performance.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { beginMusic, renderMusic } from '../src/engine/offline/rendering.js'
import { createPianist, type Pianist } from '../src/engine/pianist/pianist.js'
import { MINUTE_MS } from '../src/engine/units.js'
import { parseLeadSheet } from '../src/io/lead-sheet/lead-sheet.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { gridFigures } from './grid-measures.js'
import { scoreMinutes } from './minute-measures.js'
import { printTable, type Row, round } from './table.js'

/** The grid's constants were chosen on seeds 1 to 8. */
const SEEDS = [101, 102, 103, 104, 105, 106]
const TEMPO = 112
const CELLS = { '1/8': 2, '1/16': 4 } as const
const STRENGTHS = [0, 0.5, 1]

/** Blocks of events whose time is taken, with the grid and without by turns; what else the machine does then slows down both. */
const BLOCKS = 60
const BLOCK = 100

/** What a setting's runs measure, summed over the seeds. */
interface Sums {
  notes: number
  chords: number
  strength: number
  offBeat: number
  nats: number
  events: number
}

/** Measures what a grid does to the music, `seconds` of it for each seed and setting, and what it costs. */
export async function grid(seconds: number): Promise<readonly Row[]> {
  const model = readModel(modelFolder('rubato-piano'))
  const open = () => createNetwork(model.weights, 'auto', readKernel(), 'auto')
  const [player, judge] = [open(), open()]
  const pulse = { at: 0, beatMs: MINUTE_MS / TEMPO }
  const count = SEEDS.length

  function measure(name: keyof typeof CELLS, swing: number, strength: number): Sums {
    const sums = { notes: 0, chords: 0, strength: 0, offBeat: 0, nats: 0, events: 0 }
    for (const seed of SEEDS) {
      const controls = controlsOf(name, swing, strength)
      player.reset()
      const options = { network: player, layout: model.spec.conditioning, seed, controls }
      const { notes } = renderMusic(options, 1000 * seconds)
      const figures = gridFigures(notes, pulse, CELLS[name], swing)
      sums.notes += notes.length
      sums.chords += figures.chords
      sums.strength += figures.vectorStrength / count
      sums.offBeat += figures.offBeat / count
      for (const { nats, events } of scoreMinutes(judge, encodeSteps(quantize(notes)))) {
        sums.nats += nats
        sums.events += events
      }
    }
    return sums
  }

  const off = measure('1/8', 50, 0)
  const rows = (['1/8', '1/16'] as const).flatMap((name) =>
    [50, 66].flatMap((swing) =>
      STRENGTHS.map((strength) => {
        const sums = measure(name, swing, strength)
        return {
          grid: name,
          swing,
          strength,
          'vector strength': round(sums.strength, 3),
          'off-beats %': round(sums.offBeat, 1),
          'notes/s': round(sums.notes / count / seconds, 2),
          'of off %': round((100 * sums.notes) / off.notes, 1),
          'chords/min': round((60 * sums.chords) / count / seconds, 1),
          'nats/event': round(sums.nats / sums.events, 3),
        }
      }),
    ),
  )
  printTable(`The grid at ${TEMPO} BPM, ${count} seeds, ${seconds} s each; strength 0 is off`, rows)
  return [...rows, ...costRows(() => open())]
}

function controlsOf(grid: GridName, swing: number, gridStrength: number): Controls {
  const plain = { ...defaultControls(), tempo: TEMPO }
  return gridStrength === 0 ? plain : { ...plain, grid, gridStrength, swing }
}

/** The time of an event with the grid, and with swing and chords as well, as shares of that without: blocks, one after the other. */
function costRows(open: () => ReturnType<typeof createNetwork>): readonly Row[] {
  const layout = readModel(modelFolder('rubato-piano')).spec.conditioning
  const begin = (controls: Controls, hasChords = false): Pianist => {
    const pianist = createPianist({ network: open(), layout, seed: SEEDS[0]!, controls, emit: () => {} })
    const command = { type: 'set-progression', progression: parseLeadSheet('Am7 F | C G/B') } as const
    if (hasChords) pianist.apply({ kind: 'command', command })
    beginMusic(pianist, 'ms')
    return pianist
  }
  const pianists = [
    begin(controlsOf('1/16', 66, 0)),
    begin(controlsOf('1/16', 66, 1)),
    begin(controlsOf('1/16', 66, 1), true),
  ]
  const blockOf = ({ plan }: Pianist): number => {
    const { steps } = plan
    const began = performance.now()
    while (plan.steps - steps < BLOCK) {
      plan.sample()
      plan.commit()
    }
    return performance.now() - began
  }
  const ratios: number[][] = [[], []]
  for (let block = 0; block < BLOCKS; block++) {
    const [without, ...on] = pianists.map(blockOf)
    for (const [kind, time] of on.entries()) if (block >= BLOCKS / 6) ratios[kind]!.push(time / without!)
  }
  for (const kind of ratios) kind.sort((a, b) => a - b)
  const rows = [0.1, 0.5, 0.9].map((share) => ({
    percentile: `p${100 * share}`,
    'grid: cost of off %': round(100 * percentile(ratios[0]!, share), 1),
    'grid, swing and chords %': round(100 * percentile(ratios[1]!, share), 1),
  }))
  printTable(`The cost of an event, ${ratios[0]!.length} rounds of ${BLOCK} events of each kind`, rows)
  return rows
}
