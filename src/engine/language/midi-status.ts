import type { Channel } from '../units.js'

/**
 * Status bytes: the first byte of a MIDI message, which says what the message is (MIDI 1.0 detailed specification,
 * tables I to V). Only status bytes have the top bit set; the data bytes after them carry 7 bits each.
 *
 * In a channel message (0x80 to 0xef) the upper four bits are the kind, one of the first seven below, and the lower
 * four the channel. From 0xf0 on the whole byte is the kind, and the message belongs to no channel.
 */
export const STATUS = {
  noteOff: 0x80,
  noteOn: 0x90,
  polyphonicAftertouch: 0xa0,
  controlChange: 0xb0,
  programChange: 0xc0,
  channelAftertouch: 0xd0,
  pitchBend: 0xe0,
  systemExclusive: 0xf0,
  timeCode: 0xf1,
  songPosition: 0xf2,
  songSelect: 0xf3,
  tuneRequest: 0xf6,
  endOfExclusive: 0xf7,
  clock: 0xf8,
  start: 0xfa,
  continue: 0xfb,
  stop: 0xfc,
  activeSensing: 0xfe,
  systemReset: 0xff,
} as const

/** Velocity of a note-off where it is unknown how fast the key was released (MIDI 1.0). */
export const RELEASE_VELOCITY = 64

/** The status byte of a channel message; `kind` is one of the first seven of {@link STATUS}. */
export function channelStatus(kind: number, channel: Channel): number {
  return kind | (channel & 0x0f)
}

/**
 * The kind of a message, one of {@link STATUS}. A byte that is no status byte of a channel message is returned
 * unchanged.
 */
export function kindOf(status: number): number {
  return status >= STATUS.noteOff && status < STATUS.systemExclusive ? status & 0xf0 : status
}

/** The channel of a channel message. Only the lower four bits of `status` count, so bytes may be packed above them. */
export function channelOf(status: number): Channel {
  return status & 0x0f
}

/** One number for a key or controller on its channel: channel * 128 + pitch or controller. */
export function channelKey(channel: Channel, number: number): number {
  return (channel << 7) | number
}

/** Whether a number is a data byte, 0 to 127. */
export function isDataByte(byte: number): boolean {
  return Number.isInteger(byte) && byte >= 0 && byte <= 0x7f
}

/** The 14-bit number of two data bytes, as pitch bend and song position carry it: the lower seven bits come first. */
export function join14(low: number, high: number): number {
  return low | (high << 7)
}

/** The two data bytes of a 14-bit number, lower seven bits first; allocates the pair. */
export function split14(value: number): readonly [low: number, high: number] {
  return [value & 0x7f, (value >> 7) & 0x7f]
}
