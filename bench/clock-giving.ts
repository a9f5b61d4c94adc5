import { setTimeout as sleep } from 'node:timers/promises'
import { STATUS } from '../src/engine/language/midi-status.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import type { StageMessage } from '../src/threads/messages.js'
import { watchSteal } from './machine.js'
import { whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

const TEMPO = 120
const TICK_MS: Ms = 60_000 / TEMPO / 24

/** Measures how late the ticks of Rubato's MIDI clock are sent while it plays. */
export async function clockGiving(seconds: number): Promise<readonly Row[]> {
  const ticks: Ms[] = []
  let stolen: number | string = ''
  let ended: Promise<unknown> = Promise.resolve()
  await whilePlaying({ realtime: 'auto', sync: 'master', port: { kind: 'capture' } }, async (app) => {
    const watch = watchSteal()
    ended = new Promise((resolve) => {
      app.workers.stage.on('message', (message: StageMessage) => {
        if (message.kind !== 'captured') return
        for (const { at, bytes } of message.messages) if (bytes[0] === STATUS.clock) ticks.push(at)
        resolve(undefined)
      })
    })
    await sleep(1000 * seconds)
    stolen = watch()
    app.end()
    await ended
  })
  // Ticks are never sent early, so the exact grid of ticks is the earliest one that no tick comes before.
  const settled = ticks.slice(Math.ceil(2000 / TICK_MS))
  const offsets = settled.map((at, n) => at - n * TICK_MS)
  const start = Math.min(...offsets)
  const late = offsets.map((offset) => offset - start).sort((a, b) => a - b)
  const at = (share: number) => round(percentile(late, share), 3)
  const rows = [
    {
      tempo: TEMPO,
      ticks: late.length,
      'p50 ms': at(0.5),
      'p99 ms': at(0.99),
      'max ms': at(1),
      'host took %': stolen,
    },
  ]
  printTable('The clock that Rubato gives, lateness of its ticks', rows)
  return rows
}
