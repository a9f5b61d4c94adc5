import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG } from '../src/cli/flags/music-flags.js'
import { quantize, type StepNote } from '../src/engine/language/performance.js'
import { Refused } from '../src/engine/refused.js'
import { STEP_MS } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { flatten, splitPaths } from './flattened-scores.js'

const FLAGS: readonly Flag[] = [
  { name: 'seconds', value: 'N', help: 'length of the stretches that are flattened, each by itself (120)' },
  { name: 'split', value: 'NAME', help: 'whose performances: train or validation (train)' },
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/score-notes.js MAESTRO-FOLDER OUT-FOLDER [options]',
  'Flattens the performances of a split, and writes their notes for `python3 training expression`.',
  [['Options', FLAGS]],
)

/** A stretch with fewer notes is left out: its beat can't be estimated. */
const FEWEST_NOTES = 50

/** onset and length by the score in steps, pitch, and the pianist's velocity, as 32-bit integers each. */
const NUMBERS = 4

/** The notes of `notes` in stretches of `length` ms, each from step 0 on. */
function stretchesOf(notes: readonly StepNote[], length: number): StepNote[][] {
  const stretches: StepNote[][] = []
  for (const note of notes) {
    const n = Math.floor((note.start * STEP_MS) / length)
    stretches[n] ??= []
    stretches[n].push(note)
  }
  return stretches.filter((stretch) => stretch !== undefined && stretch.length >= FEWEST_NOTES)
}

function numbersOf(notes: readonly StepNote[]): Int32Array {
  const { score, played } = flatten(notes, 0)
  const numbers = played.map(({ chord, pitch, velocity }) => {
    const { onset, pitches, lengths } = score.chords[chord]!
    return [onset, pitch, lengths[pitches.indexOf(pitch)]!, velocity]
  })
  numbers.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
  return Int32Array.from(numbers.flat())
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder, out] = given.positionals
  if (folder === undefined || out === undefined)
    throw new Refused("Give MAESTRO's folder and one to write to: node build/bench/score-notes.js FOLDER OUT")
  const split = choiceFrom(given, 'split', ['train', 'validation'])
  const length = numberFrom(given, 'seconds', { min: 10, max: 3600 }, 120) * 1000
  mkdirSync(out, { recursive: true })
  const written: Int32Array[] = []
  const performances: number[][] = []
  for (const path of splitPaths(join(folder, 'maestro-v2.0.0.csv'), split)) {
    const stretches = stretchesOf(quantize((await readMidiFile(path)).notes), length).map(numbersOf)
    written.push(...stretches)
    performances.push(stretches.map((numbers) => numbers.length / NUMBERS))
    if (process.stderr.isTTY) process.stderr.write(`\r${performances.length}`)
  }
  const notes = performances.flat().reduce((sum, count) => sum + count, 0)
  writeFileSync(join(out, 'notes.i32'), Buffer.concat(written.map((numbers) => Buffer.from(numbers.buffer))))
  writeFileSync(join(out, 'notes.json'), `${JSON.stringify({ split, performances })}\n`)
  process.stdout.write(`${performances.length} performances, ${notes} notes\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
