import type { Controls } from '../controls/controls.js'
import { eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { TimedMessage } from '../language/messages.js'
import { momentVelocity } from '../sampling/moment.js'
import { type Ms, type NoteId, type Pitch, STEP_MS, type Velocity } from '../units.js'
import type { PlannedEvent } from './plan.js'

/**
 * The way out: events of the plan become messages for the port, in plan time. History is untouched by what
 * happens here: transposition, velocity limits and range, articulation, delay, channel.
 */
export interface NoteOutput {
  /** Sends what the event says. */
  send(planned: PlannedEvent, controls: Controls): void
  /** Sends a note that sounds until it is ended by `endNote`, or after `longest` ms. */
  sendHeld(pitch: Pitch, at: Ms, longest: Ms, velocity: Velocity, controls: Controls): void
  /** Ends the sounding note of `pitch` (in history) at plan time `at`; nothing for a silent one. */
  endNote(pitch: Pitch, at: Ms, controls: Controls): void
  /** Ends all that sounds at plan time `at`. */
  endAll(at: Ms, controls: Controls): void
  /** Ends sooner, where a shortened articulation asks for it, what sounds at plan time `at`. */
  shorten(at: Ms, controls: Controls): void
  /** Forgets what sounds without a word: somebody else has ended it. */
  clear(): void
  /** Pitches (in history) that have been sent and not ended, ascending. */
  sounding(): Pitch[]
  /** How the note of `pitch` (in history) that has been sent and not ended sounds. */
  soundingNote(pitch: Pitch): SoundingNote | undefined
}

/** A note that has been sent. */
export interface SoundingNote {
  readonly id: NoteId
  /** As it sounds. */
  readonly pitch: Pitch
  readonly velocity: Velocity
  /** Plan time of the note-on, without delay. */
  readonly struckAt: Ms
  /** When it was due, with delay: its note-off is never due sooner. */
  readonly due: Ms
}

/** Percussion is over by itself: its note-off follows after this, for instruments that want one. */
const STROKE_MS: Ms = 100

/** The longest that a note may sound. */
export function longestNote(controls: Controls, hasEnds: boolean): Ms {
  const longest = controls.articulation * 1000
  return hasEnds ? longest : Math.min(longest, STROKE_MS)
}

/** A way out that gives its messages to `emit`. Ids count up from `firstId`. */
export function createNoteOutput(emit: (message: TimedMessage) => void, firstId: NoteId): NoteOutput {
  const sent: (SoundingNote | undefined)[] = new Array(PITCH_COUNT).fill(undefined)
  let nextId = firstId

  function endNote(pitch: Pitch, at: Ms, controls: Controls): void {
    const note = sent[pitch]
    if (!note) return
    sent[pitch] = undefined
    emit({ kind: 'note-off', due: Math.max(at + controls.delay, note.due), id: note.id })
  }

  function strike(pitch: Pitch, at: Ms, longest: Ms, velocity: Velocity, controls: Controls): void {
    endNote(pitch, at, controls)
    const soundingPitch = pitch + controls.transpose
    if (soundingPitch < 0 || soundingPitch >= PITCH_COUNT) return
    const due = at + controls.delay
    const note = { id: nextId++, pitch: soundingPitch, velocity, struckAt: at, due }
    sent[pitch] = note
    emit({
      kind: 'note-on',
      due,
      mustEnd: due + longest,
      id: note.id,
      channel: controls.channel - 1,
      pitch: soundingPitch,
      velocity,
    })
  }

  function send({ event, moment }: PlannedEvent, controls: Controls): void {
    const at = moment.clock * STEP_MS
    if (isNoteOff(event)) endNote(eventPitch(event), at, controls)
    else if (isNoteOn(event)) {
      const velocity = shapeVelocity(momentVelocity(moment), moment.meanVelocity, controls)
      strike(eventPitch(event), at, longestNote(controls, moment.hasEnds), velocity, controls)
      // A stroke is ended by its must-end time: there is nothing to remember.
      if (!moment.hasEnds) sent[eventPitch(event)] = undefined
    }
  }

  function shorten(at: Ms, controls: Controls): void {
    for (const [pitch, note] of sent.entries()) {
      if (!note) continue
      const end = note.struckAt + controls.articulation * 1000
      // It stays in `sent`: its own note-off, coming later, names an id that is gone by then and is ignored.
      if (end > at) emit({ kind: 'note-off', due: end + controls.delay, id: note.id })
      else endNote(pitch, at, controls)
    }
  }

  return {
    send,
    sendHeld: strike,
    endNote,
    shorten,
    endAll: (at, controls) => {
      for (let pitch = 0; pitch < PITCH_COUNT; pitch++) endNote(pitch, at, controls)
    },
    clear: () => {
      sent.fill(undefined)
    },
    sounding: () => sent.flatMap((note, pitch) => (note ? [pitch] : [])),
    soundingNote: (pitch) => sent[pitch],
  }
}

/**
 * Spreads a velocity around the running mean by dynamicsRange, then keeps it within the limits. With the limits
 * crossed velocityMin wins.
 */
export function shapeVelocity(velocity: Velocity, mean: Velocity, controls: Controls): Velocity {
  const spread = Math.round(mean + (velocity - mean) * controls.dynamicsRange)
  return Math.min(127, Math.max(controls.velocityMin, Math.min(controls.velocityMax, spread)))
}
