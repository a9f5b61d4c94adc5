import type {
  Fate,
  HeardMessage,
  MidiClockMessage,
  RealtimeMessage,
  SentMessage,
  Source,
  TimedMessage,
} from '../../engine/language/messages.js'
import { channelKey, channelOf, channelStatus, join14, STATUS } from '../../engine/language/midi-status.js'
import type { Ms, NoteId } from '../../engine/units.js'
import { blankRecord, type Ring, type RingRecord } from './rings.js'

/**
 * How messages lie in the records of a ring. `kind` is one of the numbers below; `bytes` holds up to three MIDI bytes in one
 * word, the status byte lowest. `due` is the due time of a message on its way to the port, and the time of arrival of a
 * received message.
 */
export const NOTE_ON = 1
export const NOTE_OFF = 2
export const CONTROL_CHANGE = 3
const TRANSPORT = 4
const CLOCK = 5
const SONG_POSITION = 6
export const REALTIME = 7

/** A record names the thread that asked for a message, and the fate of the message, by an index into these lists. */
export const SOURCES: readonly Source[] = ['performer', 'ear', 'stage']
export const FATES: readonly Fate[] = ['sent', 'late', 'panicked', 'cancelled', 'failed']

/**
 * How late a planned message was sent, in ms. Undefined for one that was never sent, and for one that the ear or the
 * stage asked for: those are due at once, so their lateness measures nothing.
 */
export function lateness(message: SentMessage): Ms | undefined {
  return message.source === 'performer' && message.fate === 'sent' ? message.sentAt - message.due : undefined
}

/** A record of a transport message carries an index into this list as its first data byte. */
const ACTIONS = ['start', 'continue', 'stop'] as const

/** Puts three MIDI bytes into one word. Data bytes are cut to 7 bits, so that no word holds an invalid message. */
export function pack(status: number, data1: number, data2: number): number {
  return (status & 0xff) | ((data1 & 0x7f) << 8) | ((data2 & 0x7f) << 16)
}
/** The data bytes of a word that {@link pack} made; `channelOf` reads its channel. */
export const data1Of = (bytes: number): number => (bytes >> 8) & 0x7f
export const data2Of = (bytes: number): number => (bytes >> 16) & 0x7f
/** The slot of the ledger for the channel and pitch of a note's word. */
export const slotOf = (bytes: number): number => channelKey(channelOf(bytes), data1Of(bytes))

/** The record that every push fills: one thread pushes one message at a time, and a ring copies it. */
const scratch = blankRecord()

/**
 * Hands a message to the stage's ring; the caller wakes the stage after a batch. `epoch` is the control word EPOCH as
 * the caller last *acted on* it, not as it is now, so that what was planned before a panic is dropped. Note ids are
 * positive and not used twice within an epoch. Neither blocks nor allocates.
 * @returns false when the ring is full and the message wasn't sent; a note-off should then be tried again.
 */
export function pushTimed(ring: Ring, message: TimedMessage, epoch: number): boolean {
  scratch.due = message.due
  scratch.mustEnd = message.kind === 'note-on' ? message.mustEnd : 0
  scratch.epoch = epoch
  scratch.id = message.kind === 'control-change' ? 0 : message.id
  // A note-off names the note that it ends by its id alone.
  if (message.kind === 'note-off') setKind(NOTE_OFF, 0)
  else setChannelMessage(message)
  return ring.push(scratch)
}

/** Hands a message of the clock that Rubato sends to the stage's ring. @returns false when the ring is full. */
export function pushRealtime(ring: Ring, message: RealtimeMessage): boolean {
  scratch.due = message.due
  scratch.mustEnd = 0
  scratch.epoch = 0
  scratch.id = 0
  setKind(REALTIME, pack(STATUS[message.message], 0, 0))
  return ring.push(scratch)
}

/** Hands a received message to the ring of a performer or of main. @returns false when the ring is full. */
export function pushHeard(ring: Ring, message: HeardMessage | MidiClockMessage): boolean {
  scratch.due = message.at
  scratch.mustEnd = 0
  scratch.epoch = 0
  scratch.id = 0
  if (message.kind === 'transport') setKind(TRANSPORT, pack(0, ACTIONS.indexOf(message.action), 0))
  else if (message.kind === 'clock') setKind(CLOCK, 0)
  else if (message.kind === 'song-position') {
    setKind(SONG_POSITION, pack(STATUS.songPosition, message.sixteenths, message.sixteenths >> 7))
  } else setChannelMessage(message)
  return ring.push(scratch)
}

/** Fills the scratch record's kind and bytes with a channel message, whether received or on its way to the port. */
function setChannelMessage(
  message: Exclude<HeardMessage, { kind: 'transport' }> | Exclude<TimedMessage, { kind: 'note-off' }>,
): void {
  const { channel } = message
  switch (message.kind) {
    case 'note-on':
      setKind(NOTE_ON, pack(channelStatus(STATUS.noteOn, channel), message.pitch, message.velocity))
      break
    case 'note-off':
      setKind(NOTE_OFF, pack(channelStatus(STATUS.noteOff, channel), message.pitch, message.velocity))
      break
    case 'control-change':
      setKind(
        CONTROL_CHANGE,
        pack(channelStatus(STATUS.controlChange, channel), message.controller, message.value),
      )
      break
  }
}

function setKind(kind: number, bytes: number): void {
  scratch.kind = kind
  scratch.bytes = bytes
}

/** Calls `use` with each received message, oldest first. @returns how many there were. */
export function drainHeard(ring: Ring, use: (message: HeardMessage | MidiClockMessage) => void): number {
  return ring.drain((record) => use(heardFrom(record)))
}

function heardFrom(record: RingRecord): HeardMessage | MidiClockMessage {
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
      return { kind: 'song-position', at, sixteenths: join14(data1Of(bytes), data2Of(bytes)) }
    default:
      return { kind: 'transport', at, action: ACTIONS[data1Of(bytes)] ?? 'stop' }
  }
}

/**
 * Fills `record` with what became of a message; the caller pushes it. In such a record `mustEnd` holds the time of
 * sending, and `epoch` holds the indices of source (lower 8 bits) and fate.
 */
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
