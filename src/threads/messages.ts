import type { Sync } from '../engine/clock/sync.js'
import type { Controls } from '../engine/controls/controls.js'
import type { EventIndex } from '../engine/language/events.js'
import type { ClockMessage } from '../engine/language/messages.js'
import type { ModelSpec } from '../engine/model/model.js'
import type { PrecisionChoice } from '../engine/network/create-network.js'
import type { Arrival, TakenInput } from '../engine/surface/inputs.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Ms, NoteId } from '../engine/units.js'
import type { InputSettings } from '../io/input/input-router.js'
import type { EngineChoice } from '../io/models/open-network.js'
import type { RealtimeMode } from '../io/output/realtime.js'
import type { SharedMemory } from '../io/shared/shared-memory.js'

/** The data that main gives the workers when it makes them (`workerData`), and the messages between them afterwards. */

/**
 * How large a worker's JavaScript heap may grow, in MB: many times what any worker needs. Without a limit V8 collects
 * garbage the less often the more memory the machine has, and then for longer.
 */
export const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 } as const

/**
 * The port that the stage plays to. `null` sends to nobody. `capture` posts all sent messages when the stage ends: for
 * tests and benches.
 */
export type StagePort =
  | { readonly kind: 'virtual'; readonly name: string }
  | {
      readonly kind: 'named'
      readonly name: string
      readonly own: readonly string[]
      /** The virtual port to play to while the named one can't be opened; without it the stage waits for the named one. */
      readonly otherwise?: string
    }
  | { readonly kind: 'null' }
  | { readonly kind: 'capture' }

/** The descriptor under which the keeper's process finds the file of the notes that sound: the first after its standard streams. */
export const KEPT_FILE = 3

export interface StageData {
  readonly memory: SharedMemory
  readonly port: StagePort
  readonly realtime: RealtimeMode
  /** A note-on later than this is dropped; the stage's own limit unless given. */
  readonly tooLate?: Ms | undefined
  /** The least silence between two notes of one pitch and channel; the stage's own unless given. */
  readonly repeatGap?: Ms | undefined
  /** The descriptor of the file that the keeper reads; undefined for none. */
  readonly keptFile?: number | undefined
}

/** A message that was sent at process time `at`. */
export interface Captured {
  readonly at: Ms
  readonly bytes: readonly number[]
}

/** Stage to main. Main has no messages for the stage, only the control words and the rings in shared memory. */
export type StageMessage =
  | {
      readonly kind: 'ready'
      readonly portName: string
      /** Why the named port couldn't be opened, or null if it could. Main may ask for it again. */
      readonly missing: string | null
      readonly realtime: { readonly on: boolean; readonly reason: string }
      readonly spinMargin: Ms
    }
  /**
   * The port can't be opened, or the stage failed; either way nothing sounds any more. The reason is a sentence for the
   * player.
   */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The stage plays to the named port now, which was asked for again; or, with a reason (a sentence), it still doesn't. */
  | { readonly kind: 'reopened'; readonly portName: string; readonly reason: string | null }
  /** Posted when a stage with a `capture` port has ended: all messages that it sent. */
  | { readonly kind: 'captured'; readonly messages: readonly Captured[] }

/** The name of Rubato's virtual input in maps and messages: the port's real name depends on how many Rubatos run. */
export const VIRTUAL_PORT = 'Rubato in'

export interface EarData {
  readonly memory: SharedMemory
  readonly settings: InputSettings
  /** Whether to open `<port name> in` for other programs to connect to. */
  readonly virtual: boolean
  /** An existing port to listen to (`--from`), by name, or null; the ear tries to open it again whenever ports change. */
  readonly from: string | null
  /** Ports of controllers, by name. Their messages go to main only. */
  readonly controllers: readonly string[]
}

/** Main to ear. */
export type EarCommand =
  | { readonly kind: 'settings'; readonly settings: InputSettings }
  /** Handles bytes as if they had just come in at the virtual input: from the WebSocket, or a test. */
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  /** The messages that the map of a port binds: they go to main and nowhere else. `keys` as `keysOfSource` makes them. */
  | { readonly kind: 'bound'; readonly port: string; readonly keys: readonly number[] }
  /** Reports the ports at the next poll, whether or not they have changed. */
  | { readonly kind: 'report-ports' }
  /** While a control is being learnt, messages of every knob and key go to main too. */
  | { readonly kind: 'learning'; readonly on: boolean }
  /** Sends messages to a controller, which move its faders and lights. */
  | { readonly kind: 'answer'; readonly port: string; readonly messages: readonly (readonly number[])[] }
  /** Lifts all held keys, closes the ports and ends the thread. */
  | { readonly kind: 'close' }

/** Ear to main. */
export type EarMessage =
  /**
   * Posted once, after the first try to open the inputs. `portName` is free for the stage's virtual port (`Rubato`, `Rubato
   * 2`).
   */
  | { readonly kind: 'listening'; readonly portName: string; readonly inputs: readonly string[] }
  /**
   * Posted at the start and at each change: other programs' ports, and the ALSA addresses connected to Rubato's virtual
   * output.
   */
  | {
      readonly kind: 'ports'
      readonly inputs: readonly string[]
      readonly outputs: readonly string[]
      readonly peers: readonly string[]
    }
  /** An input can't be opened, or was lost; the ear goes on. The reason is a sentence for the player. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Something else that the player should know, in a sentence. */
  | { readonly kind: 'warning'; readonly text: string }
  /** A message of a controller, or one that is bound or being learnt at another port. */
  | { readonly kind: 'controller'; readonly port: string; readonly bytes: readonly number[] }
  /** The port of a controller has been opened, for the first time or again. */
  | { readonly kind: 'controller-open'; readonly port: string }

export interface PerformerData {
  readonly memory: SharedMemory
  /** The bytes of weights.safetensors, already checked. Shared, so that a restarted performer need not read the file. */
  readonly model: { readonly spec: ModelSpec; readonly bytes: Uint8Array<SharedArrayBuffer> }
  /** The WebAssembly module of the wasm backend. */
  readonly kernel: Uint8Array
  readonly backend: EngineChoice
  readonly precision: PrecisionChoice
  readonly seed: number
  readonly controls: Controls
  /** The commit horizon: notes nearer than this are no longer changed. */
  readonly horizon: Ms
  readonly sync: Sync
  /** The events to go on from: the last ones played, or the end of a prompt. */
  readonly past: readonly EventIndex[]
  /** Where each event is written (see `RecentEvents`), so that the next performer can go on from there. */
  readonly history: SharedArrayBuffer
  /** Number of the panics before this performer was started, which it must not apply. */
  readonly epoch: number
  /** The performer's first note id; the next ones count up. Two performers never share an id. */
  readonly firstId: NoteId
  /** The id of the first click of a count-in; null for the performer that leaves the clicks to the other one. */
  readonly firstClickId: NoteId | null
  /** Whether this performer, and not the other one, sends MIDI clock where `sync` asks for it. */
  readonly givesClock: boolean
  /** Whether to play at once, or to wait for *play*. */
  readonly playing: boolean
  /** Whether to play without a sound. */
  readonly muted: boolean
  /** Whether snapshots contain the planned notes, because a control surface shows them. */
  readonly showsAhead: boolean
  /** Whether to report each input as it is applied, for a take. */
  readonly reportInputs: boolean
  /** Whether to report each input as it is applied, for measuring. */
  readonly reportApplied: boolean
}

/** Main to performer; main rings the performer's bell afterwards. A panic is not a message, but an increment of the epoch. */
export type PerformerRequest =
  /** `epoch` counts the panics before the command: a *play* that was followed by a panic isn't applied. */
  | (Extract<Arrival, { kind: 'command' }> & { readonly epoch: number })
  /** A message about the band's beat that reached main, not the ear. */
  | { readonly kind: 'clock'; readonly message: ClockMessage }
  /** Makes the performer's loop throw. Only tests send it. */
  | { readonly kind: 'fault' }

/** Performer to main. */
export type PerformerMessage =
  | { readonly kind: 'ready'; readonly backend: string }
  /** The performer can't play with this model, backend or precision. The reason is a sentence for the player. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** Posted with each snapshot where inputs are reported: the inputs since the snapshot before, and the plan time reached. */
  | { readonly kind: 'inputs'; readonly inputs: readonly TakenInput[]; readonly position: Ms }
  /**
   * Posted for each applied input where that is measured: when the input arrived, and when the first note after it is due.
   */
  | {
      readonly kind: 'applied'
      readonly by: 'command' | 'heard'
      readonly arrived: Ms
      readonly horizon: Ms
      readonly firstDue: Ms
    }
