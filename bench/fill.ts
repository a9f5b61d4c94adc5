import { choiceFrom, type Flag, helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { type EventIndex, isNoteOn, isTimeShift, shiftSteps } from '../src/engine/language/events.js'
import { encodeSteps, type Note, quantize } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import type { Network } from '../src/engine/network/network.js'
import { beginContinuation } from '../src/engine/offline/continuation.js'
import { fillGap } from '../src/engine/offline/fill.js'
import { Refused } from '../src/engine/refused.js'
import { type Ms, STEP_MS } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { asItComes, playOn } from './fill-plainly.js'
import { choosePerformances } from './maestro-table.js'
import { printTable, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'validation, or train: for choosing settings (validation)' },
  { name: 'performances', value: 'N', help: 'how many performances (20)' },
  { name: 'gap', value: 'SECONDS', help: 'how long the gap is (4)' },
  { name: 'candidates', value: 'N', help: 'as for rubato fill (12)' },
  { name: 'seed', value: 'N', help: 'the seed of the first; the others count up (1)' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/fill.js MAESTRO-FOLDER/maestro-v2.0.0.csv [options]',
  'Cuts a gap out of performances and fills it: how likely the joined music is, beside the pianist and beside playing on without looking ahead.',
  [['Options', FLAGS]],
)

/** How many events after the gap are judged with it. */
const AFTER = 200

/** How much of the music before the gap the judging network hears. Less, and it doesn't know the piece. */
const CONTEXT: Ms = 30_000

/** How likely the music of a gap and after it is. */
interface Joined {
  /** Nats per event of the gap and of the {@link AFTER} events from the first note after it on. */
  readonly joined: number
  /** Nats per event of those after the gap alone. */
  readonly after: number
  /** Notes a second in the gap. */
  readonly density: number
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  const [table] = given.positionals
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  if (table === undefined) throw new Refused("Give MAESTRO's table, which lies in its folder.")
  const whole = { min: 1, max: 1000, whole: true }
  const length = 1000 * numberFrom(given, 'gap', { min: 0.5, max: 60 }, 4)
  const seed = numberFrom(given, 'seed', { ...whole, max: 2 ** 31 }, 1)
  const candidates = numberFrom(given, 'candidates', whole, 12)
  const { model, backend, precision } = networkFrom(given)
  const { layout } = languageOf(model.spec)
  const network = await openNetwork(model.weights, backend, precision)
  const paths = choosePerformances(
    table,
    choiceFrom(given, 'split', ['validation', 'train']),
    numberFrom(given, 'performances', whole, 20),
  )
  const results: Record<'own' | 'filled' | 'plain', Joined>[] = []
  for (const [n, path] of paths.entries()) {
    const { notes } = await readMidiFile(path)
    const from = gapAt(notes, (n + 0.5) / paths.length)
    const to = from + length
    const kept = notes.filter(({ start }) => start < from || start >= to)
    const filled = fillGap({ network, layout, seed: seed + n, candidates, notes: kept, from, to })
    const plain = [...kept, ...playOn({ network, seed: seed + n, notes: kept, from, to })]
    const judge = (music: readonly Note[]) => judged(network, music, from, to)
    results.push({ own: judge(notes), filled: judge(filled.notes), plain: judge(plain) })
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${n + 1}/${paths.length}`)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const wins = (a: 'own' | 'filled' | 'plain') =>
    results.filter((result) => result[a].joined < result.plain.joined).length
  const row = (name: string, key: 'own' | 'filled' | 'plain') => ({
    [`gap of ${length / 1000} s`]: name,
    'joined, nats/event': round(mean(results.map((result) => result[key].joined)), 3),
    [`the ${AFTER} events after it`]: round(mean(results.map((result) => result[key].after)), 3),
    'notes/s in it': round(mean(results.map((result) => result[key].density)), 1),
    'likelier than without looking ahead': key === 'plain' ? '-' : `${wins(key)} of ${results.length}`,
  })
  printTable('Gaps filled', [
    row("the pianist's own", 'own'),
    row('filled', 'filled'),
    row('without looking ahead', 'plain'),
  ])
}

/** Where the gap of a performance begins: from a quarter to three quarters through it, by `share`. */
function gapAt(notes: readonly Note[], share: number): Ms {
  const last = notes.at(-1)!.start
  return Math.round(last * (0.25 + 0.5 * share))
}

/** Scores music without any conditioning, so that no way of filling is favoured. */
function judged(network: Network, notes: readonly Note[], from: Ms, to: Ms): Joined {
  const near = notes.filter(({ start }) => start >= from - CONTEXT && start < to + CONTEXT)
  const steps = quantize(near)
  const origin = near.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY)
  const going = beginContinuation({ network, policy: asItComes(), seed: 0 })
  const gapFrom = Math.ceil((from - origin) / STEP_MS)
  const joint = steps.find(({ start }) => start >= Math.floor((to - origin) / STEP_MS))!.start
  let before = { count: 0, nats: 0 }
  let within: { count: number; nats: number } | null = null
  for (const event of encodeSteps(steps)) {
    const { clock } = going.moment
    if (within === null && isNoteOn(event) && clock >= joint)
      within = { count: going.count, nats: going.nats }
    if (within && going.count === within.count + AFTER) break
    const isEarly = clock + lengthOf(event) < gapFrom
    if (isEarly) going.hear(event)
    else going.feed(event)
    if (isEarly) before = { count: going.count, nats: going.nats }
  }
  within ??= before
  return {
    joined: (going.nats - before.nats) / (going.count - before.count),
    after: (going.nats - within.nats) / (going.count - within.count),
    density: (1000 * notes.filter(({ start }) => start >= from && start < to).length) / (to - from),
  }
}

function lengthOf(event: EventIndex): number {
  return isTimeShift(event) ? shiftSteps(event) : 0
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
