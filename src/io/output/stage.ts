import { type Fate, type Source, SUSTAIN } from '../../engine/language/messages.js'
import { channelOf, channelStatus, RELEASE_VELOCITY, STATUS } from '../../engine/language/midi-status.js'
import type { Ms, NoteId } from '../../engine/units.js'
import type { MidiSink } from '../midi/midi-out.js'
import { LastSent } from '../shared/last-sent.js'
import { Ledger } from '../shared/ledger.js'
import {
  CONTROL_CHANGE,
  data1Of,
  data2Of,
  FATES,
  NOTE_OFF,
  NOTE_ON,
  pack,
  REALTIME,
  SOURCES,
  slotOf,
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
import { GuardedSink } from './guarded-sink.js'
import type { KeptNotes } from './kept-notes.js'
import { RepeatedNotes } from './repeated-notes.js'
import { SharedPedal } from './shared-pedal.js'
import { SILENCING_CONTROLLERS } from './silencing.js'
import { blankPending, CANCELLED, MAKE_WAY, MUST_END, type Pending, Timeline } from './timeline.js'

/**
 * A note-on later than this is dropped. Shorter: a busy machine makes holes where a listener would have heard nothing
 * wrong. Longer: notes that were held up sound all at once, which is worse than a hole.
 */
const TOO_LATE_MS: Ms = 30
/** Room for about 20 s of dense playing with its must-ends; with less the timeline has to allocate while playing. */
const TIMELINE_CAPACITY = 4096

/** Records name sources and fates by index. The indices are looked up once, here, so that the loop handles numbers only. */
const source = (name: Source): number => SOURCES.indexOf(name)
const fate = (name: Fate): number => FATES.indexOf(name)
const BY_STAGE = source('stage')
const BY_PERFORMER = source('performer')
const SENT = fate('sent')
const LATE = fate('late')
const PANICKED = fate('panicked')
const CANCELLED_BY_OFF = fate('cancelled')
const FAILED = fate('failed')

interface StageOptions {
  /** A note-on later than this is dropped; tests that aren't about lateness raise it, for busy machines. */
  readonly tooLate?: Ms | undefined
  /** The least silence between two notes of one pitch and channel. */
  readonly repeatGap?: Ms | undefined
  /** The copy of the ledger for the keeper. */
  readonly kept?: KeptNotes | undefined
}

/**
 * The stage without its thread: drains the rings, holds each message in the timeline until it is due, sends it to the sink
 * and enters in the ledger which notes sound. Time is passed in as a function. Never blocks; throws only the fault that tests
 * can request; allocates only when the timeline is full.
 */
export class Stage {
  readonly #control: Int32Array
  readonly #ledger: Ledger
  readonly #lastSent: LastSent
  readonly #inboxes: readonly { ring: Ring; receive: (record: RingRecord) => void }[]
  readonly #toMain: Ring
  readonly #sink: GuardedSink
  readonly #pedal = new SharedPedal(SOURCES.length)
  readonly #repeated: RepeatedNotes
  readonly #timeline = new Timeline(TIMELINE_CAPACITY)
  readonly #record = blankRecord()
  readonly #message: Pending = blankPending()
  #epoch: number
  #ended = false
  /** Whether a start was sent to the devices that follow Rubato's clock, and no stop after it. */
  #isBandRunning = false

  readonly #tooLate: Ms

  constructor(
    memory: SharedMemory,
    sink: MidiSink,
    { tooLate = TOO_LATE_MS, repeatGap, kept }: StageOptions = {},
  ) {
    this.#repeated = new RepeatedNotes(repeatGap)
    this.#control = memory.control
    this.#ledger = new Ledger(memory.ledger, kept)
    this.#lastSent = new LastSent(memory.lastSent)
    this.#toMain = new Ring(memory.stageToMain)
    this.#sink = new GuardedSink(memory.control, sink)
    this.#tooLate = tooLate
    this.#epoch = Atomics.load(this.#control, EPOCH)
    const inbox = (buffer: SharedArrayBuffer, from: Source) => {
      const index = source(from)
      return { ring: new Ring(buffer), receive: (record: RingRecord) => this.#accept(record, index) }
    }
    this.#inboxes = [
      inbox(memory.earToStage, 'ear'),
      inbox(memory.performerToStage, 'performer'),
      inbox(memory.drummerToStage, 'performer'),
    ]
  }

  /** Whether the end was requested, or `end` was called; after that nothing more is sent. */
  get ended(): boolean {
    return this.#ended
  }

  /** The message of the last error that the port threw, '' if it never threw. */
  get lastError(): string {
    return this.#sink.lastError
  }

  /**
   * Drains the rings, carries out a panic or the end if one was requested, and sends all that is due by `now()`, which is
   * called again for each message. @returns when the next message is due, Infinity if none waits.
   */
  tick(now: () => Ms): Ms {
    if (this.#ended) return Number.POSITIVE_INFINITY
    // Drained before the epoch is read, so that no message is newer than the epoch it is compared with.
    for (const { ring, receive } of this.#inboxes) ring.drain(receive)
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
   * Ends all that sounds, on the port where it sounds. Call it before another port is played to, because these notes can't be
   * ended from there. May be called again.
   */
  hush(now: () => Ms): void {
    this.#silence(now)
  }

  /**
   * Plays to `sink` from now on; call `hush` first. The new sink is silenced before anything is played: a receiver that went
   * away while notes sounded may come back with them still sounding.
   */
  playTo(sink: MidiSink, now: () => Ms): void {
    this.#sink.replace(sink)
    this.#silence(now)
  }

  /** Ends all that sounds, closes the sink and tells main that all is silent. Calls after the first do nothing. */
  end(now: () => Ms): void {
    if (this.#ended) return
    this.#ended = true
    this.#silence(now)
    // Without a stop, a device that follows this clock would play on alone.
    if (this.#isBandRunning) this.#sendRealtime(STATUS.stop)
    this.#sink.close()
    Atomics.store(this.#control, STAGE_STATE, STAGE_SILENT)
    Atomics.notify(this.#control, STAGE_STATE)
    Atomics.notify(this.#control, SILENCED_EPOCH)
  }

  #accept(record: RingRecord, from: number): void {
    const { due, mustEnd, epoch, id, kind, bytes } = record
    const isNote = kind === NOTE_ON || kind === NOTE_OFF
    if (Number.isNaN(due) || (isNote ? id === 0 : kind !== CONTROL_CHANGE && kind !== REALTIME))
      Atomics.add(this.#control, LOST, 1)
    else {
      this.#timeline.push(due, mustEnd, epoch, id, kind, bytes, from)
      const isRepeated = kind === NOTE_ON && this.#ledger.idAt(slotOf(bytes)) !== 0
      if (isRepeated) this.#timeline.push(due - this.#repeated.gap, 0, epoch, id, MAKE_WAY, bytes, from)
    }
  }

  #play(message: Pending, at: Ms): void {
    const { due, id, bytes } = message
    if (message.kind === REALTIME) {
      // Clock messages are sent through a panic and however late: devices that follow this clock count every tick.
      this.#sendRealtime(bytes & 0xff)
      return
    }
    if (message.epoch < this.#epoch) {
      // A note-off from before the panic names a note that the panic has ended, and its id may be in use again.
      if (message.kind === NOTE_ON) this.#report(message, at, PANICKED)
      return
    }
    switch (message.kind) {
      case NOTE_ON:
        if (at - due > this.#tooLate) {
          Atomics.add(this.#control, DROPPED, 1)
          this.#report(message, at, LATE)
        } else this.#strike(message, at)
        return
      case MAKE_WAY:
        this.#makeWay(slotOf(bytes), id, due, at)
        return
      case CANCELLED:
        message.kind = NOTE_ON
        this.#report(message, at, CANCELLED_BY_OFF)
        return
      case CONTROL_CHANGE: {
        this.#ledger.use(channelOf(bytes))
        const shared = this.#pedal.move(bytes, message.source)
        const sent = this.#sink.send(shared)
        if (sent) this.#lastSent.recordControl(data1Of(shared), data2Of(shared), at)
        // The report says what each asked for: in a recording each has a pedal of their own.
        this.#report(message, at, sent ? SENT : FAILED)
        return
      }
      default: {
        const slot = this.#ledger.slotOf(id)
        if (slot >= 0) this.#release(slot, due, at, message.kind === MUST_END ? BY_STAGE : message.source)
        else if (message.kind === NOTE_OFF) this.#timeline.cancel(id)
      }
    }
  }

  #sendRealtime(status: number): void {
    if (status === STATUS.start) this.#isBandRunning = true
    else if (status === STATUS.stop) this.#isBandRunning = false
    this.#sink.sendByte(status)
  }

  #strike(message: Pending, at: Ms): void {
    const { bytes, id, mustEnd } = message
    const slot = slotOf(bytes)
    // What was planned has had its way made already; what is struck just now, a key passed on, waits for it.
    this.#makeWay(slot, id, message.due, at)
    const readyAt = this.#repeated.readyAt(slot)
    if (at < readyAt) {
      this.#timeline.push(readyAt, mustEnd, message.epoch, id, NOTE_ON, bytes, message.source)
      return
    }
    // The note is entered in the ledger even if the port throws: it may sound, and a note-off too many does no harm.
    this.#ledger.begin(slot, id)
    const sent = this.#sink.send(bytes)
    if (sent) this.#lastSent.recordNoteOn(data1Of(bytes), data2Of(bytes), at)
    this.#report(message, at, sent ? SENT : FAILED)
    if (mustEnd < Number.POSITIVE_INFINITY) {
      // A must-end of NaN would never come; such a note ends at once.
      const end = Number.isNaN(mustEnd) ? message.due : Math.max(mustEnd, message.due)
      this.#timeline.push(end, 0, this.#epoch, id, MUST_END, 0, BY_STAGE)
    }
  }

  /** Ends what sounds in a slot before the note `id` is struck there. */
  #makeWay(slot: number, id: NoteId, due: Ms, at: Ms): void {
    const sounding = this.#ledger.idAt(slot)
    if (sounding !== 0 && sounding !== id) this.#release(slot, due, at, BY_STAGE)
  }

  /** Ends the note of a slot. If the port throws, the note stays in the ledger and is ended at its must-end or at the end. */
  #release(slot: number, due: Ms, at: Ms, from: number): void {
    const bytes = pack(channelStatus(STATUS.noteOff, slot >> 7), slot & 127, RELEASE_VELOCITY)
    const id = this.#ledger.idAt(slot)
    const sent = this.#sink.send(bytes)
    if (sent) {
      this.#ledger.end(slot)
      this.#repeated.released(slot, at)
      this.#lastSent.recordNoteOff(slot & 127, at)
    }
    this.#write(NOTE_OFF, due, at, id, bytes, from, sent ? SENT : FAILED)
  }

  #silence(now: () => Ms): void {
    for (const slot of this.#ledger.soundingSlots()) {
      const at = now()
      this.#release(slot, at, at, BY_STAGE)
    }
    for (const channel of this.#ledger.usedChannels()) {
      for (const controller of SILENCING_CONTROLLERS) {
        const at = now()
        const bytes = pack(channelStatus(STATUS.controlChange, channel), controller, 0)
        const sent = this.#sink.send(bytes)
        // A recording leaves out how the stage silences a port, but the pianist's pedal must not stay down in it.
        const isPianists = controller === SUSTAIN && this.#pedal.isDown(channel, BY_PERFORMER)
        const by = isPianists ? BY_PERFORMER : BY_STAGE
        this.#write(CONTROL_CHANGE, at, at, 0, bytes, by, sent ? SENT : FAILED)
      }
      this.#pedal.lift(channel)
    }
    this.#ledger.silenced()
  }

  /** Tells main what became of a message: `what` is an index into FATES. */
  #report(message: Pending, at: Ms, what: number): void {
    this.#write(message.kind, message.due, at, message.id, message.bytes, message.source, what)
  }

  #write(kind: number, due: Ms, at: Ms, id: NoteId, bytes: number, from: number, what: number): void {
    writeSent(this.#record, kind, due, at, id, bytes, from, what)
    this.#toMain.push(this.#record)
  }
}
