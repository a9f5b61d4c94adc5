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

/** The worker that owns the model and the plan. It has no event loop: it polls its inboxes in each tick. */
const data = workerData as PerformerData
const { control } = data.memory
const port = requirePort()

/**
 * How often main gets a snapshot: control surfaces draw 15 frames a second, and seldom more. Less often they show old
 * frames; more often costs the performer time for nothing.
 */
const SNAPSHOT_MS: Ms = 66

const toStage = new Ring(data.memory.performerToStage)
const fromEar = new Ring(data.memory.earToPerformer)
const history = new RecentEvents(data.history)

/** The number of panics applied so far. Messages carry it, so that the stage drops what was planned before a panic. */
let epoch = data.epoch

/** Note-offs and pedal moves that found the ring full, to be sent before anything else. (A note-on that finds it full is lost.) */
let unsent: TimedMessage[] = []

/** Inputs applied since main last got them. */
let inputs: TakenInput[] = []

/** Whether there are messages in the ring that the stage hasn't been woken for. */
let pushed = false

function post(message: PerformerMessage): void {
  port.postMessage(message)
}

function emit(message: TimedMessage): void {
  pushed = true
  if (unsent.length > 0 || !pushTimed(toStage, message, epoch)) {
    if (message.kind !== 'note-on') unsent.push(message)
  }
}

function emitRealtime(message: RealtimeMessage): void {
  if (!data.givesClock) return
  pushed = true
  pushRealtime(toStage, message)
}

/** Pushes what was left over, and rings the stage's bell once for all that was pushed. */
function deliver(): void {
  const waiting = unsent
  unsent = []
  for (const message of waiting) emit(message)
  if (pushed) wake(control, STAGE_BELL)
  pushed = false
}

function report({ arrival, horizon, firstDue }: AppliedArrival): void {
  post({ kind: 'applied', by: arrival.kind, arrived: arrival.at, horizon, firstDue })
}

const weights = parseWeights(data.model.spec, data.model.bytes)
const network = await openNetwork(weights, data.backend, data.precision, data.kernel).catch(refuse)
const performer = createPerformer({
  network,
  ...languageOf(data.model.spec),
  seed: data.seed,
  firstId: data.firstId,
  ...(data.firstClickId === null ? {} : { firstClickId: data.firstClickId }),
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

/** Posts why the performer can't play, and ends the thread. */
function refuse(error: unknown): never {
  if (error instanceof Refused) post({ kind: 'refused', reason: error.message })
  throw error
}

function requirePort() {
  if (!parentPort) throw new Error('The performer runs as a worker.')
  return parentPort
}

/** Receives everything that has arrived. @returns whether there was anything */
function drainInboxes(): boolean {
  let any =
    drainHeard(fromEar, (message) => {
      if (message.kind === 'clock' || message.kind === 'song-position') performer.receiveClock(message)
      else performer.receive({ kind: 'heard', message, at: message.at })
    }) > 0
  for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
    const request = received.message as PerformerRequest
    if (request.kind === 'fault') throw new Error('a fault was injected')
    any = true
    if (request.kind === 'clock') {
      performer.receiveClock(request.message)
      continue
    }
    // A panic that came after this *play* has been applied already.
    if (request.command.type === 'play' && request.epoch < epoch) continue
    if (request.command.type === 'forget') history.clear()
    performer.receive(request)
  }
  return any
}

/**
 * Applies a panic if there was one. During this the performer's messages carry the old epoch, and the stage drops them:
 * only what is played after the panic may sound. @returns whether there was one
 */
function applyPanic(): boolean {
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

function run(): never {
  const collect = createGarbageCollector()
  let lastCollection = now()
  let lastSnapshot = Number.NEGATIVE_INFINITY
  let changed = true
  for (;;) {
    // The bell is read before the inboxes: anything that arrives during this tick changes it, and then the sleep returns
    // at once.
    const bell = Atomics.load(control, PERFORMER_BELL)
    // `changed` is decided before the tick, which may pause the music at a breath: main needs a snapshot of that pause
    // too.
    const panicked = applyPanic()
    if (drainInboxes() || panicked || performer.hasWaiting || !performer.pianist.paused) changed = true
    const wakeAt = performer.tick(now())
    deliver()
    const time = now()
    if (changed && time - lastSnapshot >= SNAPSHOT_MS) {
      const snapshot = performer.snapshot(time)
      post({ kind: 'snapshot', snapshot })
      if (data.reportInputs) post({ kind: 'inputs', inputs, position: snapshot.position })
      inputs = []
      lastSnapshot = time
      changed = false
    }
    // When there is nothing to do the plan is full, and it lasts a hundred times longer than a garbage collection takes.
    if (wakeAt > time && time - lastCollection >= COLLECT_MS) {
      collect()
      lastCollection = time
    }
    const until = changed ? Math.min(wakeAt, lastSnapshot + SNAPSHOT_MS) : wakeAt
    if (until > time) sleepUntil(control, PERFORMER_BELL, bell, until, 0)
  }
}

if (data.muted) performer.receive({ kind: 'command', command: { type: 'mute', on: true }, at: now() })
if (data.playing) performer.receive({ kind: 'command', command: { type: 'play' }, at: now() })
post({ kind: 'ready', backend: network.backend })
run()
