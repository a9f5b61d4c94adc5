import { type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import type { Note } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import { render } from '../src/engine/offline/rendering.js'
import { Refused } from '../src/engine/refused.js'
import { BEAT_TEMPO, type Ms, STEP_MS, STEPS_PER_BEAT } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { printTable, type Row, round } from './table.js'
import { topVoice } from './top-voice.js'

const FLAGS: readonly Flag[] = [
  { name: 'seconds', value: 'N', help: 'how long each seed plays (300)' },
  { name: 'seeds', value: 'N', help: 'how many seeds play (5)' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/near-songs.js TRAINED-ON OTHERS --model pop [options]',
  'Counts how much of the melodies that a model plays is note by note in the songs that it was trained on, beside other songs. Both folders are those of `python3 training songs`.',
  [['Options', FLAGS]],
)

/** Lengths of the stretches that are looked up, in notes: some notes are anybody's, two bars of melody have about 12. */
const LENGTHS = [8, 12, 16, 24]

const SIXTEENTH: Ms = (STEPS_PER_BEAT / 4) * STEP_MS

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [trainedOn, others] = given.positionals
  if (trainedOn === undefined || others === undefined)
    throw new Refused('Give the folder of the songs trained on, and that of others.')
  const seconds = numberFrom(given, 'seconds', { min: 10, max: 3600 }, 300)
  const seeds = numberFrom(given, 'seeds', { min: 1, max: 100, whole: true }, 5)
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const controls = { ...defaultControls(), tempo: BEAT_TEMPO }
  const played = Array.from({ length: seeds }, (_, n) =>
    render({ network, ...languageOf(model.spec), seed: n + 1, controls }, 1000 * seconds),
  )
  const known = stretchesOf(await melodiesIn(trainedOn))
  const rows = [
    shares('other songs', await melodiesIn(others), known),
    shares(model.spec.name, played.map(melodyOf), known),
  ]
  printTable('Stretches of melody that are in the songs trained on, in %, by their length in notes', rows)
}

async function melodiesIn(folder: string): Promise<string[][]> {
  const melodies: string[][] = []
  for (const path of await listMidiFiles([folder]))
    melodies.push(melodyOf((await readMidiFile(path, 'beat')).notes))
  return melodies
}

/** A melody as its steps: the interval to the next note and the time to it in whole sixteenths, so in any key. */
function melodyOf(notes: readonly Note[]): string[] {
  const voice = topVoice(notes)
  return voice.slice(1).map(({ start, pitch }, n) => {
    const before = voice[n]!
    return `${pitch - before.pitch}:${Math.round((start - before.start) / SIXTEENTH)}`
  })
}

function stretchesOf(melodies: readonly (readonly string[])[]): ReadonlySet<string> {
  return new Set(LENGTHS.flatMap((length) => melodies.flatMap((melody) => cut(melody, length))))
}

/** All stretches of so many notes. */
function cut(melody: readonly string[], length: number): string[] {
  const steps = length - 1
  return Array.from({ length: Math.max(0, melody.length - steps + 1) }, (_, at) =>
    melody.slice(at, at + steps).join(' '),
  )
}

function shares(music: string, melodies: readonly (readonly string[])[], known: ReadonlySet<string>): Row {
  const found = LENGTHS.map((length) => {
    const stretches = melodies.flatMap((melody) => cut(melody, length))
    const near = stretches.filter((stretch) => known.has(stretch)).length
    return [`${length} notes`, round((100 * near) / Math.max(1, stretches.length), 2)]
  })
  return {
    music,
    notes: melodies.reduce((sum, melody) => sum + melody.length, 0),
    ...Object.fromEntries(found),
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
