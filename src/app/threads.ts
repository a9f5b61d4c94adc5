import type { TakenInput } from '../engine/surface/inputs.js'
import type { Ms } from '../engine/units.js'
import { ownPorts } from '../io/midi/port-names.js'
import { readKernel } from '../io/models/model-files.js'
import { endStage, FIRST_CLICK_ID, type SharedMemory } from '../io/shared/shared-memory.js'
import { type EarHost, hostEar, type PortsReport } from '../threads/ear-host.js'
import type { StagePort } from '../threads/messages.js'
import { hostPerformer, type PerformerHost } from '../threads/performer-host.js'
import { hostStage, type StageHost } from '../threads/stage-host.js'
import type { Machinery } from './meters.js'
import type { AppOptions } from './options.js'
import { DrummerSeat } from './parts/drummer.js'

/** The threads of the running program, and what they found when they started. */
export interface Threads {
  readonly ear: EarHost
  readonly performer: PerformerHost
  /** The place of a drummer, who may play along from the start or come later. */
  readonly seat: DrummerSeat
  readonly stage: StageHost
  /** The input ports that could be opened. */
  readonly inputs: readonly string[]
  readonly output: Machinery['output']
  readonly realtime: Machinery['realtime']
  /** The backend that computes the pianist's network. */
  readonly backend: string
}

/** The options of the threads, and the functions that they report to. */
interface ThreadsOptions {
  readonly app: AppOptions
  readonly memory: SharedMemory
  /** Whether MIDI is used: the machine has it, and no test plays into memory instead. */
  readonly hasMidi: boolean
  readonly now: () => Ms
  readonly notice: (sentence: string) => void
  /** Called with the inputs as the pianist applies them; undefined if no take is made. */
  readonly onInputs: ((inputs: readonly TakenInput[], position: Ms) => void) | undefined
  readonly onPorts: (ports: PortsReport) => void
}

/**
 * How long the process waits for the stage to fall silent at its end: longer makes Ctrl-C feel stuck, shorter may
 * leave a note sounding.
 */
export const SILENCE_LIMIT_MS: Ms = 250

/**
 * Starts ear, performers and stage, in this order, and waits until all are ready. Throws Refused when the port or the
 * model can't be opened.
 */
export async function startThreads(options: ThreadsOptions): Promise<Threads> {
  const { app, memory, hasMidi, notice } = options
  // The ear comes first: on macOS the process's first MIDI call must be its own.
  const ear = startEar(options)
  const { performer, seat } = startPerformers(options)
  const { portName, inputs } = await ear.listening
  const port = choosePort(app, hasMidi, portName)
  const { realtime, tooLate, repeatGap, onLost } = app
  const stage = hostStage(
    { memory, port, realtime, tooLate, repeatGap },
    hasMidi && app.hasKeeper,
    notice,
    onLost,
    () => ear.post({ kind: 'report-ports' }),
  )
  ear.onPorts((ports) => {
    stage.portsChanged(ports)
    options.onPorts(ports)
  })
  const opened = await stage.ready
  if (opened.missing !== null) notice(describeMissing(app, opened.missing, opened.portName))
  const backend = await performer.ready
  await seat.host?.ready
  const isOwn = port.kind !== 'named' || (opened.missing !== null && app.toIsRemembered === true)
  const output = hasMidi ? { name: opened.portName, isOwn } : null
  return { ear, performer, seat, stage, inputs, output, realtime: opened.realtime, backend }
}

/**
 * Silences the performers and the stage, synchronously. From now on the end of a thread is no failure, and nothing
 * sounds.
 */
export function silenceThreads({ performer, seat, stage }: Threads, memory: SharedMemory): void {
  performer.letGo()
  seat.host?.letGo()
  stage.letGo()
  endStage(memory, SILENCE_LIMIT_MS)
}

/** Ends the threads, after {@link silenceThreads}. */
export async function closeThreads({ ear, performer, seat, stage }: Threads): Promise<void> {
  await Promise.all([
    performer.worker().terminate(),
    seat.host?.worker().terminate(),
    ear.close(),
    stage.close(),
  ])
}

function startEar({ app, memory, hasMidi, notice }: ThreadsOptions): EarHost {
  return hostEar(
    {
      memory,
      settings: app.input,
      virtual: hasMidi && process.platform !== 'win32',
      from: hasMidi ? app.from : null,
      controllers: hasMidi ? app.controllers : [],
    },
    (sentence) => {
      // Without MIDI the ear can only complain that there is none, and the player knows that already.
      if (hasMidi) notice(sentence)
    },
  )
}

function startPerformers({ app, memory, now, notice, onInputs }: ThreadsOptions) {
  const { model, onApplied, onLost } = app
  const performer = hostPerformer(
    {
      memory,
      model: { spec: model.spec, bytes: model.bytes },
      kernel: readKernel(),
      backend: app.backend,
      precision: app.precision,
      seed: app.seed,
      firstId: 1,
      firstClickId: FIRST_CLICK_ID,
      givesClock: true,
      controls: app.controls,
      horizon: app.horizon,
      sync: app.sync,
      showsAhead: app.showsAhead,
      prompt: app.prompt ?? [],
    },
    { onApplied, onInputs, onNotice: notice, onReplaced: () => playOn(seat.host, now()), onLost },
  )
  const seat = new DrummerSeat(app, memory, {
    onNotice: notice,
    onReplaced: () => playOn(performer, now()),
  })
  if (app.drummer?.joins) seat.sit({})
  return { performer, seat }
}

/** Makes a performer play on that was silenced because the other performer died. */
function playOn(other: PerformerHost | null, at: Ms): void {
  if (other?.snapshot()?.paused === false) other.send({ type: 'play' }, undefined, at)
}

/** The port that the stage plays to; `portName` is the name that Rubato's own virtual port may have. */
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

/** The sentence for the player when the port that was asked for can't be opened. */
function describeMissing({ to, toIsRemembered }: AppOptions, missing: string, portName: string): string {
  return toIsRemembered
    ? `The remembered port "${to}" is missing; playing to ${portName} until it is there.`
    : `${missing} Waiting for it.`
}
