import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { lateness as latenessOf } from '../src/io/shared/ring-messages.js'
import { burnAllCores } from './burners.js'
import { watchSteal } from './machine.js'
import { whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

/** How often each setting is played. Settings take turns, so that other work of the machine affects all of them alike. */
const ROUNDS = 2

interface Setting {
  readonly busy: boolean
  readonly realtime: 'auto' | 'off'
  readonly late: Ms[]
  readonly steals: (number | '?')[]
  priority: string
  slips: number
  dropped: number
}

/**
 * Measures how late messages leave the whole program, which runs its threads in this process without a port, in blocks of
 * `seconds`: on the machine as it is and with all cores kept busy, with real-time priority where permitted and without.
 */
export async function lateness(seconds: number): Promise<readonly Row[]> {
  const settings = [false, true].flatMap((busy) => [setting(busy, 'auto'), setting(busy, 'off')])
  for (let round = 0; round < ROUNDS; round++) for (const each of settings) await playBlock(each, seconds)
  const rows = settings.map(({ busy, priority, late, slips, dropped, steals }) => {
    const sorted = late.sort((a, b) => a - b)
    return {
      cores: busy ? 'all busy' : 'as they are',
      priority,
      messages: sorted.length,
      'p50 ms': round(percentile(sorted, 0.5), 3),
      'p99 ms': round(percentile(sorted, 0.99), 3),
      'max ms': round(percentile(sorted, 1), 3),
      slips,
      dropped,
      'host took %': steals.join(', '),
    }
  })
  printTable(`Lateness of planned messages at 16 notes/s, ${ROUNDS} blocks of ${seconds} s each`, rows)
  return rows
}

function setting(busy: boolean, realtime: 'auto' | 'off'): Setting {
  return { busy, realtime, late: [], steals: [], priority: '', slips: 0, dropped: 0 }
}

async function playBlock(into: Setting, seconds: number): Promise<void> {
  const relieve = into.busy ? burnAllCores() : undefined
  try {
    await whilePlaying({ realtime: into.realtime }, async (app) => {
      into.priority = app.meters().realtime.on ? 'real-time' : 'normal'
      app.onSent((message) => {
        const late = latenessOf(message)
        if (late !== undefined) into.late.push(late)
      })
      const stolen = watchSteal()
      await sleep(1000 * seconds)
      into.steals.push(stolen())
      into.slips += app.snapshot()?.slips ?? 0
      into.dropped += app.meters().dropped
    })
  } finally {
    relieve?.()
  }
}
