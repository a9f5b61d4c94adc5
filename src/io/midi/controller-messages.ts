import type { ControllerMessage } from '../../engine/mapping/bindings.js'

/** What easymidi makes of a message's bytes. */
interface Named {
  readonly type: string | undefined
  readonly msg: {
    readonly channel?: number
    readonly note?: number
    readonly velocity?: number
    readonly controller?: number
    readonly value?: number
    readonly number?: number
  }
}

/** Reads bytes as a controller's message; undefined for what isn't one. Never throws. */
export type ReadMessage = (bytes: ArrayLike<number>) => ControllerMessage | undefined

/** Bytes of a whole message, by the upper four bits of its status. */
const LENGTHS: Readonly<Record<number, number>> = { 8: 3, 9: 3, 11: 3, 12: 2, 14: 3 }

/**
 * Loads easymidi, whose names for messages are used. It opens no port for that, checks no bytes and knows no note-on of
 * velocity 0 as an off: both are done here. Throws what loading its MIDI addon throws.
 */
export async function openMessageReader(): Promise<ReadMessage> {
  const easymidi = await import('easymidi')
  // It reads nothing of the port that it belongs to; the types don't tell of it.
  const { parseMessage } = easymidi.default.Input.prototype as unknown as {
    parseMessage(bytes: readonly number[]): Named
  }
  return (bytes) => {
    const status = bytes[0] ?? 0
    const length = LENGTHS[status >> 4]
    if (length === undefined || status > 0xff || bytes.length < length) return undefined
    const whole = Array.from({ length }, (_, n) => bytes[n] ?? 0)
    if (whole.slice(1).some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 127)) return undefined
    return messageOf(parseMessage(whole))
  }
}

function messageOf({ type, msg }: Named): ControllerMessage | undefined {
  const { channel = 0, note: pitch = 0, velocity = 0, controller = 0, value = 0, number = 0 } = msg
  switch (type) {
    case 'cc':
      return { kind: 'cc', channel, controller, value }
    case 'pitch':
      return { kind: 'bend', channel, value }
    case 'program':
      return { kind: 'program', channel, number }
    case 'noteon':
      return velocity > 0
        ? { kind: 'note-on', channel, pitch, velocity }
        : { kind: 'note-off', channel, pitch }
    case 'noteoff':
      return { kind: 'note-off', channel, pitch }
    default:
      return undefined
  }
}

/** The bytes of a message that shows a controller how things stand. */
export function controllerBytes(message: ControllerMessage): readonly number[] {
  const { channel } = message
  switch (message.kind) {
    case 'cc':
      return [0xb0 | channel, message.controller, message.value]
    case 'bend':
      return [0xe0 | channel, message.value & 0x7f, message.value >> 7]
    case 'note-on':
      return [0x90 | channel, message.pitch, message.velocity]
    case 'note-off':
      return [0x80 | channel, message.pitch, 0]
    case 'program':
      return [0xc0 | channel, message.number, 0]
  }
}
