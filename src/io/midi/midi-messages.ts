import type { HeardMessage, MidiClockMessage } from '../../engine/language/messages.js'
import { channelOf, isDataByte, join14, kindOf, STATUS } from '../../engine/language/midi-status.js'
import type { Channel, Ms } from '../../engine/units.js'

/** Bytes that Rubato doesn't use, and why. */
interface Ignored {
  readonly kind: 'ignored'
  readonly reason: string
}

/** The whole device is as at power-up: every key and pedal it held is up. */
interface SystemReset {
  readonly kind: 'system-reset'
  readonly at: Ms
}

const ignored = (reason: string): Ignored => ({ kind: 'ignored', reason })

/** Messages that change nothing in Rubato, by {@link STATUS}. */
const IGNORED: Readonly<Record<number, string>> = {
  [STATUS.polyphonicAftertouch]: 'polyphonic aftertouch',
  [STATUS.programChange]: 'program change',
  [STATUS.channelAftertouch]: 'channel aftertouch',
  [STATUS.pitchBend]: 'pitch bend',
  [STATUS.systemExclusive]: 'system exclusive',
  [STATUS.timeCode]: 'time code',
  [STATUS.songSelect]: 'song select',
  [STATUS.tuneRequest]: 'tune request',
  [STATUS.endOfExclusive]: 'end of system exclusive',
  [STATUS.activeSensing]: 'active sensing',
}

/**
 * Reads one MIDI message: bytes 0-255, the status byte first (MIDI 1.0 detailed specification, tables I to V). A note-on with
 * velocity 0 is a note-off. A message that is unknown, cut short or interrupted by another status byte is ignored with a
 * reason. Bytes after a complete message aren't read, because drivers deliver one message at a time. Never throws.
 */
export function parseMidi(
  bytes: ArrayLike<number>,
  at: Ms,
): HeardMessage | MidiClockMessage | SystemReset | Ignored {
  const status = bytes[0]
  if (status === undefined) return ignored('empty')
  if (!Number.isInteger(status) || status < 0 || status > 0xff) return ignored('not a byte')
  if (isDataByte(status)) return ignored('data without a status')
  const kind = kindOf(status)
  switch (kind) {
    case STATUS.noteOff:
    case STATUS.noteOn:
    case STATUS.controlChange:
      return channelMessage(kind, channelOf(status), bytes[1], bytes[2], at)
    case STATUS.start:
      return { kind: 'transport', at, action: 'start' }
    case STATUS.continue:
      return { kind: 'transport', at, action: 'continue' }
    case STATUS.stop:
      return { kind: 'transport', at, action: 'stop' }
    case STATUS.clock:
      return { kind: 'clock', at }
    case STATUS.songPosition:
      return songPosition(bytes[1], bytes[2], at)
    case STATUS.systemReset:
      return { kind: 'system-reset', at }
    default:
      return ignored(IGNORED[kind] ?? 'undefined status')
  }
}

function channelMessage(
  kind: number,
  channel: Channel,
  data1: number | undefined,
  data2: number | undefined,
  at: Ms,
): HeardMessage | Ignored {
  if (data1 === undefined || data2 === undefined) return ignored('cut short')
  if (!isDataByte(data1) || !isDataByte(data2)) return ignored('not a data byte')
  if (kind === STATUS.controlChange)
    return { kind: 'control-change', at, channel, controller: data1, value: data2 }
  if (kind === STATUS.noteOn && data2 > 0)
    return { kind: 'note-on', at, channel, pitch: data1, velocity: data2 }
  return { kind: 'note-off', at, channel, pitch: data1, velocity: data2 }
}

function songPosition(low: number | undefined, high: number | undefined, at: Ms): MidiClockMessage | Ignored {
  if (low === undefined || high === undefined) return ignored('cut short')
  if (!isDataByte(low) || !isDataByte(high)) return ignored('not a data byte')
  return { kind: 'song-position', at, sixteenths: join14(low, high) }
}
