import { setTimeout as sleep } from 'node:timers/promises'
import type { SentMessage } from '../src/engine/language/messages.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { lateness as latenessOf } from '../src/io/shared/ring-messages.js'
import { MOST_CLIENTS } from '../src/server/server.js'
import { watchCpu, whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'
import { startClients } from './web-clients-host.js'

/** The stage drops note-ons that are later than this. */
const LATE_MS: Ms = 30
/** Share of the run in which compilers and buffers still settle; memory is measured after it. */
const WARM_UP_SHARE = 0.2
const MEMORY_EVERY_MS: Ms = 1000

/**
 * Runs the whole program with as many WebSocket clients as it accepts, one of which reads nothing. Measures whether memory
 * grows and notes are late.
 */
export async function clients(seconds: number): Promise<readonly Row[]> {
  const late: Ms[] = []
  const memory: number[] = []
  const web = { host: '127.0.0.1', port: 0, token: null }
  const row = await whilePlaying({ realtime: 'auto', web, showsAhead: true }, async (app) => {
    const stop = await startClients(app.meters().web ?? '', MOST_CLIENTS, 1)
    const cpu = watchCpu()
    const before = app.meters()
    const unwatch = app.onSent((message: SentMessage) => {
      const ms = latenessOf(message)
      if (ms !== undefined) late.push(ms)
    })
    const timer = setInterval(() => memory.push(process.memoryUsage.rss()), MEMORY_EVERY_MS)
    await sleep(1000 * seconds)
    clearInterval(timer)
    unwatch()
    const used = cpu()
    const { dropped } = app.meters()
    return { ...(await stop()), used, dropped: dropped - before.dropped }
  })
  late.sort((a, b) => a - b)
  const settled = memory.slice(Math.floor(WARM_UP_SHARE * memory.length))
  const megabytes = (share: number) =>
    round((settled[Math.round(share * (settled.length - 1))] ?? 0) / 2 ** 20, 1)
  const rows = [
    {
      clients: MOST_CLIENTS,
      seconds,
      'told, messages/s': Math.round(row.messages / seconds),
      'let go': row.closed,
      'MB after warm-up, by fifths': [0, 0.25, 0.5, 0.75, 1].map(megabytes).join(' '),
      'late p50 ms': round(percentile(late, 0.5), 3),
      'p99 ms': round(percentile(late, 0.99), 3),
      'max ms': round(late.at(-1) ?? 0, 1),
      'over 30 ms': late.filter((ms) => ms > LATE_MS).length,
      dropped: row.dropped,
      'CPU %': round(row.used, 1),
    },
  ]
  printTable('Clients on the WebSocket, one of which reads nothing', rows)
  return rows
}
