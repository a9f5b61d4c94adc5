import type { Worker } from 'node:worker_threads'
import { languageOf } from '../engine/model/model.js'
import { refuseMissing } from '../engine/network/create-network.js'
import { unsupportedControls } from '../engine/pianist/unsupported-controls.js'
import { Refused } from '../engine/refused.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import { COLLECT_MS, createGarbageCollector } from '../io/garbage.js'
import { createMidiMonitor, type MidiMonitor } from '../io/meters/midi-monitor.js'
import { missingMidi } from '../io/midi/midi-library.js'
import { isTfjs } from '../io/models/open-network.js'
import { type CaptureBuffer, createCaptureBuffer } from '../io/recording/capture.js'
import { createRecorder, type Recorder } from '../io/recording/recorder.js'
import {
  allocateSharedMemory,
  awaitSilence,
  isClick,
  panic,
  type SharedMemory,
} from '../io/shared/shared-memory.js'
import { createBeatReports } from './beat-reports.js'
import { type Clock, PROCESS_CLOCK } from './clock.js'
import type { Controllers } from './controllers/controllers.js'
import { joinLink, type LinkBand } from './link/link-band.js'
import { createMeterReader, type Machinery, type MeterReader } from './meters.js'
import { Notices } from './notices.js'
import type { AppOptions } from './options.js'
import { DRUMMERS_MODEL } from './parts/drummer.js'
import type { Performers } from './parts/performers.js'
import type { Requests } from './requests/requests.js'
import { startRequests } from './requests/start-requests.js'
import { createSurface } from './surface.js'
import { TakeLog, takeHeader } from './take.js'
import { closeThreads, SILENCE_LIMIT_MS, silenceThreads, startThreads, type Threads } from './threads.js'
import { WebPage } from './web-page.js'

/** The running program: the control surface, and the ways to silence and end it. */
export interface App extends ControlSurface {
  /** Silences all that sounds and pauses the performer. Blocks until that is done, at most 250 ms. */
  silence(): void
  /**
   * Ends the music; every way out of the process calls this. It is synchronous and fit for an exit handler: afterwards all
   * is silent, the port is closed, and recording and take are written. Further calls do nothing.
   */
  end(): void
  /** Ends the workers and the server, after `end`, so that the process can end by itself. */
  close(): Promise<void>
  readonly workers: { readonly stage: Worker; readonly ear: Worker; readonly performer: () => Worker }
}

/** How often the messages sent and heard are read: less often, a control surface shows a note long after it sounded. */
const MONITOR_MS: Ms = 20

/** How often recording and take are written. Less often, a kill -9 loses more of them; more often wears the disk. */
const RECORD_MS: Ms = 500

/** How often controllers are shown changed controls: a motor fader can't follow messages that come more often. */
const FEEDBACK_MS: Ms = 66

/** How often the load is measured: more often the figures jump, less often they are out of date. */
const LOAD_MS: Ms = 1000

/**
 * Starts ear, performers, stage and server; the music is paused until *play*. Throws Refused with a sentence when the port
 * or the model can't be opened. On a machine without MIDI it plays in silence, and posts a notice about that.
 */
export async function startApp(options: AppOptions, clock: Clock = PROCESS_CLOCK): Promise<App> {
  if (!isTfjs(options.backend)) refuseMissing(options.backend, options.precision)
  const memory = allocateSharedMemory()
  const notices = new Notices()
  notices.watch(options.onNotice)
  const notice = (sentence: string) => notices.post(sentence)
  const monitor = createMidiMonitor(memory)
  const reader = createMeterReader(memory, monitor)
  const capture = createCaptureBuffer()
  const recorder = options.record === null ? null : createRecorder(options.record, notice)
  for (const tape of [capture, recorder]) if (tape) connectTape(monitor, tape)
  const take = options.take === null ? null : new TakeLog()

  const threads = await startThreads({
    app: options,
    memory,
    hasMidi: await findMidi(options, notice),
    now: clock.now,
    notice,
    onInputs: take ? (inputs, position) => take.add(inputs, position) : undefined,
    onPorts: reader.portsChanged,
  })
  if (options.take !== null) take?.begin(options.take, takeHeader(options, threads.backend), notice)

  const machinery = machineryOf(options, threads)
  const room = { threads, memory, monitor, capture, machinery, clock, notice }
  const { performers, requests, controllers } = startRequests(options, room)
  const link = joinLink(options, performers, () => threads.performer.snapshot(), clock, notice)
  const reportBeat = createBeatReports(
    threads.performer.snapshot,
    () => (performers.drummer ? threads.seat.host?.snapshot() : undefined),
    (report) => {
      capture.receiveBeat(report)
      recorder?.receiveBeat(report)
    },
  )
  const page = new WebPage()
  const surface = createSurface({
    threads,
    requests,
    performers,
    monitor,
    capture,
    notices,
    now: clock.now,
    meters: () => {
      const restarts = threads.performer.restarts()
      const standing = { restarts, web: page.url, linkPeers: link?.peers ?? null, problem: notices.last }
      return reader.meters({ ...machinery, model: modelNames(options, performers) }, standing, clock.now())
    },
  })
  if (options.web) await page.open(surface, options.web, notice)
  const recording = { recorder, take, reportBeat }
  return runningApp(surface, { ...room, ...recording, performers, requests, controllers, link, reader, page })
}

/** The functions that receive all messages sent and heard, for the recording and for captures. */
type Tape = Pick<Recorder & CaptureBuffer, 'receiveSent' | 'receiveHeard'>

function connectTape(monitor: MidiMonitor, tape: Tape): void {
  monitor.onSent((message) => {
    if (!isClick(message)) tape.receiveSent(message)
  })
  monitor.onHeard(tape.receiveHeard)
}

/**
 * Whether MIDI is used. It isn't if the machine has none, which is posted to `notice`, or if a test plays to another kind
 * of port. Throws Refused if the machine has none and a port was asked for.
 */
async function findMidi(
  { port, to, toIsRemembered }: AppOptions,
  notice: (sentence: string) => void,
): Promise<boolean> {
  const missing = port ? 'no port' : await missingMidi()
  if (missing === null) return true
  if (to !== null && !toIsRemembered) throw new Refused(missing)
  if (!port) notice(`${missing} Playing on in silence.`)
  return false
}

function machineryOf({ model, from, seed, record }: AppOptions, threads: Threads): Machinery {
  const { layout, hasEnds } = languageOf(model.spec)
  return {
    output: threads.output,
    inputs: threads.inputs,
    from,
    realtime: threads.realtime,
    backend: threads.backend,
    model: model.spec.name,
    unsupported: unsupportedControls(layout, hasEnds),
    seed,
    recording: record,
  }
}

/** The models that play now, in words. */
function modelNames({ model }: AppOptions, { drummer }: Performers): string {
  return drummer ? `${model.spec.name} and ${DRUMMERS_MODEL}` : model.spec.name
}

/** All running parts of the program. */
interface Running {
  readonly threads: Threads
  readonly memory: SharedMemory
  readonly monitor: MidiMonitor
  readonly reader: MeterReader
  readonly recorder: Recorder | null
  readonly take: TakeLog | null
  /** Tells recording and captures the band's beat. */
  readonly reportBeat: (now: Ms) => void
  readonly performers: Performers
  readonly requests: Requests
  readonly controllers: Controllers
  readonly link: LinkBand | null
  readonly page: WebPage
  readonly clock: Clock
}

function runningApp(surface: ControlSurface, running: Running): App {
  const { threads, memory, monitor, recorder, take, requests, link, page, clock } = running
  const timers = startTimers(running)
  let ended = false
  return {
    ...surface,
    silence: () => {
      awaitSilence(memory, panic(memory), SILENCE_LIMIT_MS)
    },
    end: () => {
      if (ended) return
      ended = true
      silenceThreads(threads, memory)
      link?.close()
      monitor.poll()
      recorder?.flush(clock.now(), true)
      take?.end()
    },
    close: async () => {
      for (const end of timers) end()
      requests.close()
      await Promise.all([closeThreads(threads), page.close()])
    },
    workers: {
      stage: threads.stage.worker,
      ear: threads.ear.worker,
      performer: threads.performer.worker,
    },
  }
}

/** Starts the periodic tasks of the main thread. @returns functions, each of which ends one task */
function startTimers(running: Running): readonly (() => void)[] {
  const { threads, monitor, reader, recorder, take, reportBeat } = running
  const { performers, controllers, link, clock } = running
  return [
    clock.every(COLLECT_MS, createGarbageCollector()),
    clock.every(MONITOR_MS, () => {
      // The beat comes first: the recording's first notes would else find no beat to lie on.
      reportBeat(clock.now())
      monitor.poll()
    }),
    clock.every(FEEDBACK_MS, () => {
      controllers.show()
      link?.sync()
      performers.syncTime()
    }),
    clock.every(LOAD_MS, () => reader.measureLoad(threads.performer.snapshot(), clock.now())),
    clock.every(RECORD_MS, () => {
      recorder?.flush(clock.now())
      take?.flush()
    }),
  ]
}
