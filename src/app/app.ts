import type { Worker } from 'node:worker_threads'
import { followsTransport } from '../engine/clock/sync.js'
import { controlOfController } from '../engine/controls/control-values.js'
import { languageOf } from '../engine/model/model.js'
import { refuseMissing } from '../engine/network/create-network.js'
import type { TakeHeader } from '../engine/offline/take.js'
import { unsupportedControls } from '../engine/pianist/unsupported-controls.js'
import { Refused } from '../engine/refused.js'
import type { TakenInput } from '../engine/surface/inputs.js'
import type { Meters } from '../engine/surface/meters.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import { now } from '../io/clock.js'
import { messageOf } from '../io/error-text.js'
import { COLLECT_MS, createGarbageCollector } from '../io/garbage.js'
import { createMidiMonitor, watch } from '../io/meters/midi-monitor.js'
import { missingMidi } from '../io/midi/midi-library.js'
import { ownPorts } from '../io/midi/port-names.js'
import { readKernel } from '../io/models/model-files.js'
import { isTfjs } from '../io/models/open-network.js'
import { packageRoot, packageVersion } from '../io/package-root.js'
import { CAPTURE_MS, createCaptureBuffer } from '../io/recording/capture.js'
import { createRecorder } from '../io/recording/recorder.js'
import { createTakeWriter, type TakeWriter } from '../io/recording/take-writer.js'
import { allocateSharedMemory, awaitSilence, endStage, panic } from '../io/shared/shared-memory.js'
import type { RunningServer } from '../server/server.js'
import { hostEar } from '../threads/ear-host.js'
import { type StagePort, VIRTUAL_PORT } from '../threads/messages.js'
import { hostPerformer, type PerformerHost } from '../threads/performer-host.js'
import { hostStage } from '../threads/stage-host.js'
import { createControllers } from './controllers.js'
import { hostDrummer } from './drummer.js'
import { createMeterReader, type Machinery } from './meters.js'
import type { AppOptions } from './options.js'
import { createRequests } from './requests.js'

/** The running program: what faces use, and the way out. */
export interface App extends ControlSurface {
  /** Silence that the caller can wait for (at most 250 ms); the performer is paused by it. */
  silence(): void
  /** The one road out, synchronous: silence, port closed, recording and take written. Safe to call twice. */
  end(): void
  /** After `end`: lets the workers and the server go, so that the process can end by itself. */
  close(): Promise<void>
  readonly workers: { readonly stage: Worker; readonly ear: Worker; readonly performer: () => Worker }
}

/** The way out waits this long for the stage: longer makes Ctrl-C feel stuck, shorter may leave a note sounding. */
const SILENCE_LIMIT_MS: Ms = 250

/** How often what was sent and heard is read: less often and a face shows a note after it was heard. */
const WATCH_MS: Ms = 20

/** How often recording and take are looked after. A kill -9 loses what came after they were written. */
const RECORD_MS: Ms = 500

/** How often controllers are shown what has changed: a motor fader takes no more than this. */
const SHOW_MS: Ms = 66

/** How often the load is read. */
const LOAD_MS: Ms = 1000

/**
 * Starts ear, performer, stage and server and plays (or is armed, until `play`). Throws Refused with a sentence when the
 * port or the model can't be had; a machine without MIDI is not an error: it plays on in silence and says so.
 */
export async function startApp(options: AppOptions): Promise<App> {
  if (!isTfjs(options.backend)) refuseMissing(options.backend, options.precision)
  const memory = allocateSharedMemory()
  const traffic = createMidiMonitor(memory)
  const reader = createMeterReader(memory, traffic)
  const capture = createCaptureBuffer()
  traffic.onSent(capture.receiveSent)
  traffic.onHeard(capture.receiveHeard)
  const recorder = options.record === null ? undefined : createRecorder(options.record, notice)
  if (recorder) {
    traffic.onSent(recorder.receiveSent)
    traffic.onHeard(recorder.receiveHeard)
  }
  const noticeWatchers = new Set<(sentence: string) => void>()
  let problem: string | null = null

  function notice(sentence: string): void {
    problem = sentence
    options.onNotice(sentence)
    for (const see of noticeWatchers) see(sentence)
  }

  const missing = options.port ? 'no port' : await missingMidi()
  if (missing !== null && options.to !== null && !options.toIsRemembered) throw new Refused(missing)
  if (missing !== null && !options.port) notice(`${missing} Playing on in silence.`)

  // The ear first: on macOS the process's first MIDI call must be its own.
  const ear = hostEar(
    {
      memory,
      settings: options.input,
      virtual: missing === null && process.platform !== 'win32',
      from: missing === null ? options.from : null,
      controllers: missing === null ? options.controllers : [],
    },
    (sentence) => {
      // Without MIDI there is nothing to be heard, and that has been said.
      if (missing === null) notice(sentence)
    },
  )
  const { model, backend, precision, seed, controls, horizon, sync, showsAhead } = options
  const language = languageOf(model.spec)
  let take: TakeWriter | undefined
  /** What is applied before the take's file is there. */
  const untaken: TakenInput[] = []
  const performer = hostPerformer(
    {
      memory,
      model: { spec: model.spec, bytes: model.bytes },
      kernel: readKernel(),
      backend,
      precision,
      seed,
      firstId: 1,
      // The one who keeps the time gives it.
      givesClock: options.drummer === null,
      controls,
      horizon,
      sync,
      showsAhead,
      prompt: options.prompt ?? [],
    },
    {
      onApplied: options.onApplied,
      onInputs:
        options.take === null
          ? undefined
          : (inputs, position) => {
              if (take) take.add(inputs, position)
              else untaken.push(...inputs)
            },
      onNotice: notice,
      onReplaced: () => playOn(drummer),
      onLost: options.onLost,
    },
  )
  const drummer =
    options.drummer &&
    hostDrummer(options.drummer, memory, options, {
      onNotice: notice,
      onReplaced: () => playOn(performer),
    })
  const { portName, inputs } = await ear.listening
  const port = choosePort(options, missing === null, portName)
  const stage = hostStage({ memory, port, realtime: options.realtime }, notice, options.onLost, () =>
    ear.tell({ kind: 'look' }),
  )
  ear.onPorts((ports) => {
    stage.portsChanged(ports)
    reader.portsChanged(ports)
  })
  const opened = await stage.ready
  if (opened.missing !== null) {
    notice(
      options.toIsRemembered
        ? `The remembered port "${options.to}" can't be had now; playing on ${opened.portName} until it is there.`
        : `${opened.missing} Waiting for it.`,
    )
  }
  const engine = await performer.ready
  await drummer?.ready
  if (options.take !== null) {
    const header: TakeHeader = {
      program: packageVersion(),
      weights: model.sha256,
      backend: engine,
      model: model.spec.name,
      seed,
      controls,
      prompt: options.prompt ?? [],
      followTransport: followsTransport(sync),
      horizon,
    }
    take = createTakeWriter(options.take, header, notice)
    take.add(untaken, 0)
  }

  const standing = () => performer.snapshot()?.controls ?? controls
  const controllers = createControllers({
    ports: options.controllers,
    mapOf: options.mapOf,
    saveMap: options.saveMap,
    ask: (request, by) => face.ask(request, by),
    standing: (part) => (part === 'drums' ? drummer?.snapshot()?.controls : standing()),
    isPaused: () => performer.snapshot()?.paused !== false,
    tell: ear.tell,
    notice,
  })
  for (const port of [VIRTUAL_PORT, ...(options.from === null ? [] : [options.from])])
    controllers.follow(port)
  ear.onController(controllers)

  const machinery: Machinery = {
    output:
      missing === null
        ? {
            name: opened.portName,
            isOwn: port.kind !== 'named' || (opened.missing !== null && options.toIsRemembered === true),
          }
        : null,
    inputs,
    from: options.from,
    realtime: opened.realtime,
    backend: engine,
    model: options.drummer ? `${model.spec.name} and ${options.drummer.model.spec.name}` : model.spec.name,
    idle: unsupportedControls(language.layout, language.hasEnds),
    seed,
    recording: options.record,
  }
  const requests = createRequests({
    presets: options.presets,
    savePresets: options.savePresets,
    captures: options.captures,
    capture,
    order: performer.order,
    orderDrums: drummer?.order,
    panic: () => {
      panic(memory)
    },
    learn: (control, part) => controllers.learn(control, part),
    controls: standing,
    idle: machinery.idle,
    drumsControls: () => drummer?.snapshot()?.controls,
  })
  traffic.onHeard((message) => {
    const control = message.kind === 'control-change' && controlOfController(message.controller)
    if (control) requests.turned(control)
  })
  let server: RunningServer | undefined
  const face: ControlSurface = {
    ...requests,
    now,
    snapshot: (part) => (part === 'drums' ? drummer?.snapshot() : performer.snapshot()),
    meters: (): Meters =>
      reader.meters(machinery, { restarts: performer.restarts(), web: server?.url ?? null, problem }),
    receive: (bytes) => ear.tell({ kind: 'bytes', bytes }),
    captured: () => capture.captured(now() - CAPTURE_MS, now()),
    onSent: traffic.onSent,
    onHeard: traffic.onHeard,
    onNotice: (see) => watch(noticeWatchers, see),
  }
  if (options.web) {
    try {
      const { token, ...address } = options.web
      // Only who wants it waits for it to load.
      const { startServer } = await import('../server/server.js')
      server = await startServer({
        face,
        address,
        token,
        root: packageRoot(),
        version: packageVersion(),
        onNotice: notice,
      })
    } catch (error) {
      notice(`${messageOf(error)} Playing on without the page.`)
    }
  }

  const timers = [
    setInterval(createGarbageCollector(), COLLECT_MS),
    setInterval(traffic.poll, WATCH_MS),
    setInterval(() => {
      controllers.show()
      requests.keepTogether()
    }, SHOW_MS),
    setInterval(() => reader.read(performer.snapshot()), LOAD_MS),
    setInterval(() => {
      recorder?.flush(now())
      take?.flush()
    }, RECORD_MS),
  ]
  let ended = false

  return {
    ...face,
    silence: () => {
      awaitSilence(memory, panic(memory), SILENCE_LIMIT_MS)
    },
    end: () => {
      if (ended) return
      ended = true
      performer.letGo()
      drummer?.letGo()
      stage.letGo()
      endStage(memory, SILENCE_LIMIT_MS)
      traffic.poll()
      recorder?.flush(now())
      take?.end()
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all([
        performer.worker().terminate(),
        drummer?.worker().terminate(),
        ear.close(),
        stage.worker.terminate(),
        server?.close(),
      ])
    },
    workers: { stage: stage.worker, ear: ear.worker, performer: performer.worker },
  }
}

/** The one who had to fall silent because the other died goes on. */
function playOn(other: PerformerHost | null): void {
  if (other?.snapshot()?.paused === false) other.order({ type: 'play' }, undefined, now())
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
