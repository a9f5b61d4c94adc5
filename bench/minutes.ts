import { type Flag, helpText, parseFlags, textFrom } from '../src/cli/flags/flags.js'
import { HELP_FLAG, JSON_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { encodeSteps, quantize } from '../src/engine/language/performance.js'
import type { Network } from '../src/engine/network/network.js'
import { Refused } from '../src/engine/refused.js'
import { STEP_MS, type Steps } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { readMinutes, writeMinutes } from './minute-file.js'
import {
  countSilences,
  MEASURE_NAMES,
  MEASURES,
  type MinuteFigures,
  measureMinutes,
  scoreMinutes,
} from './minute-measures.js'
import {
  EDGE_MINUTES,
  edgeMinutesOf,
  edgesOf,
  type MeasuredFile,
  mediansOf,
  type Outside,
  outsideByTurns,
  outsideOf,
  rangesOf,
} from './minute-ranges.js'
import { printTable, type Row, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'each', help: 'show every minute, not only the medians of each file' },
  { name: 'against', value: 'FOLDER', help: 'performances to compare the minutes with' },
  { name: 'save', value: 'FILE', help: "save the figures of --against's minutes to a JSON file" },
  { name: 'load', value: 'FILE', help: 'compare the minutes with those saved to a file' },
  JSON_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/minutes.js FOLDER|FILE... [options]',
  'Measures MIDI files minute by minute, to see whether the music changes over a long time.',
  [['Options', FLAGS]],
)

/** Silences from this length on are counted, because Rubato itself prevents longer ones. */
const LONG_SILENCE: Steps = 2500 / STEP_MS

/** A file that was measured now, not read from saved figures. */
interface FreshFile extends MeasuredFile {
  readonly longSilences: number
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [against, save, load] = ['against', 'save', 'load'].map((flag) => textFrom(given, flag))
  if (against && load)
    throw new Refused('--against measures a reference, --load reads one: give one of them.')
  if (save && !against) throw new Refused('--save saves the figures of --against: give both.')
  if (given.positionals.length === 0 && !save) throw new Refused('Give the MIDI files or folders to measure.')

  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const reference = against ? await measureFiles([against], network) : load ? readMinutes(load) : null
  if (save && reference) writeMinutes(save, reference)
  const files = await measureFiles(given.positionals, network)
  if (files.length > 0) showFiles(files, given.values.each === true)
  if (reference) showReference(reference, files)
  if (given.values.json) process.stdout.write(`${JSON.stringify(asJson(files, reference))}\n`)
}

/** Measures the MIDI files at `paths`, one after another. Throws Refused for the first that can't be used. */
async function measureFiles(paths: readonly string[], network: Network): Promise<FreshFile[]> {
  const files: FreshFile[] = []
  const found = await listMidiFiles(paths)
  for (const [n, path] of found.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${n + 1}/${found.length} ${path}`)
    const notes = quantize((await readMidiFile(path)).notes)
    files.push({
      path,
      minutes: measureMinutes(notes, scoreMinutes(network, encodeSteps(notes))),
      longSilences: countSilences(notes, LONG_SILENCE),
    })
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return files
}

function showFiles(files: readonly FreshFile[], each: boolean): void {
  if (each) {
    for (const { path, minutes } of files)
      printTable(
        path,
        minutes.map((figures, n) => ({ minute: n + 1, ...figureRow(figures) })),
      )
  } else {
    printTable(
      'Medians over the whole minutes of each file',
      files.map(({ path, minutes, longSilences }) => ({
        file: path,
        minutes: minutes.length,
        ...figureRow(mediansOf(minutes)),
        'longest silence s': round(Math.max(0, ...minutes.map(({ silence }) => silence ?? 0)), 1),
        'over 2.5 s': longSilences,
      })),
    )
  }
  const edges = edgesOf(files)
  if (edges)
    printTable(`Medians over the first and the last ${EDGE_MINUTES} minutes of each file`, [
      { minutes: 'first', ...figureRow(edges.first) },
      { minutes: 'last', ...figureRow(edges.last) },
    ])
}

function showReference(reference: readonly MeasuredFile[], files: readonly MeasuredFile[]): void {
  const minutes = reference.flatMap((file) => file.minutes)
  const ranges = rangesOf(minutes)
  const end = (index: 0 | 1): Row =>
    Object.fromEntries(
      MEASURE_NAMES.map((name) => [MEASURES[name].title, round(ranges[name][index], MEASURES[name].digits)]),
    )
  printTable(`The reference: ${reference.length} files, ${minutes.length} minutes`, [
    { percentile: '1st', ...end(0) },
    { percentile: '50th', ...figureRow(mediansOf(minutes)) },
    { percentile: '99th', ...end(1) },
  ])
  const edges = edgeMinutesOf(files)
  const groups: [title: string, minutes: readonly MinuteFigures[]][] = [
    [`all ${files.length} files`, files.length > 1 ? files.flatMap((file) => file.minutes) : []],
    [`first ${EDGE_MINUTES} minutes`, edges.first],
    [`last ${EDGE_MINUTES} minutes`, edges.last],
  ]
  printTable('Percent of minutes outside the 1st to the 99th percentile of the reference', [
    { file: 'the reference, by turns', ...outsideRow(outsideByTurns(reference)) },
    ...files.map((file) => ({ file: file.path, ...outsideRow(outsideOf(file.minutes, ranges)) })),
    ...groups
      .filter(([, minutes]) => minutes.length > 0)
      .map(([file, minutes]) => ({ file, ...outsideRow(outsideOf(minutes, ranges)) })),
  ])
}

function figureRow(figures: MinuteFigures): Row {
  return Object.fromEntries(
    MEASURE_NAMES.map((name) => {
      const value = figures[name]
      return [MEASURES[name].title, value === null ? '-' : round(value, MEASURES[name].digits)]
    }),
  )
}

function outsideRow({ any, each }: Outside): Row {
  const percent = (share: number) => round(100 * share, 1)
  return {
    any: percent(any),
    ...Object.fromEntries(MEASURE_NAMES.map((name) => [MEASURES[name].title, percent(each[name])])),
  }
}

/** Everything that the tables show, not rounded, and the figures of every minute. */
function asJson(files: readonly MeasuredFile[], reference: readonly MeasuredFile[] | null) {
  const minutes = files.flatMap((file) => file.minutes)
  if (!reference) return { files, edges: edgesOf(files) }
  const referenceMinutes = reference.flatMap((file) => file.minutes)
  const ranges = rangesOf(referenceMinutes)
  return {
    files,
    edges: edgesOf(files),
    reference: { files: reference.length, minutes: referenceMinutes.length, ranges },
    outside: { all: outsideOf(minutes, ranges), reference: outsideByTurns(reference) },
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
