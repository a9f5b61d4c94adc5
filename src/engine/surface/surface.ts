import type { ControlChanges } from '../controls/controls.js'
import type { Origin } from '../controls/origin.js'
import type { PartName } from '../controls/parts.js'
import type { HeardMessage, SentMessage } from '../language/messages.js'
import type { Ms } from '../units.js'
import type { Answer, PresetNumber, Request } from './commands.js'
import type { Meters } from './meters.js'
import type { Mix, Snapshot } from './snapshot.js'

/**
 * A named set of values of controls. Recalling a preset leaves the controls alone that the preset doesn't contain.
 */
export interface Preset {
  readonly name: string
  readonly controls: ControlChanges
}

/** Ends a subscription. */
export type Unwatch = () => void

/**
 * Everything that the dashboard, the WebSocket and MIDI controllers can ask of the running program, and everything
 * that they can see of it. Nothing here blocks or throws. Times are process time in ms, as `now` returns it.
 */
export interface ControlSurface {
  ask(request: Request, by: Origin): Answer
  /**
   * A part as it was a moment ago; the pianist unless `part` names another. Undefined until the pianist is ready, and
   * for the drums where no drummer plays. Made anew some 15 times a second.
   */
  snapshot(part?: PartName): Snapshot | undefined
  /** Who plays along, and what is heard. */
  mix(): Mix
  meters(): Meters
  /** Handles the bytes of one MIDI message as if they had come from a keyboard. */
  receive(bytes: readonly number[]): void
  /** The music of the last 2 minutes as a Standard MIDI File; null while nothing has been played. */
  captured(): Uint8Array | null
  presets(): Readonly<Partial<Record<PresetNumber, Preset>>>
  now(): Ms
  /** Calls `see` with every message that was sent or dropped, some 20 ms afterwards. */
  onSent(see: (message: SentMessage) => void): Unwatch
  /**
   * Calls `see` with everything that the player does (keys, pedals, controllers, transport), some 20 ms afterwards.
   */
  onHeard(see: (message: HeardMessage) => void): Unwatch
  /** Calls `see` with each sentence that a player should read. */
  onNotice(see: (sentence: string) => void): Unwatch
}
