import type { Sync } from '../engine/clock/sync.js'
import type { Controls } from '../engine/controls/controls.js'
import type { EventIndex } from '../engine/language/events.js'
import { type ControllerMap, EMPTY_MAP } from '../engine/mapping/bindings.js'
import type { PrecisionChoice } from '../engine/network/create-network.js'
import type { Ms } from '../engine/units.js'
import type { Presets } from '../io/config/presets.js'
import type { InputSettings } from '../io/input/input-router.js'
import type { ModelFiles } from '../io/models/model-files.js'
import type { EngineChoice } from '../io/models/open-network.js'
import type { RealtimeMode } from '../io/output/realtime.js'
import type { PerformerMessage, StagePort } from '../threads/messages.js'

/** Where the page is served. A host other than loopback needs a token. */
export interface WebAddress {
  readonly host: string
  readonly port: number
  readonly token: string | null
}

/** The options that the program is started with. */
export interface AppOptions {
  readonly model: ModelFiles
  readonly backend: EngineChoice
  readonly precision: PrecisionChoice
  /** A drummer who can play along with a model and controls of his own; null for none. */
  readonly drummer: {
    /** Reads his model, when he is first asked for. Throws Refused. */
    readonly model: () => ModelFiles
    readonly controls: Controls
    /** Whether he plays along from the start. */
    readonly joins: boolean
  } | null
  readonly seed: number
  readonly controls: Controls
  /** The commit horizon: notes nearer than this are no longer changed. */
  readonly horizon: Ms
  /** The name of another program's port to play to, or null for Rubato's own virtual port. */
  readonly to: string | null
  /**
   * Whether `to` is remembered from the last run: if that port can't be opened now, the music goes to the virtual port,
   * with a notice.
   */
  readonly toIsRemembered?: boolean
  /** The name of another program's port to listen to, besides Rubato's own virtual one; or null. */
  readonly from: string | null
  /**
   * Names of the ports of controllers. The knobs and keys there do what the maps say, and don't reach the pianist as
   * playing.
   */
  readonly controllers: readonly string[]
  /** The map of the controller at a port. */
  readonly mapOf: (port: string) => ControllerMap
  /** Saves a changed map. Throws Refused if it can't be written. */
  readonly saveMap: (port: string, map: ControllerMap) => void
  readonly input: InputSettings
  readonly realtime: RealtimeMode
  readonly sync: Sync
  /** The MIDI file that everything sent is recorded in, or null. */
  readonly record: string | null
  /** The file that all inputs are written to, so that a replay can play the music again; or null. */
  readonly take: string | null
  /** The folder that captures are written to. */
  readonly captures: string
  readonly presets: Presets
  /** Saves changed presets. Throws Refused if they can't be written. */
  readonly savePresets: (presets: Presets) => void
  /** Where the page and the WebSocket are served, or null. */
  readonly web: WebAddress | null
  /** Whether a control surface shows the planned notes. */
  readonly showsAhead: boolean
  /** The end of a performance to go on from, as events; empty or absent for none. */
  readonly prompt?: readonly EventIndex[]
  /** A note-on later than this is dropped; 30 ms unless given. Tests on busy machines give more. */
  readonly tooLate?: Ms
  /** The least silence between two notes of one pitch and channel; 2 ms unless given. */
  readonly repeatGap?: Ms
  /** Whether a process of its own ends the notes if this one is killed. */
  readonly hasKeeper: boolean
  /** A port that plays to nobody, or into memory, for benches and tests; without it the music goes to a MIDI port. */
  readonly port?: Extract<StagePort, { kind: 'null' | 'capture' }>
  /** Called with each input as it was applied: for benches. */
  readonly onApplied?: (applied: Extract<PerformerMessage, { kind: 'applied' }>) => void
  /** Called with sentences for the player: warnings, ports that come and go, a restart. */
  readonly onNotice: (sentence: string) => void
  /**
   * Called with a sentence for the player when the stage, or a performer, can't go on: nothing plays or sounds any more.
   */
  readonly onLost: (sentence: string) => void
}

/** Options of an app without control surfaces, controllers and files: for benches, tests and `rubato doctor`. */
export const WITHOUT_SURFACES = {
  drummer: null,
  record: null,
  take: null,
  captures: '.',
  presets: {},
  controllers: [],
  mapOf: () => EMPTY_MAP,
  saveMap: () => {},
  savePresets: () => {},
  web: null,
  hasKeeper: false,
  showsAhead: false,
} as const satisfies Partial<AppOptions>
