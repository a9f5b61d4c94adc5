import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import { RELEASE_VELOCITY, STATUS } from '../src/engine/language/midi-status.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import type { PerformerMessage } from '../src/threads/messages.js'
import { watchSteal } from './machine.js'
import { watchCpu, whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

type Applied = Extract<PerformerMessage, { kind: 'applied' }>

/** The time between single inputs is random within these limits, so that they come at every moment of the performer's work. */
const LEAST_GAP_MS: Ms = 300
const MOST_GAP_MS: Ms = 700
/** A knob that is turned sends a hundred inputs a second; it goes to and fro once in 200 of them, 2 s. */
const TURNING_GAP_MS: Ms = 10
const SWEEP = 200

/** Sends the n-th input of a kind. */
type Input = (app: App, n: number) => void

/** The position of a knob, 0-1, after n of its messages. */
const knob = (n: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SWEEP)

const setTemperature: Input = (app, n) =>
  app.ask({ type: 'set', control: 'temperature', value: 0.7 + 0.6 * knob(n) }, 'keys')

/** Sets by turns a control that costs no network step (temperature) and one that does (density). */
const setSomething: Input = (app, n) =>
  n % 2 === 0
    ? app.ask({ type: 'set', control: 'temperature', value: 0.7 + 0.6 * Math.random() }, 'keys')
    : app.ask({ type: 'set', control: 'density', value: 12 + 8 * Math.random() }, 'keys')

/** Presses a key and lifts it by turns. */
const playKey: Input = (app, n) => {
  const pitch = 48 + ((7 * (n >> 1)) % 24)
  app.receive(n % 2 === 0 ? [STATUS.noteOn, pitch, 80] : [STATUS.noteOff, pitch, RELEASE_VELOCITY])
}

const turnController: Input = (app, n) => app.receive([STATUS.controlChange, 74, Math.round(127 * knob(n))])

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
 * Measures how soon the music follows an input, for `seconds` of each kind: from the input's arrival to the horizon, from which
 * on all events are drawn anew, and to the first event drawn anew. Also measures the load of the process.
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
    // The play command was applied before measuring began, so it isn't counted.
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

/** Sends inputs for `duration`, catching up where a timer was late. @returns how many. */
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
