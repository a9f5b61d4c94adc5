import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import type { Note } from '../src/engine/language/performance.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import type { Network } from '../src/engine/network/network.js'
import { Refused } from '../src/engine/refused.js'
import type { Ms } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { readKernel } from '../src/io/models/model-files.js'
import { isTfjs } from '../src/io/models/open-network.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { histogram, keysOf, overlap, startJam } from './recorded-player.js'
import { printTable, type Row, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'recordings', value: 'N', help: 'recordings to play with, spread over the folder (10)' },
  { name: 'part', value: 'NAME', help: 'all, follow, duet or answer (all)' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]
const HELP = helpText(
  'node build/bench/jam.js FOLDER [options]',
  'Plays together with recorded players, in simulated time, and measures whether the pianist follows them.',
  [['Options', FLAGS]],
)

/** Time left out at the start of each performance, because the start is often unlike the rest. */
const SKIPPED_MS: Ms = 20_000
const DUET_MS: Ms = 60_000
const WINDOW_MS: Ms = 2000
const SEEDS = [1, 2, 3]

/**
 * The seeds for measuring follow. Many are needed, because there are only one or two notes in the 120 ms that are measured.
 */
const FOLLOW_SEEDS = Array.from({ length: 20 }, (_, n) => n + 1)

/** How many phrases are taken from each recording, how long each is, and the time from one start to the next. */
const PHRASES = 6
const PHRASE_MS: Ms = 6000
const PHRASE_EVERY_MS: Ms = 20_000
const OTHERS = 20
const PAUSE_S = 0.5

interface Recording {
  readonly name: string
  readonly notes: readonly Note[]
}

interface Setting {
  readonly newNetwork: () => Network
  readonly layout: string
}

/** The share of true values, in percent. */
const percent = (values: readonly boolean[]) =>
  round((100 * values.filter(Boolean).length) / Math.max(1, values.length), 1)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
const pitchesIn = (notes: readonly { readonly pitch: number; readonly at: Ms }[], from: Ms, to: Ms) =>
  notes.filter(({ at }) => at >= from && at < to).map(({ pitch }) => pitch)

/** The notes of a recording that start within `length` ms of `from`; their times count from there. */
function excerpt({ notes }: Recording, from: Ms, length: Ms): Note[] {
  return notes
    .filter(({ start }) => start >= from && start < from + length)
    .map((note) => ({ ...note, start: note.start - from, end: note.end - from }))
}

/** Follow: the share of notes in the pitch classes of a held chord, before it, just after its start, and later. */
function measureFollow({ newNetwork, layout }: Setting): Row[] {
  const chords = [
    [48, 52, 55],
    [49, 53, 56],
    [50, 53, 57],
    [54, 58, 61],
    [56, 59, 63],
    [46, 50, 53],
  ]
  return [false, true].map((keyLock) => {
    const counts: Record<string, { inChord: number; all: number }> = {}
    for (const seed of FOLLOW_SEEDS) {
      for (const chord of chords) {
        const jam = startJam(newNetwork(), layout, seed, { keyLock, density: 10, tide: false })
        jam.receive(chord.map((pitch) => ({ kind: 'note-on', at: 10_000, channel: 0, pitch, velocity: 80 })))
        jam.advance(14_000)
        const classes = new Set(chord.map((pitch) => pitch % 12))
        for (const { due, pitch } of jam.played) {
          const name =
            due < 8000 || due >= 13_000
              ? null
              : due < 10_000
                ? 'before'
                : due < 10_030
                  ? null
                  : due < 10_150
                    ? '30-150 ms'
                    : due < 11_000
                      ? '0.15-1 s'
                      : '1-3 s'
          if (name === null) continue
          counts[name] ??= { inChord: 0, all: 0 }
          const count = counts[name]
          count.all++
          if (classes.has(pitch % 12)) count.inChord++
        }
      }
    }
    const share = (name: string) => round((100 * (counts[name]?.inChord ?? 0)) / (counts[name]?.all ?? 1), 1)
    return {
      'held chord': keyLock ? 'key lock' : 'softly',
      'in it before, %': share('before'),
      '30-150 ms': share('30-150 ms'),
      'of notes': counts['30-150 ms']?.all ?? 0,
      '0.15-1 s': share('0.15-1 s'),
      '1-3 s': share('1-3 s'),
      notes: Object.values(counts).reduce((sum, { all }) => sum + all, 0),
    }
  })
}

/** Duet: whether Rubato's notes are closer to what this player plays next than to what other players play. */
function measureDuet({ newNetwork, layout }: Setting, recordings: readonly Recording[]): Row[] {
  const players = recordings.map((recording) => excerpt(recording, SKIPPED_MS, DUET_MS + 2 * WINDOW_MS))
  const nextOf = (player: readonly Note[], from: Ms) =>
    histogram(
      pitchesIn(
        player.map(({ pitch, start }) => ({ pitch, at: start })),
        from + WINDOW_MS,
        from + 2 * WINDOW_MS,
      ),
    )
  return recordings.map(({ name }, index) => {
    const player = players[index]!
    const own: number[] = []
    const other: number[] = []
    let notes = 0
    for (const seed of SEEDS) {
      const jam = startJam(newNetwork(), layout, seed, { mode: 'duet' })
      jam.receive(keysOf(player, 0, DUET_MS))
      jam.advance(DUET_MS)
      notes += jam.played.length
      const played = jam.played.map(({ pitch, due }) => ({ pitch, at: due }))
      for (let from = 4000; from + 2 * WINDOW_MS <= DUET_MS; from += WINDOW_MS) {
        const now = histogram(pitchesIn(played, from, from + WINDOW_MS))
        if (now.every((share) => share === 0)) continue
        for (const [n, candidate] of players.entries()) {
          const next = nextOf(candidate, from)
          if (next.some((share) => share > 0)) (n === index ? own : other).push(overlap(now, next))
        }
      }
    }
    return {
      player: name,
      'notes/s': round((1000 * notes) / SEEDS.length / DUET_MS, 1),
      'player notes/s': round((1000 * player.length) / DUET_MS, 1),
      'own next 2 s': round(mean(own), 3),
      "others'": round(mean(other), 3),
      fits: mean(own) > mean(other) ? 'yes' : 'no',
    }
  })
}

interface Answered {
  readonly delay: Ms
  readonly length: Ms
  readonly phrase: readonly Note[]
  readonly pitches: readonly number[]
  readonly velocity: number
  readonly density: number
}

function answer({ newNetwork, layout }: Setting, phrase: readonly Note[], seed: number): Answered {
  const jam = startJam(newNetwork(), layout, seed, { mode: 'answer', pause: PAUSE_S })
  const start = 1000
  const keys = keysOf(phrase, start, start + PHRASE_MS)
  jam.receive(keys)
  const over = (keys.at(-1)?.at ?? start) + 1000 * PAUSE_S
  jam.advance(over + 3 * PHRASE_MS)
  const first = jam.played[0]?.due ?? Number.NaN
  const last = jam.played.at(-1)?.due ?? Number.NaN
  return {
    delay: first - over,
    length: last - first,
    phrase,
    pitches: jam.played.map(({ pitch }) => pitch),
    velocity: mean(jam.played.map(({ velocity }) => velocity)),
    density: (1000 * jam.played.length) / Math.max(1, last - first),
  }
}

/** Whether the phrase has a pause in it that is long enough for Rubato to answer then. */
function hasPause(phrase: readonly Note[]): boolean {
  let lifted: Ms = Number.POSITIVE_INFINITY
  for (const { start, end } of phrase) {
    if (start - lifted >= 1000 * PAUSE_S) return true
    lifted = lifted === Number.POSITIVE_INFINITY ? end : Math.max(lifted, end)
  }
  return false
}

function measureAnswers(setting: Setting, recordings: readonly Recording[]): Row[] {
  const phrases = recordings.flatMap((recording) =>
    Array.from({ length: PHRASES }, (_, n) =>
      excerpt(recording, SKIPPED_MS + n * PHRASE_EVERY_MS, PHRASE_MS),
    ).filter((phrase) => phrase.length >= 6 && !hasPause(phrase)),
  )
  const answers = phrases.map((phrase, n) => answer(setting, phrase, n))
  const histograms = phrases.map((phrase) => histogram(phrase.map(({ pitch }) => pitch)))
  const aboveMean: boolean[] = []
  const aboveMost: boolean[] = []
  for (const [n, { pitches }] of answers.entries()) {
    const now = histogram(pitches)
    const own = overlap(now, histograms[n]!)
    // The other phrases come from other recordings, spread evenly.
    const others = Array.from({ length: OTHERS }, (_, i) => {
      const away = PHRASES + Math.floor(((phrases.length - 2 * PHRASES) * i) / OTHERS)
      return overlap(now, histograms[(n + away) % phrases.length]!)
    })
    aboveMean.push(own > mean(others))
    aboveMost.push(others.filter((value) => value < own).length >= OTHERS / 2)
  }
  const delays = answers.map(({ delay }) => delay).sort((a, b) => a - b)
  const velocityOf = (notes: readonly Note[]) => mean(notes.map(({ velocity }) => velocity))
  const densityOf = (notes: readonly Note[]) => (1000 * notes.length) / PHRASE_MS
  return [
    {
      answers: answers.length,
      'first note after the pause, ms': `${round(delays[0] ?? Number.NaN, 1)} to ${round(delays.at(-1) ?? Number.NaN, 1)}`,
      'closer than the mean of 20, %': percent(aboveMean),
      'than half of them, %': percent(aboveMost),
      'length, s': round(mean(answers.map(({ length }) => length / 1000)), 1),
      'velocity off by': round(
        mean(answers.map(({ velocity, phrase }) => Math.abs(velocity - velocityOf(phrase)))),
        1,
      ),
      'density off by': `${round(100 * mean(answers.map(({ density, phrase }) => Math.abs(density / densityOf(phrase) - 1))), 0)} %`,
    },
  ]
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  const [folder] = given.positionals
  if (given.values.help || folder === undefined) {
    process.stdout.write(HELP)
    if (!given.values.help) process.exitCode = 2
    return
  }
  const wanted = numberFrom(given, 'recordings', { min: 3, max: 100, whole: true }, 10)
  const part = choiceFrom(given, 'part', ['all', 'follow', 'duet', 'answer'])
  const files = await listMidiFiles([folder])
  const recordings: Recording[] = []
  for (let n = 0; n < files.length && recordings.length < wanted; n++) {
    const file = files[Math.floor((n * files.length) / Math.min(files.length, wanted))]
    if (file === undefined) break
    const { notes } = await readMidiFile(file)
    if ((notes.at(-1)?.start ?? 0) < SKIPPED_MS + PHRASES * PHRASE_EVERY_MS) continue
    recordings.push({ name: file.split('/').at(-1)?.slice(0, 32) ?? file, notes })
  }
  if (recordings.length < 3) throw new Refused(`${folder} has too few performances of two minutes or more.`)
  const { model, backend, precision } = networkFrom(given)
  const kernel = readKernel()
  const setting: Setting = {
    newNetwork: () => createNetwork(model.weights, isTfjs(backend) ? 'auto' : backend, kernel, precision),
    layout: model.spec.conditioning,
  }
  const isWanted = (name: typeof part) => part === 'all' || part === name
  if (isWanted('follow')) printTable('follow: a chord held from 10 s on', measureFollow(setting))
  if (isWanted('duet')) printDuets(setting, recordings)
  if (isWanted('answer'))
    printTable('answer: pitch classes of the answer and of phrases', measureAnswers(setting, recordings))
}

function printDuets(setting: Setting, recordings: readonly Recording[]): void {
  const duets = measureDuet(setting, recordings)
  printTable(
    `duet: overlap of 2 s of its notes with the next 2 s of a player's, ${SEEDS.length} seeds`,
    duets,
  )
  process.stdout.write(
    `fits better: ${duets.filter(({ fits }) => fits === 'yes').length} of ${duets.length}\n\n`,
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
