import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import type { PerformerMessage } from '../src/threads/messages.js'
import { watchSteal } from './machine.js'
import { watchCpu, whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

type Applied = Extract<PerformerMessage, { kind: 'applied' }>

/** Single inputs come this far apart, at random: together they meet every phase of the performer's work. */
const LEAST_GAP_MS: Ms = 300
const MOST_GAP_MS: Ms = 700
/** A hundred inputs a second, as of a knob that turns; one turn to and fro takes 2 s. */
const TURNING_GAP_MS: Ms = 10
const SWEEP = 200

/** The n-th input of a kind, sent once. */
type Input = (app: App, n: number) => void

/** Where a knob stands after n of its messages, 0-1. */
const knob = (n: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SWEEP)

const setTemperature: Input = (app, n) =>
  app.ask({ type: 'set', control: 'temperature', value: 0.7 + 0.6 * knob(n) }, 'keys')

/** By turns what costs no network step (temperature) and what does (density). */
const setSomething: Input = (app, n) =>
  n % 2 === 0
    ? app.ask({ type: 'set', control: 'temperature', value: 0.7 + 0.6 * Math.random() }, 'keys')
    : app.ask({ type: 'set', control: 'density', value: 12 + 8 * Math.random() }, 'keys')

/** By turns a key down and the same key up. */
const playKey: Input = (app, n) => {
  const pitch = 48 + ((7 * (n >> 1)) % 24)
  app.receive(n % 2 === 0 ? [0x90, pitch, 80] : [0x80, pitch, 64])
}

const turnController: Input = (app, n) => app.receive([0xb0, 74, Math.round(127 * knob(n))])

const PASSAGES: readonly { readonly title: string; readonly gap: () => Ms; readonly input: Input | null }[] =
  [
    { title: 'none', gap: singleGap, input: null },
    { title: 'single commands', gap: singleGap, input: setSomething },
    { title: 'control at 100/s', gap: () => TURNING_GAP_MS, input: setTemperature },
    { title: 'single keys, by the ear', gap: singleGap, input: playKey },
    { title: 'CC74 at 100/s, by the ear', gap: () => TURNING_GAP_MS, input: turnController },
  ]

function singleGap(): Ms {
  return LEAST_GAP_MS + (MOST_GAP_MS - LEAST_GAP_MS) * Math.random()
}

/**
 * How soon the music obeys, `seconds` of each kind of input: from an input's arrival to the horizon from which on all
 * is drawn under it (nothing before has changed), and to the first event drawn so. Beside it what obeying costs.
 */
export async function steering(seconds: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const passage of PASSAGES) rows.push(await measure(passage, seconds))
  printTable(`From an input to its effect at 16 notes/s, ${seconds} s each`, rows)
  return rows
}

async function measure({ title, gap, input }: (typeof PASSAGES)[number], seconds: number): Promise<Row> {
  const all: Applied[] = []
  return await whilePlaying({ realtime: 'auto', onApplied: (applied) => all.push(applied) }, async (app) => {
    // What has been applied by now is the play command.
    all.length = 0
    const cpu = watchCpu()
    const stolen = watchSteal()
    const sent = await send(app, input, gap, 1000 * seconds)
    const cpuShare = cpu()
    const horizons = all.map(({ horizon, arrived }) => horizon - arrived).sort((a, b) => a - b)
    const dues = all.map(({ firstDue, arrived }) => firstDue - arrived).sort((a, b) => a - b)
    const at = (sorted: readonly Ms[], share: number) =>
      sorted.length === 0 ? '' : round(percentile(sorted, share), 1)
    return {
      input: title,
      sent,
      applied: all.length,
      'p50 ms': at(horizons, 0.5),
      'p95 ms': at(horizons, 0.95),
      'max ms': at(horizons, 1),
      'event p50 ms': at(dues, 0.5),
      'event p95 ms': at(dues, 0.95),
      slips: app.snapshot()?.slips ?? 0,
      'CPU %': round(cpuShare, 1),
      'host took %': stolen(),
    }
  })
}

/** Sends inputs for `duration` at their own pace, caught up where a timer was late. @returns how many. */
async function send(app: App, input: Input | null, gap: () => Ms, duration: Ms): Promise<number> {
  const end = performance.now() + duration
  let sent = 0
  for (let next = performance.now() + gap(); next < end; next += gap()) {
    await sleep(Math.max(0, next - performance.now()))
    input?.(app, sent)
    if (input) sent++
  }
  await sleep(Math.max(0, end - performance.now()))
  return sent
}
