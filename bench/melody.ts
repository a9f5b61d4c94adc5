import { helpText, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import type { Note } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import { render } from '../src/engine/offline/rendering.js'
import { Refused } from '../src/engine/refused.js'
import type { Ms } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { percentile } from '../src/io/meters/lateness.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { printTable, type Row, round } from './table.js'

const HELP = helpText(
  'node build/bench/melody.js FOLDER [options]',
  'Measures the melodies that Rubato plays alone (polyphony 1) beside the top lines of the performances in FOLDER.',
  [['Options', [...NETWORK_FLAGS, HELP_FLAG]]],
)

const SEEDS = [1, 2, 3, 4, 5]
const DURATION: Ms = 180_000

/** The controls of a melody: one voice, from middle C up. */
const MELODY: Partial<Controls> = { polyphony: 1, register: [60, 96] }

/** Without controls, with those that the README gives for a melody, and slower. */
const SETTINGS: readonly (readonly [string, Partial<Controls>])[] = [
  ['nothing asked', {}],
  ['nothing asked, without the tide', { tide: false }],
  ['polyphony 1, register 60-96', MELODY],
  ['the same, density 3', { ...MELODY, density: 3 }],
  ['the same, density 3, key C, scale major', { ...MELODY, density: 3, key: 'C', scale: 'major' }],
]

/** The lowest pitch of a top line, middle C. */
const LOWEST = 60

/** Notes that start within this time of each other are a chord, of which only the highest is melody. */
const CHORD_MS: Ms = 30

interface Line {
  /** Semitones from note to note. */
  readonly intervals: number[]
  /** Silences between notes, 0 where they touch or overlap. */
  readonly gaps: Ms[]
  /** Times from one note's start to the next. */
  readonly paces: Ms[]
  /** How many notes start while the one before still sounds. */
  overlapping: number
}

function lineOf(notes: readonly Note[]): Line {
  const line: Line = { intervals: [], gaps: [], paces: [], overlapping: 0 }
  for (const [n, note] of notes.entries()) {
    const before = notes[n - 1]
    if (!before) continue
    line.intervals.push(note.pitch - before.pitch)
    line.gaps.push(Math.max(0, note.start - before.end))
    line.paces.push(note.start - before.start)
    if (before.end > note.start) line.overlapping++
  }
  return line
}

/** The notes (ordered by start) that start above everything that sounds; of a chord only the highest. */
function topLine(notes: readonly Note[]): Note[] {
  const line: Note[] = []
  for (const note of notes) {
    if (note.pitch < LOWEST) continue
    const last = line.at(-1)
    const isChord = last !== undefined && note.start - last.start < CHORD_MS
    if (isChord && note.pitch > last.pitch) line[line.length - 1] = note
    const isUnder = last !== undefined && last.end > note.start && last.pitch > note.pitch
    if (!isChord && !isUnder) line.push(note)
  }
  return line.map((note, n) => {
    const next = line[n + 1]
    return next && next.start < note.end ? { ...note, end: next.start } : note
  })
}

const share = (values: readonly number[], test: (value: number) => boolean) =>
  values.length === 0 ? 0 : values.filter(test).length / values.length

function rowOf(what: string, lines: readonly Line[], reference: readonly number[]): Row {
  const intervals = lines.flatMap((line) => line.intervals)
  const gaps = lines.flatMap((line) => line.gaps).sort((a, b) => a - b)
  const paces = lines.flatMap((line) => line.paces).sort((a, b) => a - b)
  return {
    what,
    notes: intervals.length,
    'two at once %': round(
      (100 * lines.reduce((sum, line) => sum + line.overlapping, 0)) / intervals.length,
      1,
    ),
    'repeats %': round(100 * share(intervals, (i) => i === 0), 1),
    'steps 1-2 %': round(100 * share(intervals, (i) => Math.abs(i) >= 1 && Math.abs(i) <= 2), 1),
    'thirds to fifths %': round(100 * share(intervals, (i) => Math.abs(i) >= 3 && Math.abs(i) <= 7), 1),
    'over an octave %': round(100 * share(intervals, (i) => Math.abs(i) > 12), 1),
    'overlap of intervals': round(overlap(histogram(intervals), reference), 3),
    'from strike to strike p50, p90 ms': `${round(percentile(paces, 0.5), 0)}, ${round(percentile(paces, 0.9), 0)}`,
    'silences over 1 s %': round(100 * share(gaps, (gap) => gap > 1000), 2),
    'longest silence s': round((gaps.at(-1) ?? 0) / 1000, 1),
  }
}

/** Shares of the intervals from -24 to 24 semitones; larger ones count as those. */
function histogram(intervals: readonly number[]): number[] {
  const counts = new Array<number>(49).fill(0)
  for (const interval of intervals) {
    const at = 24 + Math.max(-24, Math.min(24, interval))
    counts[at] = (counts[at] ?? 0) + 1 / intervals.length
  }
  return counts
}

const overlap = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + Math.min(value, b[i] ?? 0), 0)

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), [...NETWORK_FLAGS, HELP_FLAG], true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined)
    throw new Refused('Give a folder of MIDI files: node build/bench/melody.js FOLDER')
  const people: Line[] = []
  for (const path of await listMidiFiles([folder]))
    people.push(lineOf(topLine((await readMidiFile(path)).notes)))
  const reference = histogram(people.flatMap(({ intervals }) => intervals))
  const halves = [people.filter((_, n) => n % 2 === 0), people.filter((_, n) => n % 2 === 1)] as const
  const apart = overlap(
    histogram(halves[0].flatMap(({ intervals }) => intervals)),
    histogram(halves[1].flatMap(({ intervals }) => intervals)),
  )
  const rows = [rowOf(`top lines of ${people.length} performances`, people, reference)]
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  for (const [what, asked] of SETTINGS) {
    const lines = SEEDS.map((seed) => {
      const controls = { ...defaultControls(), ...asked }
      return lineOf(render({ network, ...languageOf(model.spec), seed, controls }, DURATION))
    })
    rows.push(rowOf(what, lines, reference))
  }
  printTable(`Melodies of ${model.spec.name} beside the top lines of people`, rows)
  process.stdout.write(`Half of the performances overlap with the other half by ${round(apart, 3)}.\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
