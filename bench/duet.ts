import { join } from 'node:path'
import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import type { Note } from '../src/engine/language/performance.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { Refused } from '../src/engine/refused.js'
import type { Ms } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { readKernel } from '../src/io/models/model-files.js'
import { isTfjs } from '../src/io/models/open-network.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { type Following, following } from './duet-measures.js'
import { performancesIn } from './maestro-table.js'
import { keysOf, startJam } from './recorded-player.js'
import { printTable, type Row, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'whose recordings: validation or train (validation)' },
  { name: 'recordings', value: 'N', help: 'how many slow ones, and how many fast ones (10)' },
  { name: 'most', value: 'N', help: 'how many of the split to choose from, evenly spaced by name (1000)' },
  { name: 'seed', value: 'N', help: 'seed of the pianist (1)' },
  { name: 'beside', value: 'WHICH', help: 'slow recordings, fast ones, or both' },
  { name: 'listen', value: 'WHICH', help: 'off: as before the pianist listened; on; or both' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]
const HELP = helpText(
  'node build/bench/duet.js FOLDER [options]',
  'Plays duets with the slowest and the fastest recordings of MAESTRO (in FOLDER, with its table), in simulated time, and measures how far density, loudness and harmony follow the player.',
  [['Options', FLAGS]],
)

/** The stretch of each recording that is played with: its beginning is often unlike the rest. */
const SKIPPED_MS: Ms = 20_000
const STRETCH_MS: Ms = 60_000
/** What is left out of the measures at the beginning: until then there is little to follow. */
const HEARD_MS: Ms = 4000
const BALANCE = 0.5

interface Stretch {
  readonly name: string
  readonly notes: readonly Note[]
}

/** The notes of a recording between 20 and 80 s; times count from 20 s. */
async function stretchOf(folder: string, file: string): Promise<Stretch> {
  const { notes } = await readMidiFile(join(folder, file))
  const within = notes.filter(({ start }) => start >= SKIPPED_MS && start < SKIPPED_MS + STRETCH_MS)
  return {
    name: file.split('/').at(-1)?.slice(0, 40) ?? file,
    notes: within.map((note) => ({ ...note, start: note.start - SKIPPED_MS, end: note.end - SKIPPED_MS })),
  }
}

function rowOf({ name }: Stretch, result: Following): Row {
  const { asked, played, medianRatio, withinShare, loudness, playerLoudness, loudnessOff } = result
  return {
    recording: name,
    asked: round(asked, 1),
    played: round(played, 1),
    ratio: round(played / asked, 2),
    'median ratio': round(medianRatio, 2),
    'windows within 1.5, %': round(withinShare, 0),
    'velocity heard': round(playerLoudness, 0),
    'velocity played': round(loudness, 0),
    'off in windows': round(loudnessOff, 1),
    'in chord, %': round(result.inChord, 0),
    'or stepping, %': round(result.inOrStepping, 0),
    'chord size': round(result.chordSize, 1),
  }
}

function summary(title: string, results: readonly Following[]): Row {
  const count = (isGood: (result: Following) => boolean) =>
    `${results.filter(isGood).length} of ${results.length}`
  return {
    recordings: title,
    'density within 1.5': count(({ asked, played }) => played / asked <= 1.5 && asked / played <= 1.5),
    'loudness within 10': count(({ loudness, playerLoudness }) => Math.abs(loudness - playerLoudness) <= 10),
    'in 4 s windows within 10': count(({ loudnessOff }) => loudnessOff <= 10),
    '80 % in chord or stepping': count(({ inOrStepping }) => inOrStepping >= 80),
  }
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined) throw new Refused('Give the folder of MAESTRO: node build/bench/duet.js FOLDER')
  const split = choiceFrom(given, 'split', ['validation', 'train'])
  const beside = choiceFrom(given, 'beside', ['both', 'slow', 'fast'])
  const which = choiceFrom(given, 'listen', ['both', 'on', 'off'])
  const count = numberFrom(given, 'recordings', { min: 1, max: 100, whole: true }, 10)
  const most = numberFrom(given, 'most', { min: 2, max: 1000, whole: true }, 1000)
  const seed = numberFrom(given, 'seed', { min: 0, max: 2 ** 32 - 1, whole: true }, 1)
  const all = performancesIn(join(folder, 'maestro-v2.0.0.csv'), split)
    .filter(({ seconds }) => 1000 * seconds >= SKIPPED_MS + STRETCH_MS)
    .map(({ file }) => file)
    .sort((a, b) => (a < b ? -1 : 1))
  const files = all.filter(
    (_, n) => Math.floor((n * most) / all.length) !== Math.floor(((n - 1) * most) / all.length),
  )
  const stretches: Stretch[] = []
  for (const file of files) stretches.push(await stretchOf(folder, file))
  stretches.sort((a, b) => a.notes.length - b.notes.length)
  const groups = [
    ['slow', stretches.slice(0, count)],
    ['fast', stretches.slice(-count)],
  ] as const
  const { model, backend, precision } = networkFrom(given)
  const kernel = readKernel()
  const summaries: Row[] = []
  for (const listen of [false, true].filter((on) => which === 'both' || on === (which === 'on'))) {
    for (const [title, group] of groups) {
      if (beside !== 'both' && beside !== title) continue
      const results = group.map((stretch) => {
        const network = createNetwork(model.weights, isTfjs(backend) ? 'auto' : backend, kernel, precision)
        const jam = startJam(network, model.spec.conditioning, seed, {
          mode: 'duet',
          balance: BALANCE,
          listen,
        })
        jam.receive(keysOf(stretch.notes, 0, STRETCH_MS))
        jam.advance(STRETCH_MS)
        const played = jam.played.map(({ due, pitch, velocity }) => ({ at: due, pitch, velocity }))
        return following(stretch.notes, played, BALANCE, HEARD_MS, STRETCH_MS)
      })
      const name = `${title}, listening ${listen ? 'on' : 'off'}`
      printTable(
        `duet beside ${name}`,
        group.map((stretch, n) => rowOf(stretch, results[n]!)),
      )
      summaries.push(summary(name, results))
    }
  }
  printTable(`duet with ${split} recordings, balance ${BALANCE}, seed ${seed}`, summaries)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
