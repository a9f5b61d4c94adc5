import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { lateness as latenessOf } from '../src/io/shared/ring-messages.js'
import { openDashboard, type TerminalKeys, type TerminalScreen } from '../src/tui/dashboard.js'
import { watchCpu, whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'
import { startClients } from './web-clients-host.js'

const PAIRS = 5
const COLUMNS = 120
const ROWS = 40

/** A terminal that never blocks and has no key presses. */
function fakeTerminal(): { stdin: TerminalKeys; stdout: TerminalScreen } {
  const itself = {
    columns: COLUMNS,
    rows: ROWS,
    write: () => true,
    setRawMode: () => itself,
    on: () => itself,
    off: () => itself,
    resume: () => itself,
    pause: () => itself,
  }
  return { stdin: itself as unknown as TerminalKeys, stdout: itself as unknown as TerminalScreen }
}

/** Lateness of the messages sent in `seconds`, and the load of the process in percent of a core. */
async function measure(app: App, seconds: number): Promise<{ p50: Ms; p99: Ms; max: Ms; cpu: number }> {
  const late: Ms[] = []
  const cpu = watchCpu()
  const unwatch = app.onSent((message) => {
    const ms = latenessOf(message)
    if (ms !== undefined) late.push(ms)
  })
  await sleep(1000 * seconds)
  unwatch()
  late.sort((a, b) => a - b)
  return { p50: percentile(late, 0.5), p99: percentile(late, 0.99), max: late.at(-1) ?? 0, cpu: cpu() }
}

const off = (seconds: number) => whilePlaying({ realtime: 'auto' }, (app) => measure(app, seconds))

const on = (seconds: number) =>
  whilePlaying(
    { realtime: 'auto', showsAhead: true, web: { host: '127.0.0.1', port: 0, token: null } },
    async (app) => {
      const stop = await startClients(app.meters().web ?? '', 1, 0)
      const dashboard = openDashboard({
        surface: app,
        octave: 'C3',
        ascii: false,
        leave: () => {},
        suspend: () => {},
        ...fakeTerminal(),
      })
      try {
        return await measure(app, seconds)
      } finally {
        dashboard.restore()
        await stop()
      }
    },
  )

/**
 * Measures whether control surfaces make notes late, in blocks without any and with both a dashboard of 120x40 and a client
 * on the WebSocket, by turns. They don't if the median difference of p99 is less than that among blocks without them.
 */
export async function faces(seconds: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  const differences: Ms[] = []
  const without: Ms[] = []
  for (let pair = 1; pair <= PAIRS; pair++) {
    const plain = await off(seconds)
    const shown = await on(seconds)
    without.push(plain.p99)
    differences.push(shown.p99 - plain.p99)
    for (const [which, block] of [
      ['off', plain],
      ['on', shown],
    ] as const) {
      rows.push({
        pair,
        faces: which,
        'late p50 ms': round(block.p50, 3),
        'p99 ms': round(block.p99, 3),
        'max ms': round(block.max, 2),
        'CPU %': round(block.cpu, 1),
      })
    }
  }
  differences.sort((a, b) => a - b)
  printTable(`Faces off and on, ${PAIRS} pairs of ${seconds} s`, rows)
  const verdict = {
    'median difference of p99, ms': round(percentile(differences, 0.5), 3),
    'spread of the blocks without, ms': round(Math.max(...without) - Math.min(...without), 3),
  }
  printTable('Which comes to', [verdict])
  return [...rows, verdict]
}
