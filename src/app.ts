import type { Worker } from 'node:worker_threads'
import type { AppOptions } from './app-options.js'
import type { Command } from './engine/commands.js'
import { refuseMissing } from './engine/networks.js'
import type { Meters, Snapshot } from './engine/snapshot.js'
import { type Ms, Refused } from './engine/units.js'
import { now } from './io/clock.js'
import { Ledger } from './io/ledger.js'
import { missingMidi } from './io/midi-library.js'
import { readKernel } from './io/model-files.js'
import { ownPorts } from './io/port-names.js'
import { createRecorder } from './io/recorder.js'
import type { SentMessage } from './io/records.js'
import { createSentWatch } from './io/sent-watch.js'
import {
  allocateSharedMemory,
  awaitSilence,
  countOverflows,
  DROPPED,
  ECHOES,
  endStage,
  LOST,
  panic,
} from './io/shared-memory.js'
import { hostEar } from './threads/ear-host.js'
import type { StagePort } from './threads/messages.js'
import { hostPerformer } from './threads/performer-host.js'
import { hostStage } from './threads/stage-host.js'

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

/**
 * Starts ear, performer and stage and plays (or is armed, until `play`). Throws Refused with a sentence when the
 * port or the model can't be had; a machine without MIDI is not an error: it plays on in silence and says so.
 */
export async function startApp(options: AppOptions): Promise<App> {
  refuseMissing(options.backend, options.precision)
  const memory = allocateSharedMemory()
  const ledger = new Ledger(memory.ledger)
  const watch = createSentWatch(memory.stageToMain)
  const recorder = options.record === null ? undefined : createRecorder(options.record, notice)
  let problem: string | null = null

  function notice(sentence: string): void {
    problem = sentence
    options.onNotice(sentence)
  }

  const missing = options.port ? 'no port' : await missingMidi()
  if (missing !== null && options.to !== null && !options.toIsRemembered) throw new Refused(missing)
  if (missing !== null && !options.port) notice(`${missing} Playing on in silence.`)

  // The ear first: on macOS the process's first MIDI call must be its own.
  const ear = hostEar(
    {
      memory,
      settings: options.intake,
      virtual: missing === null && process.platform !== 'win32',
      from: missing === null ? options.from : null,
    },
    (sentence) => {
      // Without MIDI there is nothing to be heard, and that has been said.
      if (missing === null) notice(sentence)
    },
  )
  const { model, backend, precision, seed, controls, horizon, followTransport } = options
  const performer = hostPerformer(
    {
      memory,
      model: { spec: model.spec, bytes: model.bytes },
      kernel: readKernel(),
      backend,
      precision,
      seed,
      controls,
      horizon,
      followTransport,
      prompt: options.prompt ?? [],
    },
    { onObeyed: options.onObeyed, onNotice: notice, onLost: options.onLost },
  )
  const { portName, inputs } = await ear.listening
  const port = choosePort(options, missing === null, portName)
  const stage = hostStage({ memory, port, realtime: options.realtime }, notice, options.onLost)
  ear.onPorts(stage.portsChanged)
  const opened = await stage.ready
  if (opened.otherwise)
    notice(`The remembered port "${options.to}" can't be had now; playing on ${opened.portName} instead.`)
  const engine = await performer.ready

  const timers = [setInterval(watch.look, WATCH_MS)]
  if (recorder) {
    watch.onSent(recorder.take)
    timers.push(setInterval(() => recorder.keep(now()), RECORD_MS))
  }
  let ended = false

  return {
    command: (command) => performer.order({ kind: 'command', command, at: now() }),
    panic: () => {
      panic(memory)
    },
    snapshot: performer.snapshot,
    meters: () => ({
      output: missing === null ? `on ${opened.portName}` : 'in silence',
      inputs,
      realtime: opened.realtime,
      backend: engine,
      model: model.spec.name,
      seed,
      notes: watch.notes,
      sounding: ledger.soundingNotes().length,
      lateness: watch.lateness(),
      dropped: Atomics.load(memory.control, DROPPED),
      lost: Atomics.load(memory.control, LOST) + countOverflows(memory),
      echoes: Atomics.load(memory.control, ECHOES),
      restarts: performer.restarts(),
      problem,
    }),
    onSent: watch.onSent,
    receive: (bytes) => ear.tell({ kind: 'bytes', bytes }),
    silence: () => {
      awaitSilence(memory, panic(memory), SILENCE_LIMIT_MS)
    },
    end: () => {
      if (ended) return
      ended = true
      performer.letGo()
      stage.letGo()
      endStage(memory, SILENCE_LIMIT_MS)
      watch.look()
      recorder?.end(now())
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all([performer.worker().terminate(), ear.close(), stage.worker.terminate()])
    },
    workers: { stage: stage.worker, ear: ear.worker, performer: performer.worker },
  }
}

/** Where the stage plays; `portName` is what our own port may be called. */
function choosePort({ port, to, toIsRemembered }: AppOptions, hasMidi: boolean, portName: string): StagePort {
  if (port) return port
  if (!hasMidi) return { kind: 'null' }
  if (to === null) return { kind: 'virtual', name: portName }
  return {
    kind: 'named',
    name: to,
    own: ownPorts(portName),
    ...(toIsRemembered ? { otherwise: portName } : {}),
  }
}
