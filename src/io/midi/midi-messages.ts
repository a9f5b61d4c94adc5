import type { ClockMessage, HeardMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'

/** Bytes that mean nothing to us, and why. */
export interface Ignored {
  readonly kind: 'ignored'
  readonly reason: string
}

/** All of a device is as at power-up: what it held is lifted. */
export interface SystemReset {
  readonly kind: 'system-reset'
  readonly at: Ms
}

const ignored = (reason: string): Ignored => ({ kind: 'ignored', reason })

/** Everything that steers nothing here, by status (channel messages by their upper four bits). */
const IGNORED_CHANNEL: Readonly<Record<number, string>> = {
  10: 'polyphonic aftertouch',
  12: 'program change',
  13: 'channel aftertouch',
  14: 'pitch bend',
}
const IGNORED_SYSTEM: Readonly<Record<number, string>> = {
  240: 'system exclusive',
  241: 'time code',
  243: 'song select',
  246: 'tune request',
  247: 'end of system exclusive',
  254: 'active sensing',
}
const TRANSPORT_ACTIONS: Readonly<Record<number, 'start' | 'continue' | 'stop'>> = {
  250: 'start',
  251: 'continue',
  252: 'stop',
}

/**
 * Reads one MIDI message (bytes 0-255, status first; MIDI 1.0 detailed specification, tables I-V). A note-on with
 * velocity 0 is a note-off. Anything unknown, cut short or with a stray status byte is ignored with a reason. Bytes
 * after a complete message are not looked at: drivers deliver one message at a time. Never throws.
 */
export function parseMidi(
  bytes: ArrayLike<number>,
  at: Ms,
): HeardMessage | ClockMessage | SystemReset | Ignored {
  const status = bytes[0]
  if (status === undefined) return ignored('empty')
  if (!Number.isInteger(status) || status < 0 || status > 255) return ignored('not a byte')
  if (status < 0x80) return ignored('data without a status')
  const action = TRANSPORT_ACTIONS[status]
  if (action !== undefined) return { kind: 'transport', at, action }
  if (status === 0xff) return { kind: 'system-reset', at }
  if (status === 0xf8) return { kind: 'clock', at }
  if (status === 0xf2) return songPosition(bytes[1], bytes[2], at)
  if (status >= 0xf0) return ignored(IGNORED_SYSTEM[status] ?? 'undefined status')
  const other = IGNORED_CHANNEL[status >> 4]
  if (other !== undefined) return ignored(other)
  const data1 = bytes[1]
  const data2 = bytes[2]
  if (data1 === undefined || data2 === undefined) return ignored('cut short')
  if (!isData(data1) || !isData(data2)) return ignored('not a data byte')
  const channel = status & 0x0f
  switch (status >> 4) {
    case 8:
      return { kind: 'note-off', at, channel, pitch: data1, velocity: data2 }
    case 9:
      return data2 === 0
        ? { kind: 'note-off', at, channel, pitch: data1, velocity: 0 }
        : { kind: 'note-on', at, channel, pitch: data1, velocity: data2 }
    default:
      return { kind: 'control-change', at, channel, controller: data1, value: data2 }
  }
}

/** 14 bits, the lower seven first. */
function songPosition(low: number | undefined, high: number | undefined, at: Ms): ClockMessage | Ignored {
  if (low === undefined || high === undefined) return ignored('cut short')
  if (!isData(low) || !isData(high)) return ignored('not a data byte')
  return { kind: 'song-position', at, sixteenths: low | (high << 7) }
}

function isData(byte: number): boolean {
  return Number.isInteger(byte) && byte >= 0 && byte <= 127
}
