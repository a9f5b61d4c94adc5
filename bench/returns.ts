import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { type Flag, helpText, parseFlags, textFrom } from '../src/cli/flags/flags.js'
import { HELP_FLAG, JSON_FLAG } from '../src/cli/flags/music-flags.js'
import type { Note } from '../src/engine/language/performance.js'
import { Refused } from '../src/engine/refused.js'
import { writeWhole } from '../src/io/atomic-file.js'
import { messageOf } from '../src/io/error-text.js'
import { percentile } from '../src/io/meters/lateness.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import {
  FIGURE_KINDS,
  type FormSummary,
  measureForm,
  type PerformanceForm,
  summarize,
} from './form-measures.js'
import { chooseValidation } from './maestro-table.js'
import { selfSimilarity } from './self-similarity.js'
import { similarityPicture } from './similarity-picture.js'
import { printTable, type Row, round } from './table.js'

const FLAGS: readonly Flag[] = [
  {
    name: 'against',
    value: 'FOLDER|CSV',
    help: "performances to compare with; of MAESTRO's table, 30 of the validation split",
  },
  {
    name: 'picture',
    value: 'FILE.svg',
    help: 'draw where the melodies of the files are alike, side by side',
  },
  { name: 'labels', value: 'A,B,...', help: 'names of the files in the picture (else those of the files)' },
  JSON_FLAG,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/returns.js FOLDER|FILE... [options]',
  'Measures the form of MIDI files: how many melodic figures are heard again, the longest exact repeat, and how stable the key is.',
  [['Options', FLAGS]],
)

/** The most files in one picture. More are too many bytes for a page, and too wide for a screen. */
const MOST_IN_PICTURE = 4

/** A performance and its form. */
interface MeasuredFile extends PerformanceForm {
  readonly path: string
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [against, picture, labels] = ['against', 'picture', 'labels'].map((flag) => textFrom(given, flag))
  if (given.positionals.length === 0 && !against)
    throw new Refused('Give the MIDI files or folders to measure.')
  if (labels && !picture) throw new Refused('--labels names the files of --picture: give both.')

  const paths = await listMidiFiles(given.positionals)
  if (picture) writeWhole(picture, Buffer.from(await draw(paths, labels?.split(',') ?? null)))
  const files = await measureFiles(paths)
  const people = against ? await measureFiles(await listReference(against)) : []
  printTable('The form of MIDI files', [
    ...files.map((file) => ({ file: file.path, ...summaryRow(summarize([file])) })),
    ...(files.length > 1 ? [{ file: `all ${files.length} files`, ...summaryRow(summarize(files)) }] : []),
    ...referenceRows(people),
  ])
  if (given.values.json) {
    const summaries = { all: summarize(files), reference: summarize(people) }
    process.stdout.write(
      `${JSON.stringify({ figures: FIGURE_KINDS, files, reference: people, summaries })}\n`,
    )
  }
}

/** The performances to compare with: those in a folder, or the chosen ones of MAESTRO's table. */
async function listReference(path: string): Promise<string[]> {
  const isTable = statSync(path, { throwIfNoEntry: false })?.isFile() && /\.csv$/i.test(path)
  return isTable ? chooseValidation(path) : await listMidiFiles([path])
}

/** Measures the MIDI files at `paths`, one after another. Throws Refused for the first that can't be used. */
async function measureFiles(paths: readonly string[]): Promise<MeasuredFile[]> {
  const files: MeasuredFile[] = []
  for (const [n, path] of paths.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${n + 1}/${paths.length} ${path}`)
    files.push({ path, ...measureForm(await notesOf(path)) })
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return files
}

async function notesOf(path: string): Promise<readonly Note[]> {
  return (await readMidiFile(path)).notes
}

async function draw(paths: readonly string[], labels: readonly string[] | null): Promise<string> {
  if (paths.length === 0) throw new Refused('--picture draws the files given: give at least one.')
  if (paths.length > MOST_IN_PICTURE)
    throw new Refused(`--picture draws at most ${MOST_IN_PICTURE} files, not ${paths.length}: give fewer.`)
  if (labels && labels.length !== paths.length)
    throw new Refused(`--labels needs a name for each file: ${paths.length}, not ${labels.length}.`)
  const squares = []
  for (const [n, path] of paths.entries())
    squares.push({ label: labels?.[n] ?? basename(path), similarity: selfSimilarity(await notesOf(path)) })
  return similarityPicture(squares)
}

function summaryRow(summary: FormSummary): Row {
  const shown = (value: number | null, digits: number) => (value === null ? '-' : round(value, digits))
  return {
    excerpts: summary.excerpts,
    ...Object.fromEntries(
      FIGURE_KINDS.map(({ notes, apart }, n) => [
        `${notes} notes again after ${apart / 1000} s`,
        shown(summary.returning[n]!, 3),
      ]),
    ),
    'longest repeat, events': summary.longestRepeat,
    'windows in main key': shown(summary.inMainKey, 2),
    'keys an excerpt': shown(summary.keys, 1),
    'correlation with whole': shown(summary.correlation, 2),
  }
}

/** All people's performances, and how different they are: percentiles over the performances, each column for itself. */
function referenceRows(people: readonly MeasuredFile[]): Row[] {
  if (people.length === 0) return []
  const rows = people.map((file) => summaryRow(summarize([file])))
  const percentiles = [0.1, 0.5, 0.9].map((share) => ({
    file: `the reference, percentile ${100 * share}`,
    ...Object.fromEntries(
      Object.keys(rows[0]!).map((column) => {
        const values = rows.map((row) => row[column]).filter((value) => typeof value === 'number')
        return [
          column,
          percentile(
            values.sort((a, b) => a - b),
            share,
          ),
        ]
      }),
    ),
  }))
  return [{ file: `the reference, ${people.length} files`, ...summaryRow(summarize(people)) }, ...percentiles]
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
