import type { TimedMessage } from '../../src/engine/language/messages.js'
import type { MidiSink } from '../../src/io/midi/midi-out.js'

/** A MIDI output that collects what was sent, as lists of bytes. */
export interface MemoryPort extends MidiSink {
  readonly sent: number[][]
  closed: boolean
  /** While set, `send` throws it. */
  broken: Error | undefined
}

export function memoryPort(): MemoryPort {
  const sent: number[][] = []
  return {
    sent,
    closed: false,
    broken: undefined,
    send(bytes) {
      if (this.broken !== undefined) throw this.broken
      sent.push([...bytes])
    },
    close() {
      this.closed = true
    },
  }
}

/** Note-ons minus note-offs for each (channel, pitch) that appears; all zero means that nothing hangs. */
export function balance(messages: readonly (readonly number[])[]): number[] {
  const open = new Map<string, number>()
  for (const [status = 0, pitch = 0] of messages) {
    const key = `${status & 15}/${pitch}`
    if (status >> 4 === 9) open.set(key, (open.get(key) ?? 0) + 1)
    if (status >> 4 === 8) open.set(key, (open.get(key) ?? 0) - 1)
  }
  return [...open.values()]
}

/** A note-on as the performer hands it over, with what a test doesn't care about filled in. */
export function noteOn(
  due: number,
  id: number,
  pitch: number,
  more: { channel?: number; velocity?: number; mustEnd?: number } = {},
): TimedMessage {
  return { kind: 'note-on', due, mustEnd: due + 12_000, id, channel: 0, pitch, velocity: 80, ...more }
}

export function noteOff(due: number, id: number): TimedMessage {
  return { kind: 'note-off', due, id }
}
