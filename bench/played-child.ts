import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playCommand } from '../src/cli/commands/play.js'
import type { Ms } from '../src/engine/units.js'
import { now } from '../src/io/clock.js'
import { watchCpu } from './playing.js'

/** The report that this program writes to its standard output, as JSON, when it ends. */
export interface Played {
  /** When the first note was due, ms since 1970; null if none was sent. */
  readonly firstDue: Ms | null
  /** Load in percent of one core, measured from one second after the start. */
  readonly cpu: number
  readonly rss: number
  readonly notes: number
}

// Runs `rubato play` with the arguments of this process and measures it. The bench runs this as a process of its own.

// The user's own settings are neither used nor changed.
process.env.RUBATO_CONFIG = mkdtempSync(join(tmpdir(), 'rubato-bench-'))

let firstDue: Ms | null = null
let notes = 0
let cpu: (() => number) | undefined
process.on('exit', () => {
  const played: Played = { firstDue, cpu: cpu?.() ?? 0, rss: process.memoryUsage.rss(), notes }
  writeFileSync(1, JSON.stringify(played))
})
await playCommand(process.argv.slice(2), (app) => {
  setTimeout(() => {
    cpu = watchCpu()
  }, 1000)
  app.onSent(({ kind, due, fate, source }) => {
    if (kind !== 'note-on' || fate !== 'sent' || source !== 'performer') return
    notes++
    firstDue ??= performance.timeOrigin + performance.now() + due - now()
  })
})
