import { Worker } from 'node:worker_threads'
import { ALL_NOTES_OFF, SOSTENUTO, SUSTAIN } from '../engine/language/messages.js'
import type { Ms } from '../engine/units.js'
import { now, wake } from '../io/clock.js'
import { Ledger } from '../io/shared/ledger.js'
import { pushHeard, pushTimed } from '../io/shared/ring-messages.js'
import { Ring } from '../io/shared/rings.js'
import {
  awaitState,
  EAR_CLOSED,
  EAR_STATE,
  EPOCH,
  FIRST_THRU_ID,
  PERFORMER_BELL,
  type SharedMemory,
  STAGE_BELL,
} from '../io/shared/shared-memory.js'
import { type EarCommand, type EarData, type EarMessage, WORKER_LIMITS } from './messages.js'

/** The ports of other programs, and the connections of Rubato's virtual output. */
export type PortsReport = Extract<EarMessage, { kind: 'ports' }>

/** Receives the messages of controllers, and the names of controllers' ports that have been opened. */
interface ControllerWatcher {
  receive(port: string, bytes: readonly number[]): void
  opened(port: string): void
}

/** The ear as main sees it. */
export interface EarHost {
  readonly worker: Worker
  /** Resolves when the ear has tried to open every input. Rejects with the error if the ear ends before. */
  readonly listening: Promise<Extract<EarMessage, { kind: 'listening' }>>
  /** Sends the ear a command. */
  post(command: EarCommand): void
  /** `see` is called from now on when ports come, go or are connected. */
  onPorts(see: (ports: PortsReport) => void): void
  /** `see` receives the messages of controllers and learns which are opened, from the start on. */
  onController(see: ControllerWatcher): void
  /** Makes the ear close its ports and end; from now on its end is no failure. */
  close(): Promise<void>
}

/**
 * How long `close` waits for the ear, which takes milliseconds to end. Shorter may cut the ear off, longer waits for a hung
 * driver.
 */
const CLOSE_LIMIT_MS: Ms = 1000

/** How long a process that exits waits for the ear. Shorter may cut the ear off, longer keeps a shell waiting. */
const EXIT_LIMIT_MS: Ms = 250

/**
 * Starts the ear and watches over it. An ear that dies isn't started again, but the keys and pedals it held are lifted.
 * `onNotice` receives sentences for the player, for example that an input can't be opened.
 */
export function hostEar(data: EarData, onNotice: (sentence: string) => void): EarHost {
  const worker = new Worker(new URL('./ear.js', import.meta.url), {
    workerData: data,
    resourceLimits: WORKER_LIMITS,
  })
  let failure = new Error('it ended')
  let closing = false
  let seePorts: (ports: PortsReport) => void = () => {}
  let controllers: ControllerWatcher | undefined
  const unseen: ((see: ControllerWatcher) => void)[] = []

  function seeController(what: (see: ControllerWatcher) => void): void {
    if (controllers) what(controllers)
    else unseen.push(what)
  }

  const post = (command: EarCommand) => worker.postMessage(command)

  /**
   * A process that exits stops its workers wherever they are. Stopped in the MIDI library's native code, a worker throws
   * a C++ exception that nobody catches, and the process aborts with its exit code lost. So the ear is closed first.
   */
  const closeAtExit = () => {
    post({ kind: 'close' })
    awaitState(data.memory, EAR_STATE, EAR_CLOSED, EXIT_LIMIT_MS)
  }
  process.on('exit', closeAtExit)

  const gone = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      process.off('exit', closeAtExit)
      resolve()
    })
  })
  const listening = new Promise<Extract<EarMessage, { kind: 'listening' }>>((resolve, reject) => {
    worker.on('message', (message: EarMessage) => {
      switch (message.kind) {
        case 'listening':
          return resolve(message)
        case 'ports':
          return seePorts(message)
        case 'warning':
          return onNotice(message.text)
        case 'unavailable':
          return onNotice(message.reason)
        case 'controller':
          return seeController((see) => see.receive(message.port, message.bytes))
        case 'controller-open':
          return seeController((see) => see.opened(message.port))
      }
    })
    worker.on('error', (error) => {
      failure = error
    })
    gone.then(() => {
      if (closing) return
      liftAll(data.memory, now())
      onNotice(`The keyboard input failed (${failure.message}); start Rubato again to be heard.`)
      reject(failure)
    })
  })

  return {
    worker,
    listening,
    post,
    onPorts: (see) => {
      seePorts = see
    },
    onController: (see) => {
      controllers = see
      for (const what of unseen.splice(0)) what(see)
    },
    close: async () => {
      closing = true
      post({ kind: 'close' })
      const impatient = setTimeout(() => worker.terminate(), CLOSE_LIMIT_MS)
      await gone
      clearTimeout(impatient)
    },
  }
}

/**
 * Lifts every key and pedal that a dead ear has left held: for the performer all keys and pedals, at the stage the notes
 * and pedals that the ear passed through. (The pianist uses no pedal.) Main writes into the ear's rings, which have no
 * other writer any more.
 */
function liftAll(memory: SharedMemory, at: Ms): void {
  const toPerformer = new Ring(memory.earToPerformer)
  for (let channel = 0; channel < 16; channel++) {
    for (const controller of [SUSTAIN, SOSTENUTO, ALL_NOTES_OFF]) {
      pushHeard(toPerformer, { kind: 'control-change', at, channel, controller, value: 0 })
    }
  }
  wake(memory.control, PERFORMER_BELL)
  const toStage = new Ring(memory.earToStage)
  const ledger = new Ledger(memory.ledger)
  const epoch = Atomics.load(memory.control, EPOCH)
  for (const { id } of ledger.soundingNotes()) {
    if (id >= FIRST_THRU_ID) pushTimed(toStage, { kind: 'note-off', due: at, id }, epoch)
  }
  for (const channel of ledger.usedChannels()) {
    pushTimed(toStage, { kind: 'control-change', due: at, channel, controller: SUSTAIN, value: 0 }, epoch)
  }
  wake(memory.control, STAGE_BELL)
}
