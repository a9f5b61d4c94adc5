import type { Sync } from '../engine/clock/sync.js'
import type { Controls } from '../engine/controls/controls.js'
import type { EventIndex } from '../engine/language/events.js'
import type { ModelSpec } from '../engine/model/model.js'
import type { PrecisionChoice } from '../engine/network/create-network.js'
import type { Arrival, TakenInput } from '../engine/surface/inputs.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Ms, NoteId } from '../engine/units.js'
import type { InputSettings } from '../io/input/input-router.js'
import type { EngineChoice } from '../io/models/open-network.js'
import type { RealtimeMode } from '../io/output/realtime.js'
import type { SharedMemory } from '../io/shared/shared-memory.js'

/** What main hands the workers when it makes them (workerData), and what is said between them after. */

/**
 * What a worker's JavaScript heap may take, in MB: many times what any has. Without a limit V8 collects the less often the
 * more memory the machine has.
 */
export const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 } as const

/** Where the stage plays to. `capture` keeps what was sent and hands it over at the end: for tests and benches. */
export type StagePort =
  | { readonly kind: 'virtual'; readonly name: string }
  | {
      readonly kind: 'named'
      readonly name: string
      readonly own: readonly string[]
      /** A virtual port of this name while the named one can't be had; without it the stage plays to nobody until it comes. */
      readonly otherwise?: string
    }
  | { readonly kind: 'null' }
  | { readonly kind: 'capture' }

export interface StageData {
  readonly memory: SharedMemory
  readonly port: StagePort
  readonly realtime: RealtimeMode
  /** A note-on later than this is dropped; the stage's own limit unless given. */
  readonly tooLate?: Ms | undefined
}

/** A message as it left, `at` process time. */
export interface Captured {
  readonly at: Ms
  readonly bytes: readonly number[]
}

/** Stage to main. The stage takes no messages: it is spoken to through the control words and the rings. */
export type StageMessage =
  | {
      readonly kind: 'ready'
      readonly portName: string
      /** Whether the named port couldn't be had, and why: it is opened when asked again. */
      readonly missing: string | null
      readonly realtime: { readonly on: boolean; readonly reason: string }
      readonly spinMargin: Ms
    }
  /** The port can't be had, or the stage broke; in either case nothing sounds any more. A sentence for the user. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The named port was asked for again, and is played to now; or, with a reason, isn't. */
  | { readonly kind: 'reopened'; readonly portName: string; readonly reason: string | null }
  /** After the end of a stage with a `capture` port. */
  | { readonly kind: 'captured'; readonly messages: readonly Captured[] }

/** What our own virtual input is called where ports have maps: its real name changes with the instance. */
export const VIRTUAL_PORT = 'Rubato in'

export interface EarData {
  readonly memory: SharedMemory
  readonly settings: InputSettings
  /** Whether to open `<port name> in` for other programs to connect to. */
  readonly virtual: boolean
  /** An existing port to listen to (`--from`), by name; tried again whenever ports change. */
  readonly from: string | null
  /** Ports of controllers, by name, whose messages go to main alone. */
  readonly controllers: readonly string[]
}

/** Main to ear. */
export type EarCommand =
  | { readonly kind: 'settings'; readonly settings: InputSettings }
  /** Treats bytes as if they had just come in on a port: for tests and for input over the network. */
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  /** What is bound by the map of a port goes to main and nowhere else. `keys` as `keysOfSource` makes them. */
  | { readonly kind: 'bound'; readonly port: string; readonly keys: readonly number[] }
  /** Report at the next look how the ports stand, changed or not. */
  | { readonly kind: 'look' }
  /** While something is learnt, main is told of every knob and key. */
  | { readonly kind: 'learning'; readonly on: boolean }
  /** Shows a controller how things stand. */
  | { readonly kind: 'answer'; readonly port: string; readonly messages: readonly (readonly number[])[] }
  /** Lifts all held keys, closes the ports and ends the thread. */
  | { readonly kind: 'close' }

/** Ear to main. */
export type EarMessage =
  /** Once, after the first try to open everything. `portName`: free for the stage's virtual port (`Rubato`, `Rubato 2`). */
  | { readonly kind: 'listening'; readonly portName: string; readonly inputs: readonly string[] }
  /** At start and at each change: the ports of others, and where our virtual output is connected to (ALSA addresses). */
  | {
      readonly kind: 'ports'
      readonly inputs: readonly string[]
      readonly outputs: readonly string[]
      readonly peers: readonly string[]
    }
  /** An input can't be had, or was lost; the ear goes on. A sentence for the user. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** A message of a controller, or of what is bound or learnt at another port. */
  | { readonly kind: 'controller'; readonly port: string; readonly bytes: readonly number[] }
  /** A controller is open, for the first time or again. */
  | { readonly kind: 'controller-open'; readonly port: string }

export interface PerformerData {
  readonly memory: SharedMemory
  /** What weights.safetensors holds, already checked; shared, so that a performer started anew reads nothing. */
  readonly model: { readonly spec: ModelSpec; readonly bytes: Uint8Array<SharedArrayBuffer> }
  readonly kernel: Uint8Array
  readonly backend: EngineChoice
  readonly precision: PrecisionChoice
  readonly seed: number
  readonly controls: Controls
  /** Commit horizon. */
  readonly horizon: Ms
  readonly sync: Sync
  /** The end of what was played so far, or of a prompt: it goes on from there. */
  readonly past: readonly EventIndex[]
  /** Where it writes each event down (see `History`), for the performer after it. */
  readonly history: SharedArrayBuffer
  /** Panics before it was started: what happened then is not its to obey. */
  readonly epoch: number
  /** Its note ids count up from here: another performer's are elsewhere. */
  readonly firstId: NoteId
  /** Whether it gives the clock where one is given. */
  readonly givesClock: boolean
  /** Begin at once, or wait for play. */
  readonly playing: boolean
  /** Somebody looks at what is planned: snapshots hold it. */
  readonly showsAhead: boolean
  /** Report each input as it is applied, for a take. */
  readonly reportInputs: boolean
  /** Report each input applied, for measuring. */
  readonly reportApplied: boolean
}

/** Main to performer; ring the performer's bell after it. Panic goes through the epoch alone. */
export type PerformerRequest =
  /** `epoch`: panics when it was given; a *play* that a panic came after isn't applied. */
  | (Extract<Arrival, { kind: 'command' }> & { readonly epoch: number })
  /** Fault injection: the loop throws. Only tests ask for it. */
  | { readonly kind: 'fault' }

/** Performer to main. */
export type PerformerMessage =
  | { readonly kind: 'ready'; readonly backend: string }
  /** It can't play with what it was given. A sentence for the user. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** With each snapshot, where inputs are reported: those since the last one, and the plan time reached. */
  | { readonly kind: 'inputs'; readonly inputs: readonly TakenInput[]; readonly position: Ms }
  | {
      readonly kind: 'applied'
      readonly by: 'command' | 'heard'
      readonly arrived: Ms
      readonly horizon: Ms
      readonly firstDue: Ms
    }
