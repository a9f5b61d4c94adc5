import { SUSTAIN, type TimedMessage } from '../language/messages.js'
import type { Channel, Ms, NoteId } from '../units.js'
import { type Key, keysHeld } from './reach.js'

/**
 * The sustain pedal under the pianist's notes. Keys that two hands can't hold together go up early, with the pedal down to
 * carry their notes on; it lifts when they are over. It adds key releases and control changes to the messages and leaves out
 * none: a note-off that comes when the key is up already has no effect. It looks no further ahead than the messages, and
 * acts at times that follow from them alone, however finely `advance` is called. Keys that hands can hold stay down however
 * long: letting them go after 2 s, say, makes half as many presses again, and the hundredth note is cut 1.5 s short instead of
 * 0.4 s. Times are plan time, with delay.
 */
export interface Pedal {
  /** Passes a message on, and what the pedal adds to it. */
  readonly receive: (message: TimedMessage) => void
  /** When the pedal may have to move next if no message comes; Infinity while it is up. */
  readonly nextDue: Ms
  /** Moves the pedal as it must by `until`, Infinity for all that is known. */
  advance(until: Ms): void
  /** Lifts the pedal, if it is down, at `at`, and forgets all notes. */
  release(at: Ms): void
}

/** A note that should sound. */
interface PedalledNote extends Key {
  /** When it ends: its must-end time, or its note-off if that came and is earlier. */
  end: Ms
  /** Whether its key is down; if not, the pedal carries it. */
  isHeld: boolean
}

/**
 * For each carried note, notes that are over may ring on under the pedal for this long in total; then it lifts, which cuts
 * the carried notes short. Longer: harmonies blur (500 ms: 1.8 % of the notes ring on for over 0.1 s; 200: 0.3 %), and a wrong
 * sound is worse than a dry one. Shorter: the pedal lifts at each little note, and a bass under a run is cut (50 ms: 1.2 % of
 * the notes lose over 0.1 s, and the hundredth note 0.6 s; 200: 1.1 % and 0.4 s).
 */
const BLUR_MS: Ms = 200

/** Keys struck within this time of each other are one chord: none of them goes up for another. Shorter: a spread chord is torn. */
const CHORD_MS: Ms = 60

/** A key goes up this long after the pedal went down, because in an instrument that needs a moment the note would end before it. */
const CATCH_MS: Ms = 10

/**
 * The pedal stays down, and up, for at least this long. Shorter: the dampers don't reach the strings of a real piano, and a
 * DAW's echo of one move comes after the next was sent, so that it isn't known for an echo (30 ms). Longer: keys out of
 * reach must wait for it.
 */
const LEAST_MS: Ms = 40

/** A pedal that is up. `isPedalled` says at each note-on whether the pedal may be used; `emit` receives all messages. */
export function createPedal(emit: (message: TimedMessage) => void, isPedalled: () => boolean): Pedal {
  return new HandsAndPedal(emit, isPedalled)
}

class HandsAndPedal implements Pedal {
  readonly #emit: (message: TimedMessage) => void
  readonly #isPedalled: () => boolean
  readonly #notes = new Map<NoteId, PedalledNote>()
  /** Notes that are over and ring on under the pedal; `due` is when they should have ended. */
  #ringing: Key[] = []
  /** The channel on which the pedal is down, undefined while it is up. */
  #downOn: Channel | undefined
  /** When it moved last. */
  #movedAt: Ms = Number.NEGATIVE_INFINITY

  constructor(emit: (message: TimedMessage) => void, isPedalled: () => boolean) {
    this.#emit = emit
    this.#isPedalled = isPedalled
  }

  readonly receive = (message: TimedMessage): void => {
    if (message.kind !== 'note-on' || !this.#isPedalled()) {
      const note = message.kind === 'note-off' ? this.#notes.get(message.id) : undefined
      if (note) note.end = Math.min(note.end, message.due)
      this.#emit(message)
      return
    }
    const { id, pitch, due, mustEnd, channel } = message
    this.advance(due)
    this.#emit(message)
    this.#ringing = this.#ringing.filter((key) => key.pitch !== pitch)
    this.#notes.set(id, { pitch, due, end: mustEnd, isHeld: true })
    this.#letGo(due, channel)
  }

  get nextDue(): Ms {
    if (this.#downOn === undefined) return Number.POSITIVE_INFINITY
    return Math.min(this.#liftDue(), this.#nextEnd())
  }

  advance(until: Ms): void {
    for (;;) {
      const liftDue = this.#liftDue()
      const end = this.#nextEnd()
      const next = Math.min(liftDue, end)
      if (next > until || next === Number.POSITIVE_INFINITY) return
      if (liftDue <= end) this.#lift(liftDue)
      else this.#endNotes(end)
    }
  }

  release(at: Ms): void {
    this.#lift(at)
    this.#notes.clear()
  }

  /** Lets the keys go that are out of reach, with the pedal down before. */
  #letGo(at: Ms, channel: Channel): void {
    const keys = [...this.#notes.values()].filter(({ isHeld }) => isHeld)
    const held = keysHeld(keys, at - CHORD_MS)
    if (held.size === keys.length) return
    if (this.#downOn === undefined) {
      this.#move(at, channel, 127)
      this.#downOn = channel
    }
    const due = Math.max(at, this.#movedAt) + CATCH_MS
    for (const [id, note] of this.#notes) {
      if (!note.isHeld || held.has(note)) continue
      note.isHeld = false
      this.#emit({ kind: 'note-off', due, id })
    }
  }

  #nextEnd(): Ms {
    let next = Number.POSITIVE_INFINITY
    for (const { end } of this.#notes.values()) next = Math.min(next, end)
    return next
  }

  /** When the pedal lifts because of the notes that ring on, if no other note ends before. */
  #liftDue(): Ms {
    const ringing = this.#ringing
    if (this.#downOn === undefined || ringing.length === 0) return Number.POSITIVE_INFINITY
    const over = ringing.reduce((sum, { due }) => sum + due, 0)
    return (BLUR_MS * this.#carried() + over) / ringing.length
  }

  #carried(): number {
    return [...this.#notes.values()].filter(({ isHeld }) => !isHeld).length
  }

  /** Takes the notes that end at `at` for over, and lifts the pedal if it carries none any more. */
  #endNotes(at: Ms): void {
    for (const [id, { pitch, end }] of this.#notes) {
      if (end > at) continue
      this.#notes.delete(id)
      if (this.#downOn !== undefined) this.#ringing.push({ pitch, due: at })
    }
    if (this.#carried() === 0) this.#lift(at)
  }

  #lift(at: Ms): void {
    if (this.#downOn === undefined) return
    this.#move(at, this.#downOn, 0)
    this.#downOn = undefined
    this.#ringing = []
    // The notes that it carried have ended with it; their note-offs will find nothing to end.
    for (const [id, { isHeld }] of this.#notes) if (!isHeld) this.#notes.delete(id)
  }

  #move(at: Ms, channel: Channel, value: number): void {
    this.#movedAt = Math.max(at, this.#movedAt + LEAST_MS)
    this.#emit({ kind: 'control-change', due: this.#movedAt, channel, controller: SUSTAIN, value })
  }
}
