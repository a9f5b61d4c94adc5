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

/** Where the page is served; beyond loopback only with a token. */
export interface WebAddress {
  readonly host: string
  readonly port: number
  readonly token: string | null
}

/** What the program is started with. */
export interface AppOptions {
  readonly model: ModelFiles
  readonly backend: EngineChoice
  readonly precision: PrecisionChoice
  /** A second performer who plays along, on the same stage; null for none. */
  readonly drummer: { readonly model: ModelFiles; readonly controls: Controls } | null
  readonly seed: number
  readonly controls: Controls
  readonly horizon: Ms
  /** An existing output port by name, or null for a virtual port of our own. */
  readonly to: string | null
  /** When `to` can't be had: play to the virtual port and say so, instead of refusing. */
  readonly toIsRemembered?: boolean
  /** An existing input port by name, besides the virtual one; or null. */
  readonly from: string | null
  /** Ports of controllers, by name: their knobs and keys do what their maps say, and nothing else. */
  readonly controllers: readonly string[]
  /** The map of the controller at a port, and how it is kept. */
  readonly mapOf: (port: string) => ControllerMap
  readonly saveMap: (port: string, map: ControllerMap) => void
  readonly input: InputSettings
  readonly realtime: RealtimeMode
  readonly sync: Sync
  /** Record everything sent from the start into this file. */
  readonly record: string | null
  /** Write the input log from the start into this file, for a replay. */
  readonly take: string | null
  /** The folder that captures go to. */
  readonly captures: string
  readonly presets: Presets
  /** Writes the presets down when they change. Throws Refused if it can't. */
  readonly savePresets: (presets: Presets) => void
  /** Where the page and the WebSocket are served, or null. */
  readonly web: WebAddress | null
  /** Whether a face looks at what is planned. */
  readonly showsAhead: boolean
  /** The end of a performance to go on from, as events. */
  readonly prompt?: readonly EventIndex[]
  /** A note-on later than this is dropped (30 ms): tests of other things, on busy machines, give more. */
  readonly tooLate?: Ms
  /** Plays into nothing or into memory instead of a port: for benches and tests. */
  readonly port?: Extract<StagePort, { kind: 'null' | 'capture' }>
  /** Is told of each input applied. */
  readonly onApplied?: (applied: Extract<PerformerMessage, { kind: 'applied' }>) => void
  /** Is told, in a sentence, of what a player should know: warnings, ports that come and go, a restart. */
  readonly onNotice: (sentence: string) => void
  /** The stage is lost and its notes are ended; nothing can be played any more. */
  readonly onLost: (sentence: string) => void
}

/** Nobody looks, nothing is written: what benches and tests start from. */
export const WITHOUT_FACES = {
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
  showsAhead: false,
} as const satisfies Partial<AppOptions>
