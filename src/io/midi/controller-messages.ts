import { channelStatus, isDataByte, kindOf, STATUS, split14 } from '../../engine/language/midi-status.js'
import type { ControllerMessage } from '../../engine/mapping/bindings.js'

/** A message as easymidi names it, with the fields of its kind. */
interface NamedMessage {
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

declare module 'easymidi' {
  interface Input {
    /**
     * Turns bytes into a named message. easymidi's own types lack this method. It uses nothing of its input's port, so it can
     * be called without a port.
     */
    parseMessage(bytes: readonly number[]): NamedMessage
  }
}

/** Reads bytes as a controller's message; undefined for bytes that are none. Never throws. */
export type ReadMessage = (bytes: ArrayLike<number>) => ControllerMessage | undefined

/** How many bytes a whole message has, for the kinds that a controller sends. */
const LENGTHS: Readonly<Record<number, number>> = {
  [STATUS.noteOff]: 3,
  [STATUS.noteOn]: 3,
  [STATUS.controlChange]: 3,
  [STATUS.programChange]: 2,
  [STATUS.pitchBend]: 3,
}

/**
 * Loads easymidi, which names the messages of controllers, as `docs/decisions/0010-easymidi.md` tells. No port is opened. easymidi
 * neither checks bytes nor reads a note-on of velocity 0 as a note-off; this reader does both, as MIDI 1.0 requires. Rejects
 * with the error of the MIDI addon where that can't be loaded.
 */
export async function openMessageReader(): Promise<ReadMessage> {
  const easymidi = await import('easymidi')
  const { parseMessage } = easymidi.default.Input.prototype
  return (bytes) => {
    const status = bytes[0] ?? 0
    const length = LENGTHS[kindOf(status)]
    if (length === undefined || bytes.length < length) return undefined
    const whole = Array.from({ length }, (_, n) => bytes[n] ?? 0)
    if (!whole.slice(1).every(isDataByte)) return undefined
    return controllerMessage(parseMessage(whole))
  }
}

function controllerMessage({ type, msg }: NamedMessage): ControllerMessage | undefined {
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

/** The bytes that set a controller's own fader, light or ring to what the control is now. Allocates the list. */
export function controllerBytes(message: ControllerMessage): readonly number[] {
  const { channel } = message
  switch (message.kind) {
    case 'cc':
      return [channelStatus(STATUS.controlChange, channel), message.controller, message.value]
    case 'bend':
      return [channelStatus(STATUS.pitchBend, channel), ...split14(message.value)]
    case 'note-on':
      return [channelStatus(STATUS.noteOn, channel), message.pitch, message.velocity]
    case 'note-off':
      return [channelStatus(STATUS.noteOff, channel), message.pitch, 0]
    case 'program':
      // A program change has two bytes; the third is a filler, because a sink sends one byte or three.
      return [channelStatus(STATUS.programChange, channel), message.number, 0]
  }
}
