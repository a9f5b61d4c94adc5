import type { Source } from '../../engine/mapping/bindings.js'

/** Status, upper four bits, of what can be bound. */
const CC = 0xb
const BEND = 0xe
const NOTE = 0x9
const NOTE_OFF = 0x8
const PROGRAM = 0xc

const key = (status: number, channel: number, number: number) => (status << 16) | (channel << 8) | number

/** Numbers of all the messages that a source listens to: what the ear compares with, quickly. */
export function keysOfSource(source: Source): number[] {
  const channels =
    source.channel === null ? Array.from({ length: 16 }, (_, channel) => channel) : [source.channel]
  return channels.flatMap((channel) => keysOnChannel(source, channel))
}

function keysOnChannel(source: Source, channel: number): number[] {
  switch (source.kind) {
    case 'cc':
      return [key(CC, channel, source.controller)]
    case 'cc14':
      return [key(CC, channel, source.controller), key(CC, channel, source.controller + 32)]
    case 'bend':
      return [key(BEND, channel, 0)]
    case 'note':
      return [key(NOTE, channel, source.pitch), key(NOTE_OFF, channel, source.pitch)]
    case 'program':
      return [key(PROGRAM, channel, source.number)]
  }
}

/** The number of a message; undefined for what can't be bound. */
export function keyOfBytes(bytes: ArrayLike<number>): number | undefined {
  const status = (bytes[0] ?? 0) >> 4
  const channel = (bytes[0] ?? 0) & 0x0f
  if (status === BEND) return key(BEND, channel, 0)
  if (status === CC || status === NOTE || status === NOTE_OFF || status === PROGRAM) {
    return key(status, channel, bytes[1] ?? 0)
  }
  return undefined
}
