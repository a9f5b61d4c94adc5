import { Worker } from 'node:worker_threads'
import type { AppOptions } from './app-options.js'
import type { Command } from './engine/commands.js'
import type { EventIndex } from './engine/events.js'
import { refuseMissing } from './engine/networks.js'
import { ALL_NOTES_OFF, SOSTENUTO, SUSTAIN } from './engine/notes.js'
import type { Meters, Snapshot } from './engine/snapshot.js'
import { type Ms, Refused } from './engine/units.js'
import { now, wake } from './io/clock.js'
import { allocateHistory, History } from './io/history.js'
import { Ledger } from './io/ledger.js'
import { missingMidi, openMidiLibrary } from './io/midi-library.js'
import { readKernel } from './io/model-files.js'
import { ownPorts } from './io/port-names.js'
import { createRecorder } from './io/recorder.js'
import { pushTimed, type SentMessage } from './io/records.js'
import { endNotes } from './io/rescue.js'
import { Ring } from './io/rings.js'
import { createSentWatch } from './io/sent-watch.js'
import {
  allocateSharedMemory,
  awaitSilence,
  countOverflows,
  DROPPED,
  ECHOES,
  EPOCH,
  endStage,
  FIRST_THRU_ID,
  LOST,
  PERFORMER_BELL,
  panic,
  STAGE_BELL,
} from './io/shared-memory.js'
import type {
  EarCommand,
  EarData,
  EarMessage,
  PerformerData,
  PerformerMessage,
  PerformerOrder,
  StageData,
  StageMessage,
  StagePort,
} from './threads/messages.js'

/** The running program. Faces use `command`, `panic`, `snapshot`, `meters`; the rest is for the way out. */
export interface App {
  command(command: Command): void
  /** Silence at once, then paused. */
  panic(): void
  /** How the pianist stands; undefined until it is there. */
  snapshot(): Snapshot | undefined
  meters(): Meters
  /** Sees every message that was really sent (or dropped), some 50 ms after. */
  onSent(see: (message: SentMessage) => void): void
  /** Feeds bytes to the input as if they had come from a port. */
  receive(bytes: readonly number[]): void
  /** Silence that the caller can wait for (at most 250 ms); the performer is paused by it. */
  silence(): void
  /** The one road out, synchronous: silence, port closed, recording written. Safe to call twice. */
  end(): void
  /** After `end`: lets the workers go, so that the process can end by itself. */
  close(): Promise<void>
  readonly workers: { readonly stage: Worker; readonly ear: Worker; readonly performer: () => Worker }
}

/** The way out waits this long for the stage: longer makes Ctrl-C feel stuck, shorter may leave a note sounding. */
const SILENCE_LIMIT_MS: Ms = 250
/** How often what was sent is read; the ring holds seconds of it. */
const WATCH_MS: Ms = 50
/** How often the recording is looked after. A kill -9 loses what came after it was written. */
const RECORD_MS: Ms = 1000
/** A performer that dies more often than this in a minute will not live: say so instead of trying on. */
const MOST_RESTARTS = 5
const MINUTE_MS: Ms = 60_000

const thread = (name: string) => new URL(`./threads/${name}.js`, import.meta.url)

/**
 * Starts ear, stage and performer and plays (or is armed, until `play`). Throws Refused with a sentence when the
 * port or the model can't be had; a machine without MIDI is not an error: it plays on in silence and says so.
 */
export async function startApp(options: AppOptions): Promise<App> {
  refuseMissing(options.backend, options.precision)
  const memory = allocateSharedMemory()
  const history = allocateHistory()
  const past = new History(history)
  // A performer that dies before it has played much leaves the next one something to go on from.
  for (const event of options.prompt ?? []) past.write(event)
  const ledger = new Ledger(memory.ledger)
  const toStage = new Ring(memory.mainToStage)
  const watch = createSentWatch(memory.stageToMain)
  const kernel = readKernel()
  const recorder = options.record === null ? undefined : createRecorder(options.record, notice)
  let snapshot: Snapshot | undefined
  let backend = options.backend as string
  let inputs: readonly string[] = []
  let peers: readonly string[] = []
  let restarts = 0
  /** When performers died in the last minute. */
  let deaths: Ms[] = []
  let problem: string | null = null
  let ending = false
  let receiverIsThere = true
  /** The port that the stage has opened; empty until it has. */
  let output = ''
  /** The port of others that is played to; null for our own. */
  let playsTo = options.to

  function notice(sentence: string): void {
    problem = sentence
    options.onNotice(sentence)
  }

  const missing = options.port ? 'no port' : await missingMidi()
  if (missing !== null && options.to !== null && !options.toIsRemembered) throw new Refused(missing)
  if (missing !== null && !options.port) notice(`${missing} Playing on in silence.`)

  // The ear first: on macOS the process's first MIDI call must be its own.
  const ear = new Worker(thread('ear'), {
    workerData: {
      memory,
      settings: options.intake,
      virtual: missing === null && process.platform !== 'win32',
      from: missing === null ? options.from : null,
    } satisfies EarData,
  })
  let performerIsReady: () => void
  let performerFailed: (error: Error) => void
  const performerReady = new Promise<void>((resolve, reject) => {
    performerIsReady = resolve
    performerFailed = reject
  })
  let performer = startPerformer(false, options.prompt ?? [])
  const portName = await heardFromEar()
  const stage = new Worker(thread('stage'), {
    workerData: { memory, port: choosePort(), realtime: options.realtime } satisfies StageData,
  })
  const { portName: opened, realtime, otherwise } = await stageReady()
  output = opened
  if (otherwise) {
    notice(`The remembered port "${playsTo}" can't be had now; playing on ${output} instead.`)
    playsTo = null
  }
  await performerReady

  function choosePort(): StagePort {
    if (options.port) return options.port
    if (missing !== null) return { kind: 'null' }
    if (options.to === null) return { kind: 'virtual', name: portName }
    return {
      kind: 'named',
      name: options.to,
      own: ownPorts(portName),
      ...(options.toIsRemembered ? { otherwise: portName } : {}),
    }
  }

  function heardFromEar(): Promise<string> {
    return new Promise((resolve, reject) => {
      ear.on('message', (message: EarMessage) => {
        if (message.kind === 'listening') {
          inputs = message.inputs
          resolve(message.portName)
        } else if (message.kind === 'ports') portsChanged(message)
        else if (missing === null) notice(message.kind === 'warning' ? message.text : message.reason)
      })
      ear.on('error', (error) => {
        notice(`The keyboard input failed (${error.message}); start Rubato again to be heard.`)
        liftKeys()
        reject(error)
      })
    })
  }

  /** Keeps in mind whom we play to, and tells of a receiver that goes and comes. */
  function portsChanged(ports: Extract<EarMessage, { kind: 'ports' }>): void {
    peers = ports.peers
    if (playsTo === null || output === '') return
    const isThere = ports.outputs.includes(output)
    if (isThere === receiverIsThere) return
    receiverIsThere = isThere
    notice(
      isThere
        ? `The port "${output}" is there again; start Rubato again to play to it.`
        : `The port "${output}" is gone: nobody hears this.`,
    )
  }

  /** What a dead ear leaves held is let go, for the performer and at the output. */
  function liftKeys(): void {
    for (let channel = 0; channel < 16; channel++) {
      for (const controller of [SUSTAIN, SOSTENUTO, ALL_NOTES_OFF]) {
        const at = now()
        order({ kind: 'heard', message: { kind: 'control-change', at, channel, controller, value: 0 }, at })
      }
    }
    const epoch = Atomics.load(memory.control, EPOCH)
    for (const { id } of ledger.soundingNotes()) {
      if (id >= FIRST_THRU_ID) pushTimed(toStage, { kind: 'note-off', due: now(), id }, epoch)
    }
    wake(memory.control, STAGE_BELL)
  }

  function stageReady(): Promise<Extract<StageMessage, { kind: 'ready' }>> {
    return new Promise((resolve, reject) => {
      let failure = 'The output stage ended unexpectedly.'
      stage.on('message', (message: StageMessage) => {
        if (message.kind === 'ready') resolve(message)
        else if (message.kind === 'failed') {
          failure = message.reason
          reject(new Refused(failure))
        }
      })
      stage.on('error', (error) => {
        failure = `The output stage failed: ${error.message}.`
      })
      stage.on('exit', () => {
        reject(new Refused(failure))
        if (!ending) void stageLost(failure)
      })
    })
  }

  /** The stage's port went with its thread: the notes it left are ended at the receivers themselves. */
  async function stageLost(failure: string): Promise<void> {
    ending = true
    try {
      if (missing === null) {
        const target =
          playsTo === null
            ? ({ kind: 'peers', addresses: peers } as const)
            : ({ kind: 'named', name: playsTo } as const)
        await endNotes(await openMidiLibrary(), ledger, target)
      }
      options.onLost(failure)
    } catch (error) {
      options.onLost(`${failure} ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  function startPerformer(playing: boolean, goOnFrom: readonly EventIndex[]): Worker {
    const worker = new Worker(thread('performer'), {
      workerData: {
        memory,
        model: { spec: options.model.spec, bytes: options.model.bytes },
        kernel,
        backend: options.backend,
        precision: options.precision,
        seed: options.seed,
        controls: snapshot?.controls ?? options.controls,
        horizon: options.horizon,
        followTransport: options.followTransport,
        past: goOnFrom,
        history,
        epoch: Atomics.load(memory.control, EPOCH),
        playing,
        reportObeyed: options.onObeyed !== undefined,
      } satisfies PerformerData,
    })
    let failure = 'it ended'
    worker.on('message', (message: PerformerMessage) => {
      if (message.kind === 'snapshot') snapshot = message.snapshot
      else if (message.kind === 'obeyed') options.onObeyed?.(message)
      else {
        backend = message.backend
        performerIsReady()
      }
    })
    worker.on('error', (error) => {
      failure = error.message
      performerFailed(error)
    })
    worker.on('exit', () => {
      if (!ending) performerLost(failure)
    })
    return worker
  }

  /** A dead performer leaves nothing sounding and is started again from the last events. */
  function performerLost(failure: string): void {
    panic(memory)
    restarts++
    deaths = [...deaths.filter((at) => at > now() - MINUTE_MS), now()]
    if (deaths.length > MOST_RESTARTS) {
      options.onLost(
        `The performer failed ${deaths.length} times in a minute, the last time because ${failure}.`,
      )
      return
    }
    notice(`The performer failed (${failure}) and was started again.`)
    performer = startPerformer(snapshot?.paused === false, past.read())
  }

  function order(message: PerformerOrder): void {
    performer.postMessage(message)
    wake(memory.control, PERFORMER_BELL)
  }

  const timers = [setInterval(watch.look, WATCH_MS)]
  if (recorder) {
    watch.onSent(recorder.take)
    timers.push(setInterval(() => recorder.keep(now()), RECORD_MS))
  }
  let ended = false

  return {
    command: (command) => order({ kind: 'command', command, at: now() }),
    panic: () => {
      panic(memory)
    },
    snapshot: () => snapshot,
    meters: () => ({
      output: missing === null ? `on ${output}` : 'in silence',
      inputs,
      realtime,
      backend,
      model: options.model.spec.name,
      seed: options.seed,
      notes: watch.notes,
      sounding: ledger.soundingNotes().length,
      lateness: watch.lateness(),
      dropped: Atomics.load(memory.control, DROPPED),
      lost: Atomics.load(memory.control, LOST) + countOverflows(memory),
      echoes: Atomics.load(memory.control, ECHOES),
      restarts,
      problem,
    }),
    onSent: watch.onSent,
    receive: (bytes) => ear.postMessage({ kind: 'bytes', bytes } satisfies EarCommand),
    silence: () => {
      awaitSilence(memory, panic(memory), SILENCE_LIMIT_MS)
    },
    end: () => {
      if (ended) return
      ended = true
      ending = true
      endStage(memory, SILENCE_LIMIT_MS)
      watch.look()
      recorder?.end(now())
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      ear.postMessage({ kind: 'close' } satisfies EarCommand)
      await Promise.all([performer.terminate(), ear.terminate(), stage.terminate()])
    },
    workers: { stage, ear, performer: () => performer },
  }
}
