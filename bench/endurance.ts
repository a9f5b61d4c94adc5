import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import type { Control } from '../src/engine/controls/control-kinds.js'
import { CONTROL_NAMES, CONTROLS, type ControlValue } from '../src/engine/controls/controls.js'
import { type SentMessage, SUSTAIN } from '../src/engine/language/messages.js'
import { RELEASE_VELOCITY, STATUS } from '../src/engine/language/midi-status.js'
import type { Ms, Pitch } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { lateness as latenessOf } from '../src/io/shared/ring-messages.js'
import { watchSteal } from './machine.js'
import { watchCpu, whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

/** Average time between two moves of a knob, key or pedal. They come in bursts, as when a hand turns a knob. */
const MOVE_EVERY_MS: Ms = 50

/** Average number of moves between two rare commands (again, forget, end, pause), which is about half a minute. */
const MOVES_PER_COMMAND = 600

/** Longest time after a command before the music is asked to go on. */
const LONGEST_PAUSE_MS: Ms = 2000

/**
 * Keys are played in every third stretch of this length. Played all the time, keys would hide what the knobs do, because the
 * effect of keys lasts for 8 s.
 */
const KEYS_EVERY_MS: Ms = 20_000

/** Wait after silencing, because main learns of sent messages some 50 ms late. */
const SILENCE_MS: Ms = 500
const MEMORY_EVERY_MS: Ms = 5000

/** Share of the run in which compilers and heaps still settle. The slope of the memory is taken after it. */
const WARM_UP_SHARE = 0.2

/** Memory is averaged (medians) over blocks of this length, longer than the ups and downs that garbage collection makes. */
const MEMORY_BLOCK_MS: Ms = 60_000

const between = (low: number, high: number) => low + (high - low) * Math.random()
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(list.length * Math.random())]!

/** A random value of the control; auto in a quarter of the cases where the control can be auto. */
function anyValue(control: Control): ControlValue {
  switch (control.kind) {
    case 'number':
    case 'auto-number': {
      if (control.kind === 'auto-number' && Math.random() < 0.25) return null
      const steps = Math.round((control.max - control.min) / control.step)
      return round(control.min + control.step * Math.floor(between(0, steps + 1)), 4)
    }
    case 'range': {
      const ends = [between(control.min, control.max), between(control.min, control.max)].map(Math.round)
      return [Math.min(...ends), Math.max(...ends)]
    }
    case 'choice':
      return oneOf(control.options) as ControlValue
    case 'switch':
      return Math.random() < 0.5
    case 'weights':
      return Math.random() < 0.5 ? null : Array.from({ length: 12 }, () => 0.01 + Math.random())
  }
}

/** Moves one control at random, by command or by MIDI controller. */
function moveControl(app: App): void {
  const what = Math.random()
  const name = oneOf(CONTROL_NAMES)
  // Most moves put a control back to its default; else masks would close most of the keyboard nearly all the time.
  if (what < 0.5)
    app.ask({ type: 'set', control: name, value: CONTROLS[name].default as ControlValue }, 'keys')
  else if (what < 0.7) app.ask({ type: 'set', control: name, value: anyValue(CONTROLS[name]) }, 'keys')
  else app.receive([STATUS.controlChange, oneOf([1, 74]), Math.floor(between(0, 128))])
}

/** Moves one key or the pedal at random. Keys are lifted more often than struck, so that few stay down. */
function moveKey(app: App, keys: Pitch[]): void {
  const what = Math.random()
  if (what < 0.2) app.receive([STATUS.controlChange, SUSTAIN, Math.random() < 0.2 ? 127 : 0])
  else if (what < 0.5) strike(app, keys)
  else lift(app, keys)
}

function strike(app: App, keys: Pitch[]): void {
  const pitch = Math.floor(between(36, 96))
  keys.push(pitch)
  app.receive([STATUS.noteOn, pitch, Math.floor(between(1, 128))])
}

function lift(app: App, keys: Pitch[]): void {
  const pitch = keys.shift()
  if (pitch !== undefined) app.receive([STATUS.noteOff, pitch, RELEASE_VELOCITY])
}

/** Counts the notes that reached the port, and how late they were. */
function createCount() {
  const sounding = new Map<number, number>()
  const late: Ms[] = []
  let notes = 0
  return {
    receive(message: SentMessage): void {
      const ms = latenessOf(message)
      // One message in ten is enough for percentiles; storing all messages of two hours would look like a memory leak.
      if (ms !== undefined && Math.random() < 0.1) late.push(ms)
      if (message.fate !== 'sent' || message.kind === 'control-change') return
      const key = 128 * message.channel + message.pitch
      const step = message.kind === 'note-on' ? 1 : -1
      if (step === 1) notes++
      const now = (sounding.get(key) ?? 0) + step
      if (now === 0) sounding.delete(key)
      else sounding.set(key, now)
    },
    notes: () => notes,
    late: () => late.sort((a, b) => a - b),
    /** The sum over all channels and pitches of the difference between note-ons and note-offs; 0 when every note has ended. */
    unbalanced: () => [...sounding.values()].reduce((sum, count) => sum + Math.abs(count), 0),
  }
}

/** The slope of a line through the points by least squares (Legendre 1805), in units of y per unit of x. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x0, y0] = [mean(0), mean(1)]
  const over = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0)
  return over / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0)
}

/**
 * Runs the whole program without a port for `seconds` while controls, keys and commands come at random. Measures whether
 * memory grows, whether every note ends and how late messages are. The slope of the memory needs an hour or more.
 */
export async function endurance(seconds: number): Promise<readonly Row[]> {
  const count = createCount()
  const started = performance.now()
  const memory: [at: Ms, bytes: number][] = []
  const row = await whilePlaying({ realtime: 'auto' }, async (app) => {
    // Counting begins in silence, so that no note-off is counted whose note-on wasn't.
    app.silence()
    await sleep(SILENCE_MS)
    app.onSent(count.receive)
    const cpu = watchCpu()
    const stolen = watchSteal()
    const timer = setInterval(() => {
      memory.push([performance.now() - started, process.memoryUsage.rss()])
    }, MEMORY_EVERY_MS)
    const moves = await turnEverything(app, 1000 * seconds)
    clearInterval(timer)
    const { slips = 0, slippedMs = 0 } = app.snapshot() ?? {}
    return { moves, slips, slippedMs, cpu: cpu(), stolen: stolen(), meters: app.meters() }
  })
  const late = count.late()
  const settled = memoryBlocks(memory).filter(([at]) => at > WARM_UP_SHARE * 1000 * seconds)
  const megabytes = (bytes: number) => round(bytes / 2 ** 20, 1)
  const rows = [
    {
      seconds,
      moves: row.moves,
      notes: count.notes(),
      unbalanced: count.unbalanced(),
      'MB, by fifths': [0, 0.25, 0.5, 0.75, 1]
        .map((share) => megabytes(settled[Math.round(share * (settled.length - 1))]?.[1] ?? 0))
        .join(' '),
      'MB/h': settled.length < 2 ? '-' : round((slope(settled) * 3_600_000) / 2 ** 20, 2),
      'late p50 ms': round(percentile(late, 0.5), 3),
      'p99 ms': round(percentile(late, 0.99), 3),
      'max ms': round(row.meters.lateness.max, 1),
      slips: row.slips,
      'slipped ms': Math.round(row.slippedMs),
      dropped: row.meters.dropped,
      lost: row.meters.lost,
      restarts: row.meters.restarts,
      'CPU %': round(row.cpu, 1),
      'host took %': row.stolen,
    },
  ]
  printTable('All knobs turned at random, keys and commands between', rows)
  return rows
}

/** Makes random moves for `duration`. @returns how many. */
async function turnEverything(app: App, duration: Ms): Promise<number> {
  const end = performance.now() + duration
  const keys: Pitch[] = []
  let moves = 0
  while (performance.now() < end) {
    // A burst of 1 to 20 moves at 100 a second, then a rest that brings the rate down to the average.
    const playsKeys = Math.floor((end - performance.now()) / KEYS_EVERY_MS) % 3 === 2
    const burst = Math.ceil(20 * Math.random())
    for (let n = 0; n < burst; n++) {
      if (playsKeys && Math.random() < 0.5) moveKey(app, keys)
      else moveControl(app)
      moves++
      await sleep(10)
    }
    await sleep(Math.max(0, burst * (MOVE_EVERY_MS - 10)))
    if (Math.random() < burst / MOVES_PER_COMMAND) {
      app.ask({ type: oneOf(['again', 'forget', 'end', 'pause'] as const) }, 'keys')
      await sleep(between(0, LONGEST_PAUSE_MS))
    }
    if (!playsKeys) {
      app.receive([STATUS.controlChange, SUSTAIN, 0])
      while (keys.length > 0) lift(app, keys)
    }
    // Playing is requested at every turn, because after `end` the music stops at some later moment.
    if (app.snapshot()?.paused) app.ask({ type: 'play' }, 'keys')
  }
  return moves
}

/** The median memory of each block, at the time of the block's middle. */
function memoryBlocks(readings: readonly (readonly [at: Ms, bytes: number])[]): [number, number][] {
  const blocks = new Map<number, number[]>()
  for (const [at, bytes] of readings) {
    const block = Math.floor(at / MEMORY_BLOCK_MS)
    blocks.set(block, [...(blocks.get(block) ?? []), bytes])
  }
  return [...blocks].map(([block, bytes]) => [
    (block + 0.5) * MEMORY_BLOCK_MS,
    percentile(
      bytes.sort((a, b) => a - b),
      0.5,
    ),
  ])
}
