import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import { DRUM_CHANNEL } from '../src/engine/controls/parts.js'
import { stepsOf } from '../src/engine/language/percussion.js'
import { encodeSteps, quantize, type StepNote } from '../src/engine/language/performance.js'
import { layoutOf } from '../src/engine/model/conditioning.js'
import { languageOf } from '../src/engine/model/model.js'
import type { Network } from '../src/engine/network/network.js'
import { evaluate } from '../src/engine/offline/evaluate.js'
import { comingNotes } from '../src/engine/offline/performance-conditioning.js'
import { render } from '../src/engine/offline/rendering.js'
import { BEAT_TEMPO } from '../src/engine/units.js'
import { modelFolder, readModel } from '../src/io/models/model-files.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { barsOf, consecutive, hasBackbeats, hasCrash, hasKick, mean, secondHalf } from './drum-bars.js'
import { performancesIn } from './maestro-table.js'
import { printTable, type Row, round } from './table.js'

/** Fewer seeds: one of them decides. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

/** A performance of fewer bars has no bars to compare. */
const LEAST_BARS = 8

const SETTINGS: readonly Partial<Controls>[] = [
  { steady: 0 },
  { steady: 0.5 },
  {},
  { steady: 1 },
  { steady: 1, fills: '4' },
  { steady: 1, fills: 'off' },
]

/**
 * How far a drummer repeats his bars, beside the drummers of Groove's validation split (where `RUBATO_DATA` names a folder that
 * holds `groove-midi`): overlap of consecutive bars, kick and backbeats, and where his fills lie.
 * @param seconds how long each seed plays
 */
export async function drums(seconds: number): Promise<readonly Row[]> {
  const { spec, weights } = readModel(modelFolder('rubato-drums'))
  const network = await openNetwork(weights, 'auto', 'auto')
  const rows: Row[] = []
  const people = await validationDrummers()
  if (people.length > 0) rows.push(rowOf('drummers of the validation split', people, network))
  for (const setting of SETTINGS) {
    const controls = { ...defaultControls(), tempo: BEAT_TEMPO, channel: DRUM_CHANNEL, ...setting }
    const played = SEEDS.map((seed) => {
      const options = { network, ...languageOf(spec), seed, controls }
      return quantize(render(options, 1000 * seconds), 0)
    })
    rows.push(rowOf(`steady ${controls.steady}, fills ${controls.fills}`, played, network))
  }
  printTable('Drums: bars, beside drummers', rows)
  return rows
}

/** The performances in four quarters of Groove's validation split that are long enough; none where the data are missing. */
async function validationDrummers(): Promise<StepNote[][]> {
  const table = join(process.env.RUBATO_DATA ?? '', 'groove-midi', 'info.csv')
  if (!existsSync(table)) return []
  const files = performancesIn(table, 'validation').filter(({ file }) => file.endsWith('_beat_4-4.mid'))
  const played: StepNote[][] = []
  for (const { file } of files) {
    const notes = stepsOf((await readMidiFile(join(dirname(table), file), 'beat')).notes, false, 'beat')
    if (barsOf(notes).length >= LEAST_BARS) played.push(notes)
  }
  return played
}

function rowOf(who: string, played: readonly StepNote[][], network: Network): Row {
  const all = played.map(barsOf)
  const bars = all.flat()
  /** The overlap with the bar before, of bar `n` of the phrases of eight. */
  const at = (n: number) =>
    round(mean(all.flatMap((own) => consecutive(own).filter((_, index) => (index + 1) % 8 === n))), 2)
  const last = (isEighth: boolean) => all.flatMap((own) => own.filter((_, n) => (n % 8 === 7) === isEighth))
  const firsts = all.flatMap((own) => own.filter((_, n) => n > 0 && n % 8 === 0))
  let [events, nats] = [0, 0]
  for (const notes of played) {
    const known = { coming: comingNotes(notes), fill: layoutOf('beat-14').fill }
    const score = evaluate(network, encodeSteps(notes, false), known)
    events += score.events
    nats += score.nats
  }
  return {
    who,
    bars: bars.length,
    overlap: round(mean(all.flatMap(consecutive)), 3),
    'bar 3': at(2),
    'bar 4': at(3),
    'bar 5': at(4),
    'bar 8': at(7),
    'bar 1': at(0),
    'on 2 and 4': round(mean(bars.map((bar) => Number(hasBackbeats(bar)))), 2),
    'kick on 1': round(mean(bars.map((bar) => Number(hasKick(bar)))), 2),
    'strokes a bar': round(mean(bars.map(({ size }) => size)), 1),
    'second half': round(mean(last(false).map(secondHalf)), 1),
    'of bar 8': round(mean(last(true).map(secondHalf)), 1),
    'crash on 1 after it': round(mean(firsts.map((bar) => Number(hasCrash(bar)))), 2),
    'nats/event': round(nats / events, 2),
  }
}
