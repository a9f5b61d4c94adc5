import {
  ALL_NOTES_OFF,
  ALL_SOUND_OFF,
  type Fate,
  type Source,
  SUSTAIN,
} from '../../engine/language/messages.js'
import type { Ms, NoteId } from '../../engine/units.js'
import { messageOf } from '../error-text.js'
import type { MidiSink } from '../midi/midi-out.js'
import { LastSent } from '../shared/last-sent.js'
import { Ledger } from '../shared/ledger.js'
import {
  CONTROL_CHANGE,
  channelOf,
  data1Of,
  data2Of,
  FATES,
  NOTE_OFF,
  NOTE_ON,
  pack,
  REALTIME,
  SOURCES,
  writeSent,
} from '../shared/ring-messages.js'
import { blankRecord, Ring, type RingRecord } from '../shared/rings.js'
import {
  DROPPED,
  EPOCH,
  LOST,
  REQUEST_END,
  REQUEST_FAULT,
  type SharedMemory,
  SILENCED_EPOCH,
  STAGE_REQUEST,
  STAGE_SILENT,
  STAGE_STATE,
} from '../shared/shared-memory.js'
import { blankPending, CANCELLED, MUST_END, type Pending, Timeline } from './timeline.js'

/**
 * A note-on later than this is dropped. Shorter: a busy machine makes holes where a listener would have heard nothing
 * wrong. Longer: what was held up comes in a heap, which is worse than a hole.
 */
const TOO_LATE_MS: Ms = 30
/** Room for about 20 s of dense playing with its must-ends; more makes the timeline allocate while playing. */
const TIMELINE_CAPACITY = 4096
/** Release velocity where none is known: the MIDI standard's own default. */
const RELEASE_VELOCITY = 64

/** System real-time messages (MIDI 1.0). */
const START = 0xfa
const STOP = 0xfc

/** Index into a word list, once, so that the loop carries numbers. */
const source = (name: Source): number => SOURCES.indexOf(name)
const fate = (name: Fate): number => FATES.indexOf(name)
const STAGE = source('stage')
const SENT = fate('sent')
const LATE = fate('late')
const PANICKED = fate('panicked')
const CANCELLED_FATE = fate('cancelled')
const FAILED = fate('failed')

/**
 * The stage without its thread: rings in, timeline, ledger, sink out. Time comes in as a function. Never blocks and
 * never throws but by request (fault injection); allocates only when the timeline outgrows itself.
 */
export class Stage {
  readonly #control: Int32Array
  readonly #ledger: Ledger
  readonly #lastSent: LastSent
  readonly #inboxes: readonly { ring: Ring; take: (record: RingRecord) => void }[]
  readonly #toMain: Ring
  #sink: MidiSink
  readonly #timeline = new Timeline(TIMELINE_CAPACITY)
  readonly #bytes: [number, number, number] = [0, 0, 0]
  readonly #realtimeByte: [number] = [0]
  readonly #record = blankRecord()
  readonly #message: Pending = blankPending()
  #epoch: number
  #ended = false
  /** We have given a start, and no stop. */
  #isBandRunning = false
  #lastError = ''

  readonly #tooLate: Ms

  /** @param tooLate a note-on later than this is dropped: only tests of other things, on busy machines, ask for more */
  constructor(memory: SharedMemory, sink: MidiSink, tooLate: Ms = TOO_LATE_MS) {
    this.#control = memory.control
    this.#ledger = new Ledger(memory.ledger)
    this.#lastSent = new LastSent(memory.lastSent)
    this.#toMain = new Ring(memory.stageToMain)
    this.#sink = sink
    this.#tooLate = tooLate
    this.#epoch = Atomics.load(this.#control, EPOCH)
    const inbox = (buffer: SharedArrayBuffer, from: Source) => {
      const index = source(from)
      return { ring: new Ring(buffer), take: (record: RingRecord) => this.#accept(record, index) }
    }
    this.#inboxes = [
      inbox(memory.earToStage, 'ear'),
      inbox(memory.performerToStage, 'performer'),
      inbox(memory.drummerToStage, 'performer'),
    ]
  }

  /** Whether END has come, or `end` was called: nothing more is sent. */
  get ended(): boolean {
    return this.#ended
  }

  /** The last thing the sink threw, '' if it never did. */
  get lastError(): string {
    return this.#lastError
  }

  /**
   * Takes in what the rings hold, heeds panic and END, and sends all that is due by `now()`, which is asked again for
   * each message. @returns when the next message is due, Infinity if none waits.
   */
  tick(now: () => Ms): Ms {
    if (this.#ended) return Number.POSITIVE_INFINITY
    // Drained before the epoch is read: so nothing taken in can be newer than the epoch it is judged by.
    for (const inbox of this.#inboxes) inbox.ring.drain(inbox.take)
    const request = Atomics.load(this.#control, STAGE_REQUEST)
    if (request === REQUEST_END) {
      this.end(now)
      return Number.POSITIVE_INFINITY
    }
    if (request === REQUEST_FAULT) throw new Error('a fault was asked for')
    const epoch = Atomics.load(this.#control, EPOCH)
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#silence(now)
      Atomics.store(this.#control, SILENCED_EPOCH, epoch)
      Atomics.notify(this.#control, SILENCED_EPOCH)
    }
    while (this.#timeline.nextDue <= now()) {
      this.#timeline.pop(this.#message)
      this.#play(this.#message, now())
    }
    return this.#timeline.nextDue
  }

  /**
   * Ends all that sounds where it sounds: the port is about to be another, which couldn't end it. Fit to be called again.
   */
  hush(now: () => Ms): void {
    this.#silence(now)
  }

  /**
   * Plays to `sink` from now on, the one before having been hushed. Who went away with notes sounding may have them
   * sounding still: it is silenced first.
   */
  playTo(sink: MidiSink, now: () => Ms): void {
    if (sink !== this.#sink) this.#closeSink()
    this.#sink = sink
    this.#silence(now)
  }

  #closeSink(): void {
    try {
      this.#sink.close()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Ends all that sounds, closes the sink and reports silence to main. Once; more calls do nothing. */
  end(now: () => Ms): void {
    if (this.#ended) return
    this.#ended = true
    this.#silence(now)
    // Whoever follows our clock would play on without it.
    if (this.#isBandRunning) this.#realtime(STOP)
    this.#closeSink()
    Atomics.store(this.#control, STAGE_STATE, STAGE_SILENT)
    Atomics.notify(this.#control, STAGE_STATE)
    Atomics.notify(this.#control, SILENCED_EPOCH)
  }

  #accept(record: RingRecord, from: number): void {
    const { due, mustEnd, epoch, id, kind, bytes } = record
    const note = kind === NOTE_ON || kind === NOTE_OFF
    if (Number.isNaN(due) || (note ? id === 0 : kind !== CONTROL_CHANGE && kind !== REALTIME))
      Atomics.add(this.#control, LOST, 1)
    else this.#timeline.push(due, mustEnd, epoch, id, kind, bytes, from)
  }

  #play(message: Pending, at: Ms): void {
    const { due, id, bytes } = message
    if (message.kind === REALTIME) {
      // The band's beat goes on through a panic. Late or not: who follows counts every tick.
      this.#realtime(bytes & 0xff)
      return
    }
    if (message.epoch < this.#epoch) {
      // An older note-off names a note that the panic ended already; so an id may be used again after a panic.
      if (message.kind === NOTE_ON) this.#tell(message, at, PANICKED)
      return
    }
    switch (message.kind) {
      case NOTE_ON:
        if (at - due > this.#tooLate) {
          Atomics.add(this.#control, DROPPED, 1)
          this.#tell(message, at, LATE)
        } else this.#strike(message, at)
        return
      case CANCELLED:
        message.kind = NOTE_ON
        this.#tell(message, at, CANCELLED_FATE)
        return
      case CONTROL_CHANGE: {
        this.#ledger.use(channelOf(bytes))
        const sent = this.#send(bytes)
        if (sent) this.#lastSent.controlSent(data1Of(bytes), data2Of(bytes), at)
        this.#tell(message, at, sent ? SENT : FAILED)
        return
      }
      default: {
        const slot = this.#ledger.slotOf(id)
        if (slot >= 0) this.#release(slot, due, at, message.kind === MUST_END ? STAGE : message.source)
        else if (message.kind === NOTE_OFF) this.#timeline.cancel(id)
      }
    }
  }

  #realtime(byte: number): void {
    if (byte === START || byte === STOP) this.#isBandRunning = byte === START
    this.#realtimeByte[0] = byte
    this.#give(this.#realtimeByte)
  }

  #strike(message: Pending, at: Ms): void {
    const { bytes, id, mustEnd } = message
    const slot = Ledger.slot(channelOf(bytes), data1Of(bytes))
    if (this.#ledger.idAt(slot) !== 0) this.#release(slot, message.due, at, STAGE)
    // Entered even if the port throws: it may have sounded, and an off too many hurts nobody.
    this.#ledger.begin(slot, id)
    const sent = this.#send(bytes)
    if (sent) this.#lastSent.noteSent(data1Of(bytes), data2Of(bytes), at)
    this.#tell(message, at, sent ? SENT : FAILED)
    if (mustEnd < Number.POSITIVE_INFINITY) {
      // NaN would never end: take it as a note that has no length.
      const end = Number.isNaN(mustEnd) ? message.due : Math.max(mustEnd, message.due)
      this.#timeline.push(end, 0, this.#epoch, id, MUST_END, 0, STAGE)
    }
  }

  /** Ends the note of a slot. If the port throws the note stays in the ledger, to be tried again at its must-end or END. */
  #release(slot: number, due: Ms, at: Ms, from: number): void {
    const bytes = pack(0x80 | (slot >> 7), slot & 127, RELEASE_VELOCITY)
    const id = this.#ledger.idAt(slot)
    const sent = this.#send(bytes)
    if (sent) {
      this.#ledger.end(slot)
      this.#lastSent.offSent(slot & 127, at)
    }
    this.#write(NOTE_OFF, due, at, id, bytes, from, sent ? SENT : FAILED)
  }

  #silence(now: () => Ms): void {
    for (const slot of this.#ledger.soundingSlots()) {
      const at = now()
      this.#release(slot, at, at, STAGE)
    }
    for (const channel of this.#ledger.usedChannels()) {
      for (const controller of SILENCING_CONTROLLERS) {
        const at = now()
        const bytes = pack(0xb0 | channel, controller, 0)
        const sent = this.#send(bytes)
        this.#write(CONTROL_CHANGE, at, at, 0, bytes, STAGE, sent ? SENT : FAILED)
      }
    }
  }

  #send(bytes: number): boolean {
    this.#bytes[0] = bytes & 0xff
    this.#bytes[1] = data1Of(bytes)
    this.#bytes[2] = data2Of(bytes)
    return this.#give(this.#bytes)
  }

  #give(bytes: readonly number[]): boolean {
    try {
      this.#sink.send(bytes)
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    Atomics.add(this.#control, LOST, 1)
    this.#lastError = messageOf(error)
  }

  #tell(message: Pending, at: Ms, what: number): void {
    this.#write(message.kind, message.due, at, message.id, message.bytes, message.source, what)
  }

  #write(kind: number, due: Ms, at: Ms, id: NoteId, bytes: number, from: number, what: number): void {
    writeSent(this.#record, kind, due, at, id, bytes, from, what)
    this.#toMain.push(this.#record)
  }
}

/** Pedal up, all notes off, all sound off: in this order, since many synths hold notes under a pedal through CC123. */
export const SILENCING_CONTROLLERS = [SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF] as const
