import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import type { ModeName } from '../src/engine/controls/controls.js'
import { type SentMessage, SOSTENUTO } from '../src/engine/language/messages.js'
import { RELEASE_VELOCITY, STATUS } from '../src/engine/language/midi-status.js'
import type { Ms } from '../src/engine/units.js'
import { now } from '../src/io/clock.js'
import { PLAIN_INPUT } from '../src/io/input/input-router.js'
import { percentile } from '../src/io/meters/lateness.js'
import type { PerformerMessage } from '../src/threads/messages.js'
import { whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

type Applied = Extract<PerformerMessage, { kind: 'applied' }>
type NoteMessage = Extract<SentMessage, { kind: 'note-on' | 'note-off' }>

/** A note that doesn't come within this time is counted as missing. */
const PATIENCE_MS: Ms = 3000
const PAUSE_S = 0.3
const VOICES = 4
/** How many times a second of the bench's `seconds` the pianist takes over, and how many keys are played. */
const TAKEOVERS_PER_S = 0.4
const KEYS_PER_S = 2

/** Watches the notes that are sent for one source. */
function watchNotes(app: App, source: SentMessage['source']) {
  let seen: NoteMessage[] = []
  const unwatch = app.onSent((message) => {
    if (message.kind === 'control-change' || message.fate !== 'sent') return
    // The stage also sends note-offs of its own, where a sounding pitch is struck again.
    if (message.source === source || message.kind === 'note-off') seen.push(message)
  })
  return {
    unwatch,
    clear: () => {
      seen = []
    },
    /** Waits for the `count`-th message of the kind since `clear`. @returns when it was sent; NaN if it never was. */
    async sentAt(kind: NoteMessage['kind'], count: number): Promise<Ms> {
      const end = now() + PATIENCE_MS
      while (now() < end) {
        const found = seen.filter((message) => message.kind === kind)[count - 1]
        if (found) return found.sentAt
        await sleep(5)
      }
      return Number.NaN
    },
  }
}

async function setMode(app: App, mode: ModeName): Promise<void> {
  app.ask({ type: 'set', control: 'mode', value: mode }, 'keys')
  await sleep(1500)
}

const someTime = () => sleep(150 + 350 * Math.random())

async function harmonize(app: App, count: number): Promise<Row[]> {
  app.ask({ type: 'set', control: 'voices', value: VOICES }, 'keys')
  app.ask({ type: 'set', control: 'intervals', value: 'free' }, 'keys')
  await setMode(app, 'harmonize')
  const notes = watchNotes(app, 'performer')
  const ons: Ms[] = []
  const offs: Ms[] = []
  for (let n = 0; n < count; n++) {
    const pitch = 48 + ((7 * n) % 24)
    notes.clear()
    const struck = now()
    app.receive([STATUS.noteOn, pitch, 80])
    ons.push((await notes.sentAt('note-on', VOICES)) - struck)
    await someTime()
    const lifted = now()
    app.receive([STATUS.noteOff, pitch, RELEASE_VELOCITY])
    offs.push((await notes.sentAt('note-off', VOICES)) - lifted)
    await someTime()
  }
  notes.unwatch()
  return [
    rowOf(`harmonize: from the key to the last of ${VOICES} notes`, ons),
    rowOf('from its lift to the last of their ends', offs),
  ]
}

async function continueOn(app: App, count: number): Promise<Row> {
  await setMode(app, 'continue')
  const notes = watchNotes(app, 'performer')
  const delays: Ms[] = []
  for (let n = 0; n < count; n++) {
    await playSome(app)
    notes.clear()
    const pressed = now()
    app.receive([STATUS.controlChange, SOSTENUTO, 127])
    delays.push((await notes.sentAt('note-on', 1)) - pressed)
    app.receive([STATUS.controlChange, SOSTENUTO, 0])
    await sleep(600)
  }
  notes.unwatch()
  return rowOf('continue: from the pedal to the first note', delays)
}

async function answer(app: App, count: number): Promise<Row> {
  app.ask({ type: 'set', control: 'pause', value: PAUSE_S }, 'keys')
  await setMode(app, 'answer')
  const notes = watchNotes(app, 'performer')
  const delays: Ms[] = []
  for (let n = 0; n < count; n++) {
    const lifted = await playSome(app)
    notes.clear()
    delays.push((await notes.sentAt('note-on', 1)) - lifted - 1000 * PAUSE_S)
    await sleep(500)
  }
  notes.unwatch()
  return rowOf('answer: from the end of the pause to the first note', delays)
}

/** Plays four keys one after the other. @returns when the last was lifted. */
async function playSome(app: App): Promise<Ms> {
  let lifted: Ms = 0
  for (let n = 0; n < 4; n++) {
    const pitch = 55 + Math.floor(20 * Math.random())
    app.receive([STATUS.noteOn, pitch, 70])
    await sleep(80)
    lifted = now()
    app.receive([STATUS.noteOff, pitch, RELEASE_VELOCITY])
    await sleep(40)
  }
  return lifted
}

async function duet(app: App, applied: Applied[], count: number): Promise<Row> {
  await setMode(app, 'duet')
  applied.length = 0
  for (let n = 0; n < count; n++) {
    const pitch = 36 + Math.floor(48 * Math.random())
    app.receive([STATUS.noteOn, pitch, 80])
    await someTime()
    app.receive([STATUS.noteOff, pitch, RELEASE_VELOCITY])
    await someTime()
  }
  const received = applied.filter(({ by }) => by === 'heard')
  return rowOf(
    "duet: from the player's note to the horizon of the changed plan",
    received.map(({ horizon, arrived }) => horizon - arrived),
  )
}

async function thru(app: App, count: number): Promise<Row> {
  const late: Ms[] = []
  const unwatch = app.onSent((message) => {
    if (message.source === 'ear' && message.fate === 'sent') late.push(message.sentAt - message.due)
  })
  for (let n = 0; n < count; n++) {
    const pitch = 36 + (n % 60)
    app.receive([STATUS.noteOn, pitch, 80])
    await sleep(15 + 30 * Math.random())
    app.receive([STATUS.noteOff, pitch, RELEASE_VELOCITY])
  }
  await sleep(200)
  unwatch()
  return rowOf('thru: from the ear to the port, while it plays', late)
}

function rowOf(what: string, values: readonly Ms[]): Row {
  const came = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const at = (share: number) => (came.length === 0 ? '-' : round(percentile(came, share), 2))
  return {
    what,
    n: values.length,
    'p50 ms': at(0.5),
    'p95 ms': at(0.95),
    'p99 ms': at(0.99),
    'max ms': at(1),
    missing: values.length - came.length,
  }
}

/** Measures how soon Rubato answers the player in the running program, from a key at the ear to a note that the stage sends. */
export async function partnerLatency(seconds: number): Promise<readonly Row[]> {
  const keys = Math.ceil(KEYS_PER_S * seconds)
  const takeovers = Math.ceil(TAKEOVERS_PER_S * seconds)
  const applied: Applied[] = []
  const partner = await whilePlaying(
    { realtime: 'auto', onApplied: (how) => applied.push(how) },
    async (app) => [
      ...(await harmonize(app, keys)),
      await continueOn(app, takeovers),
      await answer(app, takeovers),
      await duet(app, applied, keys),
    ],
  )
  const passed = await whilePlaying({ realtime: 'auto', input: { ...PLAIN_INPUT, thru: 1 } }, (app) =>
    thru(app, 5 * keys),
  )
  const rows = [...partner, passed]
  printTable('Playing together, in real time', rows)
  return rows
}
