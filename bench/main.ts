import { helpText, numberFrom, parseFlags } from '../src/cli/flags/flags.js'
import { Refused } from '../src/engine/refused.js'
import { messageOf } from '../src/io/error-text.js'
import { chords } from './chords.js'
import { clients } from './clients.js'
import { clockGiving } from './clock-giving.js'
import { clockTracking } from './clock-tracking.js'
import { controlResponse } from './control-response.js'
import { dashboard } from './dashboard.js'
import { drawCost } from './draw-cost.js'
import { drums } from './drums.js'
import { endurance } from './endurance.js'
import { faces } from './faces.js'
import { grid } from './grid.js'
import { lateness } from './lateness.js'
import { link } from './link.js'
import { longDuet } from './long-duet.js'
import { describeMachine } from './machine.js'
import { partnerLatency } from './partner-latency.js'
import { rewind } from './rewind.js'
import { steady } from './steady.js'
import { steering } from './steering.js'
import { stepTime } from './step-time.js'
import type { Row } from './table.js'
import { tape } from './tape.js'

/** The parts of the bench in the order in which they run; `seconds` is how long a block of playing lasts. */
const PARTS: Readonly<Record<string, (seconds: number) => Promise<readonly Row[]>>> = {
  'step-time': stepTime,
  'draw-cost': drawCost,
  chords,
  grid,
  rewind,
  lateness,
  steering,
  steady,
  'control-response': controlResponse,
  'clock-tracking': clockTracking,
  'clock-giving': clockGiving,
  link,
  tape,
  'partner-latency': partnerLatency,
  'long-duet': longDuet,
  dashboard,
  faces,
  clients,
  drums,
  endurance,
}

/** Default of `--seconds`. With less, p99 is decided by a handful of messages. */
const DEFAULT_SECONDS = 60

const FLAGS = [
  { name: 'seconds', value: 'N', help: `how long a block of playing lasts (${DEFAULT_SECONDS})` },
  { name: 'json', help: 'print one JSON object instead of tables' },
  { name: 'help', short: 'h', help: 'show this' },
]

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    const parts = `Measures this machine. Parts: ${Object.keys(PARTS).join(', ')}; all of them where none is named.`
    process.stdout.write(helpText('npm run bench -- [PART...] [options]', parts, [['Options', FLAGS]]))
    return
  }
  const seconds = numberFrom(given, 'seconds', { min: 1, max: 86_400 }, DEFAULT_SECONDS)
  const names = given.positionals.length > 0 ? given.positionals : Object.keys(PARTS)
  const unknown = names.find((name) => !(name in PARTS))
  if (unknown !== undefined)
    throw new Refused(`There is no part "${unknown}"; there are ${Object.keys(PARTS).join(', ')}.`)
  const machine = describeMachine()
  const { node, platform, cpu, load } = machine
  if (!given.values.json)
    process.stdout.write(`Node ${node}, ${platform}, ${cpu}, load ${load.join(' ')}\n\n`)
  const parts: Record<string, readonly Row[]> = {}
  for (const name of names) parts[name] = (await PARTS[name]?.(seconds)) ?? []
  if (given.values.json) process.stdout.write(`${JSON.stringify({ ...machine, seconds, parts })}\n`)
}

// A signal must run the exit handlers, which end the child processes and the playing program.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(code))

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
