import { type ControlChanges, defaultControls } from '../controls/controls.js'
import type { Modes } from '../ensemble/modes.js'
import type { HeardMessage, TimedMessage } from '../language/messages.js'
import { languageOf, type ModelSpec, parseModelSpec, parseWeights } from '../model/model.js'
import { type BackendChoice, createNetwork, type PrecisionChoice } from '../network/create-network.js'
import { createPianist } from '../pianist/pianist.js'
import type { Command } from '../surface/commands.js'
import type { Ms } from '../units.js'
import { beginMusic } from './rendering.js'

/** The arguments of an {@link OpenPianist}. Its music is a function of these and of the inputs that it receives. */
export interface OpenPianistOptions {
  /** The text of the model's model.json. */
  readonly description: string
  /** The bytes of the model's weights.safetensors. The pianist reads them while it plays, so don't change them. */
  readonly weights: Uint8Array
  /** The bytes of Rubato's kernel.wasm, `rubato/kernel.wasm`. */
  readonly kernel: Uint8Array
  /** A whole number from 0 to 2^32 - 1. The same seed gives the same music. */
  readonly seed: number
  /** Values for controls that shall differ from their defaults. */
  readonly controls?: ControlChanges
  /** The ways of playing together, if not those of the program. */
  readonly modes?: Modes
  /** The backend that computes the network. Default `auto`. */
  readonly backend?: BackendChoice
  /** The precision of the network. Default `auto`: int16 wherever wasm runs. */
  readonly precision?: PrecisionChoice
}

/**
 * A pianist that plays as far as it is asked to, as fast as the network goes. Times are ms of its own, which pass only in
 * `playUntil`: 0 is its first note-on, or the first bar of a model whose steps are fractions of a beat; with such a model a
 * quarter note lasts 480 ms.
 */
export interface OpenPianist {
  readonly spec: ModelSpec
  /** Time up to which the pianist has played. */
  readonly position: Ms
  /**
   * Plays on to `time`. @returns the messages due by then which weren't returned before, by due time. A note-on's `mustEnd`
   * is when the note ends if no note-off comes before; strokes of percussion get no note-off. A note-off may name a note
   * that has ended already: then it has no effect.
   */
  playUntil(time: Ms): TimedMessage[]
  /** Carries out a command at `position`. */
  command(command: Command): void
  /** Plays a note, pedal or controller to the pianist: `at` may lie up to `position`, and a later time means `position`. */
  receive(message: HeardMessage): void
}

/** Opens a model and begins to play. Throws Refused, with a sentence, for a model that can't be used. */
export function openPianist(options: OpenPianistOptions): OpenPianist {
  const spec = parseModelSpec(options.description)
  const weights = parseWeights(spec, options.weights)
  const { backend = 'auto', precision = 'auto', kernel, seed, modes } = options
  let waiting: TimedMessage[] = []
  const pianist = createPianist({
    ...languageOf(spec),
    network: createNetwork(weights, backend, kernel, precision),
    seed,
    controls: { ...defaultControls(), ...options.controls },
    ...(modes ? { modes } : {}),
    emit: (message) => waiting.push(message),
  })
  const origin = beginMusic(pianist, spec.step)

  return {
    spec,
    get position() {
      return pianist.position - origin
    },
    playUntil(time) {
      const horizon = origin + time
      pianist.advance(horizon)
      const ready = waiting.filter(({ due }) => due <= horizon)
      waiting = waiting.filter(({ due }) => due > horizon)
      // Stable: messages due at one time stay in the order in which they were emitted.
      return ready.toSorted((a, b) => a.due - b.due).map((message) => shifted(message, -origin))
    },
    command: (command) => pianist.apply({ kind: 'command', command }),
    receive: (message) =>
      pianist.apply({
        kind: 'heard',
        message: { ...message, at: Math.min(pianist.position, origin + message.at) },
      }),
  }
}

function shifted(message: TimedMessage, by: Ms): TimedMessage {
  const due = message.due + by
  return message.kind === 'note-on' ? { ...message, due, mustEnd: message.mustEnd + by } : { ...message, due }
}
