import type { ControlChanges } from '../controls/controls.js'
import type { Origin } from '../controls/origin.js'
import type { PartName } from '../controls/parts.js'
import type { HeardMessage, SentMessage } from '../language/messages.js'
import type { Ms } from '../units.js'
import type { Answer, PresetNumber, Request } from './commands.js'
import type { Meters } from './meters.js'
import type { Snapshot } from './snapshot.js'

/** A named set of controls, recalled by a key or a face; those that it doesn't hold stay as they are. */
export interface Preset {
  readonly name: string
  readonly controls: ControlChanges
}

/** Takes back a watch. */
export type Unwatch = () => void

/**
 * All that a face (the dashboard, the WebSocket) is given of the running program: it asks, and it looks. Nothing here
 * blocks or throws; times are process time, the same that `now` reads.
 */
export interface ControlSurface {
  ask(request: Request, by: Origin): Answer
  /**
   * How the pianist, or the drummer who plays along, stood a moment ago; undefined until it is there, and of a drummer where
   * none plays. Made anew some 15 times a second.
   */
  snapshot(part?: PartName): Snapshot | undefined
  meters(): Meters
  /** Takes in MIDI bytes as if they had come from a keyboard. */
  receive(bytes: readonly number[]): void
  /** The last 2 minutes as a Standard MIDI File; null while nothing has been played. */
  captured(): Uint8Array | null
  presets(): Readonly<Partial<Record<PresetNumber, Preset>>>
  now(): Ms
  /** `see` is called with every message that was really sent, or dropped, some 20 ms after. */
  onSent(see: (message: SentMessage) => void): Unwatch
  /** `see` is called with everything the player does (keys, pedals, controllers, transport), some 20 ms after. */
  onHeard(see: (message: HeardMessage) => void): Unwatch
  /** `see` is told, in sentences, what a player should know. */
  onNotice(see: (sentence: string) => void): Unwatch
}
