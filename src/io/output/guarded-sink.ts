import { messageOf } from '../error-text.js'
import type { MidiSink } from '../midi/midi-out.js'
import { data1Of, data2Of } from '../shared/ring-messages.js'
import { LOST } from '../shared/shared-memory.js'

/**
 * A sink that never throws: errors of the port are counted in the control word LOST, and the message of the last one is in
 * `lastError`. Allocates nothing but what the port allocates.
 */
export class GuardedSink {
  readonly #control: Int32Array
  #sink: MidiSink
  /** The bytes of a message, reused for every one: sinks copy what they are given. */
  readonly #bytes: [number, number, number] = [0, 0, 0]
  readonly #byte: [number] = [0]
  #lastError = ''

  constructor(control: Int32Array, sink: MidiSink) {
    this.#control = control
    this.#sink = sink
  }

  /** The message of the last error that the port threw, '' if it never threw. */
  get lastError(): string {
    return this.#lastError
  }

  /** Sends the three bytes that `pack` put into one word. @returns false when the port threw. */
  send(bytes: number): boolean {
    this.#bytes[0] = bytes & 0xff
    this.#bytes[1] = data1Of(bytes)
    this.#bytes[2] = data2Of(bytes)
    return this.#give(this.#bytes)
  }

  /** Sends a message of one byte. @returns false when the port threw. */
  sendByte(byte: number): boolean {
    this.#byte[0] = byte
    return this.#give(this.#byte)
  }

  /** Sends to `sink` from now on and closes the previous sink, unless both are the same. */
  replace(sink: MidiSink): void {
    if (sink !== this.#sink) this.close()
    this.#sink = sink
  }

  close(): void {
    try {
      this.#sink.close()
    } catch (error) {
      this.#fail(error)
    }
  }

  #give(bytes: readonly number[]): boolean {
    try {
      this.#sink.send(bytes)
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    Atomics.add(this.#control, LOST, 1)
    this.#lastError = messageOf(error)
  }
}
