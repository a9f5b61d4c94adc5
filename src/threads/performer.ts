import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { RealtimeMessage, TimedMessage } from '../engine/language/messages.js'
import { languageOf, parseWeights } from '../engine/model/model.js'
import { type AppliedArrival, createPerformer } from '../engine/performer/performer.js'
import { Refused } from '../engine/refused.js'
import type { TakenInput } from '../engine/surface/inputs.js'
import type { Ms } from '../engine/units.js'
import { now, sleepUntil, wake } from '../io/clock.js'
import { COLLECT_MS, createGarbageCollector } from '../io/garbage.js'
import { openNetwork } from '../io/models/open-network.js'
import { RecentEvents } from '../io/shared/recent-events.js'
import { drainHeard, pushRealtime, pushTimed } from '../io/shared/ring-messages.js'
import { Ring } from '../io/shared/rings.js'
import { EPOCH, PERFORMER_BELL, STAGE_BELL } from '../io/shared/shared-memory.js'
import type { PerformerData, PerformerMessage, PerformerRequest } from './messages.js'

/** The worker that owns the model and the plan. It has no event loop: it looks at its inboxes between steps. */
const data = workerData as PerformerData
const { control } = data.memory
const port = requirePort()

/** How often main is told how things stand: 15 frames a second want no more. */
const SNAPSHOT_MS: Ms = 66

const toStage = new Ring(data.memory.performerToStage)
const fromEar = new Ring(data.memory.earToPerformer)
const history = new RecentEvents(data.history)

/** The panics applied so far: messages carry it, so that what was planned before a panic is dropped. */
let epoch = data.epoch

/** Note-offs that found the ring full; nothing else may go before them. (A note-on that finds it full is lost.) */
let unsent: TimedMessage[] = []

/** Inputs applied since main was last told. */
let inputs: TakenInput[] = []

/** Whether anything was handed over that the stage hasn't been woken for. */
let pushed = false

function say(message: PerformerMessage): void {
  port.postMessage(message)
}

function emit(message: TimedMessage): void {
  pushed = true
  if (unsent.length > 0 || !pushTimed(toStage, message, epoch)) {
    if (message.kind === 'note-off') unsent.push(message)
  }
}

function emitRealtime(message: RealtimeMessage): void {
  if (!data.givesClock) return
  pushed = true
  pushRealtime(toStage, message)
}

/** Rings the stage's bell once for all that was pushed, the note-offs left over first. */
function deliver(): void {
  const waiting = unsent
  unsent = []
  for (const message of waiting) emit(message)
  if (pushed) wake(control, STAGE_BELL)
  pushed = false
}

function report({ arrival, horizon, firstDue }: AppliedArrival): void {
  say({ kind: 'applied', by: arrival.kind, arrived: arrival.at, horizon, firstDue })
}

const weights = parseWeights(data.model.spec, data.model.bytes)
const network = await openNetwork(weights, data.backend, data.precision, data.kernel).catch(refuse)
const performer = createPerformer({
  network,
  ...languageOf(data.model.spec),
  seed: data.seed,
  firstId: data.firstId,
  controls: data.controls,
  horizon: data.horizon,
  sync: data.sync,
  emitRealtime,
  emit,
  onEvent: (event) => history.write(event),
  onRetract: (count) => history.retract(count),
  ...(data.past.length > 0 ? { memory: data.past } : {}),
  showsAhead: data.showsAhead,
  ...(data.reportApplied ? { onApplied: report } : {}),
  ...(data.reportInputs ? { onInput: (input: TakenInput) => inputs.push(input) } : {}),
})

/** Says why it can't play, and ends. */
function refuse(error: unknown): never {
  if (error instanceof Refused) say({ kind: 'refused', reason: error.message })
  throw error
}

function requirePort() {
  if (!parentPort) throw new Error('The performer runs as a worker.')
  return parentPort
}

/** Takes in everything that has arrived; whether there was anything. */
function drainInboxes(): boolean {
  let any =
    drainHeard(fromEar, (message) => {
      if (message.kind === 'clock' || message.kind === 'song-position') performer.receiveClock(message)
      else performer.receive({ kind: 'heard', message, at: message.at })
    }) > 0
  for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
    const order = received.message as PerformerRequest
    if (order.kind === 'fault') throw new Error('a fault was injected')
    any = true
    // The panic has been applied already: what was to play before it stays silent.
    if (order.command.type === 'play' && order.epoch < epoch) continue
    if (order.command.type === 'forget') history.clear()
    performer.receive(order)
  }
  return any
}

/**
 * Obeys a panic, if there was one. What the turn hands over on its way still carries the epoch before and is dropped:
 * only what comes after the panic may sound. Whether there was one.
 */
function heedPanic(): boolean {
  const panics = Atomics.load(control, EPOCH)
  if (panics === epoch) return false
  unsent = []
  const at = now()
  performer.receive({ kind: 'command', command: { type: 'panic' }, at })
  performer.tick(at)
  deliver()
  unsent = []
  epoch = panics
  return true
}

function play(): never {
  const collect = createGarbageCollector()
  let lastCollection = now()
  let lastSnapshot = Number.NEGATIVE_INFINITY
  let changed = true
  for (;;) {
    // Read before the inboxes are: what comes in during the turn changes it, and the sleep returns at once.
    const bell = Atomics.load(control, PERFORMER_BELL)
    // A turn may be the one that pauses (at a breath): main must hear of that too.
    const panicked = heedPanic()
    if (drainInboxes() || panicked || performer.hasWaiting || !performer.pianist.paused) changed = true
    const wakeAt = performer.tick(now())
    deliver()
    const time = now()
    if (changed && time - lastSnapshot >= SNAPSHOT_MS) {
      const snapshot = performer.snapshot(time)
      say({ kind: 'snapshot', snapshot })
      if (data.reportInputs) say({ kind: 'inputs', inputs, position: snapshot.position })
      inputs = []
      lastSnapshot = time
      changed = false
    }
    // When there is nothing to do the plan is full: it holds a hundred times as long as a collection takes.
    if (wakeAt > time && time - lastCollection >= COLLECT_MS) {
      collect()
      lastCollection = time
    }
    const until = changed ? Math.min(wakeAt, lastSnapshot + SNAPSHOT_MS) : wakeAt
    if (until > time) sleepUntil(control, PERFORMER_BELL, bell, until, 0)
  }
}

if (data.playing) performer.receive({ kind: 'command', command: { type: 'play' }, at: now() })
say({ kind: 'ready', backend: network.backend })
play()
