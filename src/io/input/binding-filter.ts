import { channelOf, kindOf, STATUS } from '../../engine/language/midi-status.js'
import type { Source } from '../../engine/mapping/bindings.js'

/**
 * One integer for each message that a controller can send, made of kind, channel and first data byte (0 for pitch bend, which
 * has no number), so that the ear finds out with one lookup in a set whether a message is bound to a control.
 */
const number = (kind: number, channel: number, data1: number) => (kind << 16) | (channel << 8) | data1

/** The numbers of all the messages that a source is bound to. */
export function keysOfSource(source: Source): number[] {
  const channels =
    source.channel === null ? Array.from({ length: 16 }, (_, channel) => channel) : [source.channel]
  return channels.flatMap((channel) => keysOnChannel(source, channel))
}

function keysOnChannel(source: Source, channel: number): number[] {
  switch (source.kind) {
    case 'cc':
      return [number(STATUS.controlChange, channel, source.controller)]
    case 'cc14':
      return [
        number(STATUS.controlChange, channel, source.controller),
        number(STATUS.controlChange, channel, source.controller + 32),
      ]
    case 'bend':
      return [number(STATUS.pitchBend, channel, 0)]
    case 'note':
      return [number(STATUS.noteOn, channel, source.pitch), number(STATUS.noteOff, channel, source.pitch)]
    case 'program':
      return [number(STATUS.programChange, channel, source.number)]
  }
}

/** The number of one message; undefined for a message that can't be bound. Neither allocates nor throws. */
export function keyOfBytes(bytes: ArrayLike<number>): number | undefined {
  const status = bytes[0] ?? 0
  const channel = channelOf(status)
  const kind = kindOf(status)
  switch (kind) {
    case STATUS.pitchBend:
      return number(kind, channel, 0)
    case STATUS.controlChange:
    case STATUS.noteOn:
    case STATUS.noteOff:
    case STATUS.programChange:
      return number(kind, channel, bytes[1] ?? 0)
    default:
      return undefined
  }
}
