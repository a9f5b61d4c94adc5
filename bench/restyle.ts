import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { encodeSteps, quantize, type StepNote } from '../src/engine/language/performance.js'
import { Refused } from '../src/engine/refused.js'
import { type RestyleOptions, restyle } from '../src/engine/restyle/restyle.js'
import { transposed } from '../src/engine/restyle/transposition.js'
import { type Gram, gramOf } from '../src/engine/style/gram.js'
import { type Ms, STEP_MS, type Steps } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { choosePerformances } from './maestro-table.js'
import { printTable, round } from './table.js'
import { topVoice } from './top-voice.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'validation, or train: for choosing settings (validation)' },
  { name: 'contents', value: 'N', help: 'how many contents (10)' },
  { name: 'styles', value: 'N', help: 'how many styles, each of which every content takes on (10)' },
  { name: 'seconds', value: 'N', help: 'length of a content (20); a style is 60 s long' },
  { name: 'balance', value: 'N', help: 'as for rubato restyle (0.7)' },
  {
    name: 'beam',
    value: 'N',
    help: 'as for rubato restyle (8); with 1 the style is only leaned to, as it is live',
  },
  { name: 'keep-key', help: 'as for rubato restyle' },
  { name: 'seed', value: 'N', help: 'the seed of all (1)' },
  { name: 'pairs', help: 'print a line for each content in each style as well' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/restyle.js MAESTRO-FOLDER/maestro-v2.0.0.csv [options]',
  'Plays contents in styles: how near the style comes, beside the same at balance 0, and how much of the melody stays.',
  [['Options', FLAGS]],
)

const STYLE_LENGTH: Ms = 60_000

/** An excerpt begins at this share of a performance, because beginnings are often unlike the rest. */
const BEGINS_AT = 0.3

/** An excerpt with fewer notes is left out. */
const FEWEST_NOTES = 20

/** How far a note of the melody may be from its time. */
const TOLERANCE: Ms = 50

/** The notes of a performance that are struck within `length` from {@link BEGINS_AT} on, from step 0. */
async function excerptOf(path: string, length: Ms): Promise<StepNote[]> {
  const { notes } = await readMidiFile(path)
  const from = (notes.at(-1)?.start ?? 0) * BEGINS_AT
  const within = notes.filter(({ start }) => start >= from && start < from + length)
  return quantize(within.map((note) => ({ ...note, end: Math.min(note.end, from + length) })))
}

/**
 * Contents and styles from different performances: of those that {@link choosePerformances} gives, evenly spaced, one is a content
 * and the next a style in turn, until there are enough.
 */
async function chooseExcerpts(table: string, split: string, contents: number, styles: number, length: Ms) {
  const most = 2 * Math.max(contents, styles)
  const chosen = { contents: [] as StepNote[][], styles: [] as StepNote[][] }
  for (const [n, path] of choosePerformances(table, split, most).entries()) {
    const isStyle = n % 2 === 1
    const notes = await excerptOf(path, isStyle ? STYLE_LENGTH : length)
    if (notes.length >= FEWEST_NOTES) (isStyle ? chosen.styles : chosen.contents).push(notes)
  }
  return { contents: chosen.contents.slice(0, contents), styles: chosen.styles.slice(0, styles) }
}

/** The harmonic mean of precision and recall of the melody's notes, each by pitch and time. */
function melodyF1(content: readonly StepNote[], played: readonly StepNote[]): number {
  const inMs = (notes: readonly StepNote[]) =>
    topVoice(notes.map((note) => ({ ...note, start: note.start * STEP_MS, end: note.end * STEP_MS })))
  const asked = inMs(content)
  const left = inMs(played)
  const count = asked.length + left.length
  let kept = 0
  for (const { pitch, start } of asked) {
    const found = left.findIndex((note) => note.pitch === pitch && Math.abs(note.start - start) <= TOLERANCE)
    if (found < 0) continue
    left.splice(found, 1)
    kept++
  }
  return (2 * kept) / count
}

/** A content in a style, beside the same without. */
interface Pair {
  readonly content: number
  readonly style: number
  readonly notes: number
  readonly transposition: number
  /** Gram distances from the reference: of the unstyled rendition, and of the styled one. */
  readonly before: number
  readonly after: number
  readonly f1: number
  readonly contentLoss: number
  /** Whether the reference is nearer than all the others. */
  readonly isNearest: boolean
  /** The same of the unstyled rendition. */
  readonly wasNearest: boolean
}

function isNearest(gram: Gram, references: readonly Gram[], own: Gram): boolean {
  const distance = gram.distance(own)
  return references.every((other) => other === own || gram.distance(other) > distance)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [table] = given.positionals
  if (table === undefined) throw new Refused("Give MAESTRO's table, which lies in its folder.")
  const whole = { min: 1, max: 64, whole: true }
  const number = (name: string, otherwise: number) => numberFrom(given, name, whole, otherwise)
  const seconds = numberFrom(given, 'seconds', { min: 5, max: 600 }, 20)
  const balance = numberFrom(given, 'balance', { min: 0, max: 1 }, 0.7)
  const [beam, seed] = [number('beam', 8), number('seed', 1)]
  const split = choiceFrom(given, 'split', ['validation', 'train'])
  const { contents, styles } = await chooseExcerpts(
    table,
    split,
    number('contents', 10),
    number('styles', 10),
    seconds * 1000,
  )
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const ear = await openNetwork(model.weights, backend, precision)
  const shape = model.spec.network
  const gram = (notes: readonly StepNote[]) => gramOf(ear, shape, encodeSteps(notes))
  const references = styles.map(gram)
  const options: Omit<RestyleOptions, 'content' | 'style' | 'balance'> = {
    mayTranspose: given.values['keep-key'] !== true,
    network,
    ear,
    spec: model.spec,
    seed,
    beam,
  }
  let music: Steps = 0
  let worked = 0
  let waited = 0
  const pairs: Pair[] = []
  for (const [c, content] of contents.entries()) {
    const unstyled = gram(restyle({ ...options, content, style: styles[0]!, balance: 0 }).notes)
    for (const [s, style] of styles.entries()) {
      const cpu = process.cpuUsage()
      const started = performance.now()
      const { notes, contentLoss, transposition } = restyle({ ...options, content, style, balance })
      const { user, system } = process.cpuUsage(cpu)
      worked += (user + system) / 1000
      waited += performance.now() - started
      music += notes.at(-1)!.end
      const own = references[s]!
      const styled = gram(notes)
      const pair = {
        content: c + 1,
        style: s + 1,
        notes: notes.length,
        transposition,
        before: round(unstyled.distance(own), 3),
        after: round(styled.distance(own), 3),
        f1: round(melodyF1(transposed(content, transposition), notes), 3),
        contentLoss: round(contentLoss, 3),
        isNearest: isNearest(styled, references, own),
        wasNearest: isNearest(unstyled, references, own),
      }
      pairs.push(pair)
      if (given.values.pairs) process.stderr.write(`${JSON.stringify(pair)}\n`)
    }
  }
  const f1s = pairs.map(({ f1 }) => f1)
  const perMinute = (ms: Ms) => round((60 * ms) / (music * STEP_MS), 1)
  printTable(
    `${contents.length} contents of ${seconds} s in ${styles.length} styles, beam ${beam}, balance ${balance}`,
    [
      {
        pairs: pairs.length,
        nearer: pairs.filter(({ before, after }) => after < before).length,
        'median reduction, %': round(100 * median(pairs.map(({ before, after }) => 1 - after / before)), 1),
        'right one nearest': pairs.filter((pair) => pair.isNearest).length,
        unstyled: pairs.filter((pair) => pair.wasNearest).length,
        'melody F1': round(median(f1s), 3),
        least: Math.min(...f1s),
        'F1 of 0.9': f1s.filter((f1) => f1 >= 0.9).length,
        'content loss': round(median(pairs.map((pair) => pair.contentLoss)), 3),
        's a minute': perMinute(waited),
        'CPU s a minute': perMinute(worked),
      },
    ],
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
