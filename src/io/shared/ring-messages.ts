import type {
  ClockMessage,
  Fate,
  HeardMessage,
  RealtimeMessage,
  SentMessage,
  Source,
  TimedMessage,
} from '../../engine/language/messages.js'
import type { Channel, Ms, NoteId } from '../../engine/units.js'
import { blankRecord, type Ring, type RingRecord } from './rings.js'

/** How messages lie in ring records: `kind` as below, `bytes` the MIDI bytes, status lowest; `due` of a heard one is its `at`. */
export const NOTE_ON = 1
export const NOTE_OFF = 2
export const CONTROL_CHANGE = 3
export const TRANSPORT = 4
export const CLOCK = 5
export const SONG_POSITION = 6
export const REALTIME = 7

export const SOURCES: readonly Source[] = ['performer', 'ear', 'stage']
export const FATES: readonly Fate[] = ['sent', 'late', 'panicked', 'cancelled', 'failed']

/** How late a planned message was sent; undefined for what was due "now" or was never sent. */
export function lateness(message: SentMessage): Ms | undefined {
  return message.source === 'performer' && message.fate === 'sent' ? message.sentAt - message.due : undefined
}

const ACTIONS = ['start', 'continue', 'stop'] as const

/** Three MIDI bytes in one word; data bytes are cut to 7 bits, so nothing written here can be an invalid message. */
export function pack(status: number, data1: number, data2: number): number {
  return (status & 0xff) | ((data1 & 0x7f) << 8) | ((data2 & 0x7f) << 16)
}
export const channelOf = (bytes: number): Channel => bytes & 0x0f
export const data1Of = (bytes: number): number => (bytes >> 8) & 0x7f
export const data2Of = (bytes: number): number => (bytes >> 16) & 0x7f

/** Status bytes of what we say as the band's clock (MIDI 1.0, table V). */
const REALTIME_STATUS = { clock: 0xf8, start: 0xfa, stop: 0xfc } as const

const scratch = blankRecord()

/**
 * Hands a message to the stage's ring; wake the stage after a batch. `epoch`: the control word EPOCH as the caller
 * last *acted on*, not as it is now, so that what was planned before a panic is dropped. Ids: positive, and not
 * used again within an epoch. @returns false when the ring is full: not sent; a note-off should then be tried again.
 */
export function pushTimed(ring: Ring, message: TimedMessage, epoch: number): boolean {
  scratch.due = message.due
  scratch.mustEnd = message.kind === 'note-on' ? message.mustEnd : 0
  scratch.epoch = epoch
  scratch.id = message.kind === 'control-change' ? 0 : message.id
  // A note-off says by its id alone which note it ends.
  if (message.kind === 'note-off') setKind(NOTE_OFF, 0)
  else setChannelMessage(message)
  return ring.push(scratch)
}

/** Hands a message of our clock to the stage's ring. @returns false when the ring is full. */
export function pushRealtime(ring: Ring, message: RealtimeMessage): boolean {
  scratch.due = message.due
  scratch.mustEnd = 0
  scratch.epoch = 0
  scratch.id = 0
  setKind(REALTIME, pack(REALTIME_STATUS[message.message], 0, 0))
  return ring.push(scratch)
}

/** Hands a heard message to the performer's ring. @returns false when the ring is full. */
export function pushHeard(ring: Ring, message: HeardMessage | ClockMessage): boolean {
  scratch.due = message.at
  scratch.mustEnd = 0
  scratch.epoch = 0
  scratch.id = 0
  if (message.kind === 'transport') setKind(TRANSPORT, pack(0, ACTIONS.indexOf(message.action), 0))
  else if (message.kind === 'clock') setKind(CLOCK, 0)
  else if (message.kind === 'song-position') {
    setKind(SONG_POSITION, pack(0, message.sixteenths & 0x7f, message.sixteenths >> 7))
  } else setChannelMessage(message)
  return ring.push(scratch)
}

/** What a heard message and one on its way to the port have in common. */
function setChannelMessage(
  message: Exclude<HeardMessage, { kind: 'transport' }> | Exclude<TimedMessage, { kind: 'note-off' }>,
): void {
  const channel = message.channel & 0x0f
  switch (message.kind) {
    case 'note-on':
      setKind(NOTE_ON, pack(0x90 | channel, message.pitch, message.velocity))
      break
    case 'note-off':
      setKind(NOTE_OFF, pack(0x80 | channel, message.pitch, message.velocity))
      break
    case 'control-change':
      setKind(CONTROL_CHANGE, pack(0xb0 | channel, message.controller, message.value))
      break
  }
}

function setKind(kind: number, bytes: number): void {
  scratch.kind = kind
  scratch.bytes = bytes
}

/** Calls `use` with each heard message, oldest first. @returns how many there were. */
export function drainHeard(ring: Ring, use: (message: HeardMessage | ClockMessage) => void): number {
  return ring.drain((record) => use(heardFrom(record)))
}

function heardFrom(record: RingRecord): HeardMessage | ClockMessage {
  const { due: at, bytes } = record
  const channel = channelOf(bytes)
  switch (record.kind) {
    case NOTE_ON:
      return { kind: 'note-on', at, channel, pitch: data1Of(bytes), velocity: data2Of(bytes) }
    case NOTE_OFF:
      return { kind: 'note-off', at, channel, pitch: data1Of(bytes), velocity: data2Of(bytes) }
    case CONTROL_CHANGE:
      return { kind: 'control-change', at, channel, controller: data1Of(bytes), value: data2Of(bytes) }
    case CLOCK:
      return { kind: 'clock', at }
    case SONG_POSITION:
      return { kind: 'song-position', at, sixteenths: data1Of(bytes) | (data2Of(bytes) << 7) }
    default:
      return { kind: 'transport', at, action: ACTIONS[data1Of(bytes)] ?? 'stop' }
  }
}

/** In a sent record `mustEnd` holds sentAt and `epoch` holds source and fate. Fills `record`; push it yourself. */
export function writeSent(
  record: RingRecord,
  kind: number,
  due: Ms,
  sentAt: Ms,
  id: NoteId,
  bytes: number,
  source: number,
  fate: number,
): void {
  record.kind = kind
  record.due = due
  record.mustEnd = sentAt
  record.id = id
  record.bytes = bytes
  record.epoch = source | (fate << 8)
}

/** Calls `use` with each message of the stage's report, oldest first. @returns how many there were. */
export function drainSent(ring: Ring, use: (message: SentMessage) => void): number {
  return ring.drain((record) => use(sentFrom(record)))
}

function sentFrom(record: RingRecord): SentMessage {
  const { due, mustEnd: sentAt, id, bytes } = record
  const source = SOURCES[record.epoch & 0xff] ?? 'stage'
  const fate = FATES[record.epoch >> 8] ?? 'failed'
  const channel = channelOf(bytes)
  const data1 = data1Of(bytes)
  const data2 = data2Of(bytes)
  switch (record.kind) {
    case NOTE_ON:
      return { kind: 'note-on', due, sentAt, source, fate, id, channel, pitch: data1, velocity: data2 }
    case NOTE_OFF:
      return { kind: 'note-off', due, sentAt, source, fate, id, channel, pitch: data1 }
    default:
      return { kind: 'control-change', due, sentAt, source, fate, channel, controller: data1, value: data2 }
  }
}
