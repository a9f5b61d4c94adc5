import { SOSTENUTO, SUSTAIN } from '../engine/language/messages.js'
import { channelStatus, STATUS } from '../engine/language/midi-status.js'

/** Controllers that hold notes, as a key does. */
const HOLDING: readonly number[] = [SUSTAIN, SOSTENUTO]

/**
 * Plays the keys and pedals of one client as MIDI bytes into `receive`, and remembers which it holds, so that nothing
 * sounds on when the client is gone. Channels are 1-16.
 */
export class HeldKeys {
  readonly #receive: (bytes: readonly number[]) => void
  /** The bytes that release each key or pedal that is held, by the first two of these bytes. */
  readonly #held = new Map<number, readonly number[]>()

  constructor(receive: (bytes: readonly number[]) => void) {
    this.#receive = receive
  }

  strike(channel: number, pitch: number, velocity: number): void {
    this.#press(
      channelStatus(STATUS.noteOn, channel - 1),
      channelStatus(STATUS.noteOff, channel - 1),
      pitch,
      velocity,
    )
  }

  release(channel: number, pitch: number): void {
    this.#lift(channelStatus(STATUS.noteOff, channel - 1), pitch)
  }

  changeControl(channel: number, controller: number, value: number): void {
    const status = channelStatus(STATUS.controlChange, channel - 1)
    if (!HOLDING.includes(controller)) this.#receive([status, controller, value])
    else if (value > 0) this.#press(status, status, controller, value)
    else this.#lift(status, controller)
  }

  releaseAll(): void {
    for (const bytes of this.#held.values()) this.#receive(bytes)
    this.#held.clear()
  }

  #press(on: number, off: number, number: number, value: number): void {
    this.#held.set((off << 7) | number, [off, number, 0])
    this.#receive([on, number, value])
  }

  #lift(off: number, number: number): void {
    this.#held.delete((off << 7) | number)
    this.#receive([off, number, 0])
  }
}
