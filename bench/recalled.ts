import { helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, JSON_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { isNoteOn } from '../src/engine/language/events.js'
import { languageOf } from '../src/engine/model/model.js'
import type { Network } from '../src/engine/network/network.js'
import { createPianist } from '../src/engine/pianist/pianist.js'
import { Refused } from '../src/engine/refused.js'
import type { Ms } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { percentile } from '../src/io/meters/lateness.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { printTable, round } from './table.js'

const FLAGS = [
  { name: 'seeds', value: 'N', help: 'how many seeds, from 1 on (4)' },
  { name: 'seconds', value: 'N', help: 'how long each plays (600)' },
  JSON_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

const HELP = helpText(
  'node build/bench/recalled.js [options]',
  'Measures how much of the music is recalled from before, and what an event costs, at memory 0, at the default and at memory 1.',
  [['Options', FLAGS]],
)

/** Music is played in stretches of this length, in turn at each memory, so that other work of the machine affects all alike. */
const STRETCH: Ms = 2000

/** Stretches at the start that aren't timed, because V8 compiles the code. */
const UNTIMED = 5

interface Player {
  readonly memory: number
  readonly pianist: ReturnType<typeof createPianist>
  notes: number
  /** Time of each stretch by its events, in us an event. */
  readonly costs: number[]
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, false)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const seeds = numberFrom(given, 'seeds', { min: 1, max: 1000 }, 4)
  const seconds = numberFrom(given, 'seconds', { min: 30, max: 86_400 }, 600)
  const { model, backend, precision } = networkFrom(given)
  const memories = [0, defaultControls().memory, 1]
  const rows = memories.map((memory) => ({
    memory,
    events: 0,
    notes: 0,
    kept: 0,
    returns: 0,
    costs: [] as number[],
  }))
  for (let seed = 1; seed <= seeds; seed++) {
    const players: Player[] = []
    for (const memory of memories) {
      const network: Network = await openNetwork(model.weights, backend, precision)
      const controls = { ...defaultControls(), memory }
      const player: Player = {
        memory,
        pianist: createPianist({
          ...languageOf(model.spec),
          network,
          seed,
          controls,
          emit: () => {},
          onEvent: (event) => {
            if (isNoteOn(event)) player.notes++
          },
        }),
        notes: 0,
        costs: [],
      }
      player.pianist.apply({ kind: 'command', command: { type: 'play' } })
      players.push(player)
    }
    for (let at = STRETCH; at <= 1000 * seconds; at += STRETCH)
      for (const player of players) playTo(player, at)
    for (const [n, { pianist, notes, costs }] of players.entries()) {
      const row = rows[n]!
      const { expecting, form } = pianist.plan.open().moment
      row.events += pianist.events
      row.notes += notes
      row.kept += expecting.kept
      row.returns += form.recalls
      row.costs.push(...costs.slice(UNTIMED))
    }
  }
  const figures = rows.map(({ memory, events, notes, kept, returns, costs }) => {
    costs.sort((a, b) => a - b)
    return {
      memory,
      events,
      'returns and cadences': returns,
      'notes recalled %': round((100 * kept) / notes, 1),
      // A velocity belongs to a note; waits and ends are the network's own.
      'events recalled %, at most': round((200 * kept) / events, 1),
      'us an event p50': round(percentile(costs, 0.5), 1),
      p99: round(percentile(costs, 0.99), 1),
      'of memory 0': round(percentile(costs, 0.5) / percentile(rows[0]!.costs, 0.5), 3),
    }
  })
  printTable(`${seeds} seeds of ${seconds} s`, figures)
  if (given.values.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
}

function playTo({ pianist, costs }: Player, at: Ms): void {
  const before = pianist.events
  const start = performance.now()
  pianist.advance(at)
  const events = pianist.events - before
  if (events > 0) costs.push((1000 * (performance.now() - start)) / events)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
