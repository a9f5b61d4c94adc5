import type { ControllerMessage, Encoding, Source, Target } from './bindings.js'

/**
 * A knob or fader counts as moved after this many different values. After fewer, a fader that only trembles would be
 * bound; with more, the user would have to move the knob further.
 */
const LEAST_VALUES = 3

/**
 * MIDI learn: finds out from a controller's messages which knob, key or pedal the user moves to have it bound to
 * `target`.
 */
export class MidiLearn {
  /** The different values seen so far of each moving part, by its key (`cc`, or `bend`, with channel and number). */
  readonly #values = new Map<string, Set<number>>()

  constructor(readonly target: Target) {}

  /**
   * Receives a message. @returns the knob, key or pedal that has been moved, once that is clear; undefined until then
   */
  receive(message: ControllerMessage): Source | undefined {
    const { channel } = message
    switch (message.kind) {
      case 'note-on':
        return { kind: 'note', channel, pitch: message.pitch }
      case 'program':
        return { kind: 'program', channel, number: message.number }
      case 'note-off':
        return undefined
      case 'bend': {
        const values = this.#record(`bend ${channel}`, message.value >> 7)
        return values.size >= LEAST_VALUES ? { kind: 'bend', channel } : undefined
      }
      case 'cc':
        return this.#receiveController(channel, message.controller, message.value)
    }
  }

  #receiveController(channel: number, controller: number, value: number): Source | undefined {
    const values = this.#record(controllerKey(channel, controller), value)
    const upper = controller - 32
    // In a 14-bit pair the lower bits, which may have any value, come right after the upper ones, which are 32
    // controllers below.
    if (upper >= 0 && upper < 32 && this.#values.has(controllerKey(channel, upper))) {
      return values.size >= LEAST_VALUES ? { kind: 'cc14', channel, controller: upper } : undefined
    }
    const relative = encodingOf(values)
    if (relative) return { kind: 'cc', channel, controller, relative }
    if (isButtonLike(values)) return { kind: 'cc', channel, controller, button: true }
    if (values.size < LEAST_VALUES) return undefined
    // If the controller were the upper half of a 14-bit pair, its lower bits would have come before this many values.
    const hasLower = controller < 32 && this.#values.has(controllerKey(channel, controller + 32))
    return { kind: hasLower ? 'cc14' : 'cc', channel, controller }
  }

  /** Adds a value to those seen of a moving part. @returns all of them */
  #record(key: string, value: number): ReadonlySet<number> {
    const values = this.#values.get(key) ?? new Set<number>()
    this.#values.set(key, values.add(value))
    return values
  }
}

function controllerKey(channel: number, controller: number): string {
  return `cc ${channel} ${controller}`
}

/**
 * The encoding of an endless encoder that was turned both ways; undefined after turns in one direction, which any knob
 * may send.
 */
function encodingOf(values: ReadonlySet<number>): Encoding | undefined {
  const has = (...some: number[]) => some.every((value) => values.has(value))
  const only = (...some: number[]) => [...values].every((value) => some.includes(value))
  if (has(1, 127) && only(1, 2, 3, 125, 126, 127)) return 'twos-complement'
  if (has(63, 65) && only(61, 62, 63, 65, 66, 67)) return 'offset-64'
  if (has(1, 65) && only(1, 2, 3, 65, 66, 67)) return 'sign-magnitude'
  return undefined
}

/** Whether these are the values of a button, which sends its two ends and nothing between them. */
function isButtonLike(values: ReadonlySet<number>): boolean {
  return values.size === 2 && values.has(127) && values.has(0)
}
