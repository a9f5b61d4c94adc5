import { join } from 'node:path'
import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { EXPRESSION_FLAG, FREEDOM_FLAG, freedomFrom, isExpressionOff } from '../src/cli/flags/score-flags.js'
import { foretellLoudness } from '../src/engine/expression/expression-network.js'
import { quantize } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import { perform } from '../src/engine/offline/perform.js'
import { Refused } from '../src/engine/refused.js'
import { STEP_MS } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { readExpression } from '../src/io/models/expression-files.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { flatten, splitPaths } from './flattened-scores.js'
import { performLive } from './perform-live.js'
import { correlation, deviationOf, matched, meanOf, timingDeviations } from './perform-measures.js'
import { printTable, type Row, round } from './table.js'
import { topVoice } from './top-voice.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'whose performances: validation or train (validation)' },
  { name: 'count', value: 'N', help: 'how many of them, the first by name (20)' },
  { name: 'seconds', value: 'N', help: 'how much of each, from its beginning (60)' },
  EXPRESSION_FLAG,
  { name: 'live', help: 'as the live pianist plays them, in one go' },
  FREEDOM_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/perform.js FOLDER [options]',
  'Plays performances of MAESTRO (in FOLDER, with its table) from their bare notes, and measures how like the pianists it is.',
  [['Options', FLAGS]],
)

/** What is kept of each performance: velocities and timings of Rubato and of the pianist, note for note. */
interface Compared {
  readonly velocities: readonly [readonly number[], readonly number[]]
  readonly melody: readonly [readonly number[], readonly number[]]
  readonly timing: readonly [number, number]
  readonly lengths: readonly [number, number]
  readonly lost: number
  readonly added: number
  readonly minutes: number
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined)
    throw new Refused('Give the folder of MAESTRO: node build/bench/perform.js FOLDER')
  const split = choiceFrom(given, 'split', ['validation', 'train'])
  const count = numberFrom(given, 'count', { min: 1, max: 1000, whole: true }, 20)
  const seconds = numberFrom(given, 'seconds', { min: 10, max: 3600 }, 60)
  const freedom = freedomFrom(given)
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const { layout } = languageOf(model.spec)
  const expression = isExpressionOff(given) ? null : readExpression()
  const all: Compared[] = []
  const started = performance.now()
  for (const path of splitPaths(join(folder, 'maestro-v2.0.0.csv'), split).slice(0, count)) {
    const notes = quantize((await readMidiFile(path)).notes).filter(
      ({ start }) => start * STEP_MS < seconds * 1000,
    )
    const flattened = flatten(notes, freedom)
    const { played } = flattened
    const score = expression ? foretellLoudness(expression, flattened.score) : flattened.score
    const performed =
      given.values.live === true
        ? performLive(model.spec, network, score)
        : perform({ network, layout, seed: 1, score })
    const { notes: mine, lost, added } = matched(flattened, performed)
    const pairs = played.flatMap((own, n) => (mine[n] ? [{ own, mine: mine[n] }] : []))
    const top = new Set(
      topVoice(notes.map((note) => ({ ...note, start: note.start * STEP_MS, end: note.end * STEP_MS }))).map(
        ({ start, pitch }) => `${start / STEP_MS} ${pitch}`,
      ),
    )
    const tops = pairs.filter(({ own }) => top.has(`${own.start} ${own.pitch}`))
    const onsets = pairs.map(({ own }) => score.chords[own.chord]!.onset)
    const deviation = (times: readonly number[]) => deviationOf(timingDeviations(onsets, times)) * STEP_MS
    all.push({
      velocities: [pairs.map(({ mine: { velocity } }) => velocity), pairs.map(({ own }) => own.velocity)],
      melody: [tops.map(({ mine: { velocity } }) => velocity), tops.map(({ own }) => own.velocity)],
      timing: [
        deviation(pairs.map(({ mine: { start } }) => start)),
        deviation(pairs.map(({ own }) => own.start)),
      ],
      lengths: [
        meanOf(performed.map(({ start, end }) => end - start)) * STEP_MS,
        meanOf(notes.map(({ start, end }) => end - start)) * STEP_MS,
      ],
      lost,
      added,
      minutes: (performed.at(-1)!.start * STEP_MS) / 60_000,
    })
    if (process.stderr.isTTY) process.stderr.write(`\r${all.length}`)
  }
  const took = (performance.now() - started) / 1000
  printTable(
    `${model.spec.name}, ${all.length} performances (${split}), ${seconds} s of each, freedom ${freedom}`,
    rowsOf(all, took),
  )
}

function rowsOf(all: readonly Compared[], took: number): Row[] {
  const pooled = (of: 'velocities' | 'melody') =>
    correlation(
      all.flatMap((one) => one[of][0]),
      all.flatMap((one) => one[of][1]),
    )
  const each = (of: 'velocities' | 'melody') => meanOf(all.map((one) => correlation(...one[of])))
  const both = (value: (one: Compared, which: 0 | 1) => number, digits: number) =>
    `${round(meanOf(all.map((one) => value(one, 0))), digits)} / ${round(meanOf(all.map((one) => value(one, 1))), digits)}`
  const sum = (of: 'lost' | 'added' | 'minutes') => all.reduce((total, one) => total + one[of], 0)
  const notes = all.reduce((total, one) => total + one.velocities[0].length, 0)
  return [
    {
      what: "velocities beside the pianist's: correlation over all notes",
      value: round(pooled('velocities'), 3),
    },
    { what: 'the same, mean of the performances', value: round(each('velocities'), 3) },
    { what: 'of the top voice alone: over all notes', value: round(pooled('melody'), 3) },
    { what: 'of the top voice alone: mean of the performances', value: round(each('melody'), 3) },
    {
      what: 'spread (SD) of velocities, Rubato / pianist',
      value: both(({ velocities }, n) => deviationOf(velocities[n]), 1),
    },
    { what: 'mean velocity, Rubato / pianist', value: both(({ velocities }, n) => meanOf(velocities[n]), 1) },
    { what: 'spread (SD) of strikes about a smooth tempo, ms', value: both(({ timing }, n) => timing[n], 1) },
    { what: 'mean length of notes, ms', value: both(({ lengths }, n) => lengths[n], 0) },
    { what: 'notes there / lost / added', value: `${notes} / ${sum('lost')} / ${sum('added')}` },
    { what: 'seconds for a minute of music', value: round(took / sum('minutes'), 1) },
  ]
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
