import { type Flag, helpText, numberFrom, parseFlags, textFrom } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { encodeSteps, quantize, type StepNote } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import { render } from '../src/engine/offline/rendering.js'
import { Refused } from '../src/engine/refused.js'
import { gramOf } from '../src/engine/style/gram.js'
import { profileOf } from '../src/engine/style/measure.js'
import {
  FIGURE_NAMES,
  type FigureName,
  LEAST_STYLE_NOTES,
  roundedProfile,
} from '../src/engine/style/profile.js'
import { STEP_MS } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import {
  beginOf,
  cut,
  MEASURES,
  notesOf,
  piecesByPianist,
  recordingsOf,
  type Style,
} from './style-recordings.js'
import { printTable, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'the performances of train, validation or test (validation)' },
  { name: 'styles', value: 'N', help: 'how many pianists (10)' },
  { name: 'skip', value: 'N', help: 'how many pianists are left out before them (0)' },
  { name: 'seconds', value: 'N', help: 'length of the recordings and of the music (60)' },
  { name: 'strength', value: 'N', help: 'value of the control style (that of the control table)' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]
const HELP = helpText(
  'node build/bench/style-borrowed.js MAESTRO-FOLDER [options]',
  'Measures how much nearer music comes to recordings whose manner it borrows, and whether each can be told from the others.',
  [['Options', FLAGS]],
)

/** Figures that are compared by their ratio. */
const RATIOS: readonly FigureName[] = ['density', 'articulation', 'noteLength']

/** A recording's manner, and those of the music without and with it, of the same seed. */
interface Borrowed {
  readonly reference: Style
  readonly without: Style
  readonly with: Style
}

/** How far two styles are apart in a figure: the difference, or of ratios the natural logarithm, without its sign. */
function figureDistance(name: FigureName, a: Style, b: Style): number {
  const [x, y] = [a.profile[name], b.profile[name]]
  return RATIOS.includes(name) ? Math.abs(Math.log(x / y)) : Math.abs(x - y)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function row(what: string, all: readonly Borrowed[], distance: (a: Style, b: Style) => number) {
  const without = all.map((borrowed) => distance(borrowed.reference, borrowed.without))
  const borrowed = all.map((one) => distance(one.reference, one.with))
  return {
    measure: what,
    without: round(mean(without), 3),
    'with it': round(mean(borrowed), 3),
    nearer: `${borrowed.filter((value, n) => value < without[n]!).length} of ${all.length}`,
    'right one nearest': `${all.filter((one) => all.every(({ reference }) => distance(reference, one.with) >= distance(one.reference, one.with))).length} of ${all.length}`,
  }
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined)
    throw new Refused('Give the folder of MAESTRO: node build/bench/style-borrowed.js FOLDER')
  const most = numberFrom(given, 'styles', { min: 2, max: 1000 }, 10)
  const skipped = numberFrom(given, 'skip', { min: 0, max: 1000 }, 0)
  const seconds = numberFrom(given, 'seconds', { min: 10, max: 600 }, 60)
  const start = defaultControls()
  const styleStrength = numberFrom(given, 'strength', { min: 0, max: 1 }, start.styleStrength)
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const styleOf = (notes: readonly StepNote[]): Style => ({
    gram: gramOf(network, model.spec.network, encodeSteps(notes)),
    profile: roundedProfile(profileOf(notes)),
  })
  const all: Borrowed[] = []
  const recordings = recordingsOf(folder, textFrom(given, 'split') ?? 'validation')
  for (const [{ file }] of piecesByPianist(recordings).slice(skipped)) {
    if (all.length === most) break
    const notes = await notesOf(folder, file)
    const excerpt = cut(notes, beginOf(notes), (1000 * seconds) / STEP_MS)
    if (excerpt.length < LEAST_STYLE_NOTES) continue
    const reference = styleOf(excerpt)
    const play = (strength: number): Style => {
      const style = { name: file, profile: reference.profile }
      const controls = { ...start, styleStrength: strength }
      const seed = 1 + skipped + all.length
      const options = { network, ...languageOf(model.spec), seed, controls, style }
      return styleOf(quantize(render(options, 1000 * seconds)))
    }
    all.push({ reference, without: play(0), with: play(styleStrength) })
  }
  printTable(
    `Distance of ${seconds} s of music from the recording whose manner it borrows by ${styleStrength}`,
    [
      ...FIGURE_NAMES.filter((name) => name !== 'notes').map((name) =>
        row(name, all, (a, b) => figureDistance(name, a, b)),
      ),
      ...Object.entries(MEASURES).map(([title, measure]) => row(title, all, measure)),
    ],
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
