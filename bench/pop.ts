import { type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, JSON_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import { languageOf } from '../src/engine/model/model.js'
import type { Network } from '../src/engine/network/network.js'
import { renderMusic } from '../src/engine/offline/rendering.js'
import { Refused } from '../src/engine/refused.js'
import { BEAT_TEMPO, STEP_MS } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { type Onset, onBeats, onChords } from './beat-measures.js'
import { printTable, type Row, round } from './table.js'
import { playTold, readSongs, type Song } from './told-chords.js'

const FLAGS: readonly Flag[] = [
  { name: 'seconds', value: 'N', help: 'how long each seed plays (120)' },
  { name: 'seeds', value: 'N', help: 'how many seeds play (5)' },
  { name: 'songs', value: 'N', help: 'how many songs have their chords told (20)' },
  JSON_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/pop.js FOLDER --model pop [options]',
  'Measures a model that plays in beats beside the songs that `python3 training songs` wrote into FOLDER.',
  [['Options', FLAGS]],
)

/** Bars of each song whose chords are told: the network remembers no more, and songs have some 80. */
const BARS = 32

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined) throw new Refused('Give the folder that `python3 training songs` wrote.')
  const seconds = numberFrom(given, 'seconds', { min: 10, max: 3600 }, 120)
  const seeds = numberFrom(given, 'seeds', { min: 1, max: 100, whole: true }, 5)
  const count = numberFrom(given, 'songs', { min: 1, max: 1000, whole: true }, 20)
  const { model, backend, precision } = networkFrom(given)
  const language = languageOf(model.spec)
  if (language.layout !== 'beat-chord-39')
    throw new Refused(`${model.spec.name} isn't told chords: give --model pop.`)
  const network = await openNetwork(model.weights, backend, precision)
  const songs = await readSongs(folder)
  const play = (controls: Partial<Controls>) =>
    Array.from({ length: seeds }, (_, n) => playAlone(network, language, n + 1, seconds, controls))
  const time = timeRows(songs, play)
  printTable(
    `Places in the beat, within 1/16 of a beat; ${seeds} seeds of ${seconds} s at ${BEAT_TEMPO} BPM`,
    time,
  )
  const response = responseRows(play, seconds)
  printTable(`Controls held, ${seeds} seeds of ${seconds} s: least and most of the seeds`, response)
  const chords = chordRows(network, songs.slice(0, count))
  printTable(`The chords of ${Math.min(count, songs.length)} songs, ${BARS} bars of each`, chords)
  if (given.values.json) process.stdout.write(`${JSON.stringify({ time, response, chords })}\n`)
}

/** What the pianist plays at the tempo at which a step lasts {@link STEP_MS}. */
function playAlone(
  network: Network,
  language: ReturnType<typeof languageOf>,
  seed: number,
  seconds: number,
  controls: Partial<Controls>,
): Onset[] {
  const asked = { ...defaultControls(), tempo: BEAT_TEMPO, ...controls }
  const { notes } = renderMusic({ network, ...language, seed, controls: asked }, 1000 * seconds)
  return notes.map(({ start, pitch, velocity }) => ({ at: Math.round(start / STEP_MS), pitch, velocity }))
}

function timeRows(songs: readonly Song[], play: (controls: Partial<Controls>) => Onset[][]): Row[] {
  const music: readonly (readonly [string, Onset[]])[] = [
    ['the songs', songs.flatMap(({ notes }) => notes)],
    ['nothing asked', play({}).flat()],
    ['timing temperature 0.7', play({ timingTemperature: 0.7 }).flat()],
  ]
  return music.map(([what, onsets]) => {
    const { beat, eighth, sixteenth, strength } = onBeats(onsets)
    return {
      music: what,
      notes: onsets.length,
      'on the beat %': percent(beat),
      'eighth between %': percent(eighth),
      'sixteenth %': percent(sixteenth),
      'vector strength on sixteenths': round(strength, 3),
    }
  })
}

function responseRows(play: (controls: Partial<Controls>) => Onset[][], seconds: number): Row[] {
  const asked = [
    { density: 3, dynamics: 60 },
    { density: 5, dynamics: 75 },
    { density: 8, dynamics: 90 },
  ]
  return asked.map((controls) => {
    const played = play(controls)
    const densities = played.map((onsets) => onsets.length / seconds)
    const loudness = played.map(
      (onsets) => onsets.reduce((sum, { velocity }) => sum + velocity, 0) / onsets.length,
    )
    return { ...controls, 'notes/s': range(densities), 'mean velocity': range(loudness) }
  })
}

function chordRows(network: Network, songs: readonly Song[]): Row[] {
  const told = songs.map((song, n) => ({ ...song, notes: playTold(network, song, n + 1, BARS, true) }))
  const untold = songs.map((song, n) => ({ ...song, notes: playTold(network, song, n + 1, BARS, false) }))
  const music = { 'the songs': songs, 'told the chord': told, 'not told': untold }
  return Object.entries(music).map(([what, pieces]) => {
    const { tones, bass, notes } = onChords(pieces, BARS)
    return {
      music: what,
      notes,
      'chord tones %': percent(tones),
      'bass lowest on first beats %': percent(bass),
    }
  })
}

function percent(share: number): number {
  return round(100 * share, 1)
}

function range(values: readonly number[]): string {
  return `${round(Math.min(...values), 1)}, ${round(Math.max(...values), 1)}`
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
