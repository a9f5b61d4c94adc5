import type { Controls } from '../controls/controls.js'
import { eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { Grid } from '../language/grid.js'
import type { TimedMessage } from '../language/messages.js'
import { momentVelocity } from '../sampling/moment.js'
import { type Ms, type NoteId, type Pitch, STEP_MS, type Velocity } from '../units.js'
import { firstPull, type OnsetPull, pullOnset } from './onset-pull.js'
import type { PlannedEvent } from './plan.js'

/**
 * Turns events of the plan into messages for the port, in plan time. It applies the controls that leave history as it is:
 * transposition, velocity limits and range, articulation, delay and channel. Pitches are those in history, unless said
 * otherwise.
 */
export interface NoteOutput {
  /** What the times of the next notes depend on. */
  readonly pull: Readonly<OnsetPull>
  /** Sends the message of an event, if it has one. */
  send(planned: PlannedEvent, controls: Controls, grid: Grid | null): void
  /** Sends a note that sounds until `endNote` ends it, and for `longest` ms at most. */
  sendHeld(pitch: Pitch, at: Ms, longest: Ms, velocity: Velocity, controls: Controls): void
  /** Ends the note of `pitch` at plan time `at`, if one sounds; later by as much as it was struck later. */
  endNote(pitch: Pitch, at: Ms, controls: Controls): void
  /** Ends all sounding notes at plan time `at`. */
  endAll(at: Ms, controls: Controls): void
  /** Gives the notes that sound at plan time `at` an earlier end, where a shorter articulation asks for it. */
  shorten(at: Ms, controls: Controls): void
  /** Whether notes are left out, and nothing sounds. */
  readonly isMuted: boolean
  /** Leaves out every note from now on, or none any more. */
  mute(isMuted: boolean): void
  /** Forgets the sounding notes without sending anything, because they have been ended elsewhere. */
  clear(): void
  /** Pitches whose notes have been sent and not ended, ascending. Allocates. */
  sounding(): Pitch[]
  /** The note of `pitch` that has been sent and not ended. */
  soundingNote(pitch: Pitch): SoundingNote | undefined
}

/** A note that has been sent and not ended. */
interface SoundingNote {
  readonly id: NoteId
  /** The pitch that sounds, transposed. */
  readonly pitch: Pitch
  readonly velocity: Velocity
  /** Plan time of the note-on, without delay. */
  readonly struckAt: Ms
  /** How much later than planned it was struck, to be on a grid. */
  readonly later: Ms
  /** Plan time at which the note-on was due, with delay: its note-off is never due sooner. */
  readonly due: Ms
}

/** When a note is planned, in plan time, and how much later it is struck. */
interface StrikeTime {
  readonly at: Ms
  readonly later: Ms
}

/**
 * Strokes of percussion end by themselves, but some instruments need a note-off, which follows after this time: a shorter
 * time may be lost in an instrument, a longer one overlaps the next stroke.
 */
const STROKE_MS: Ms = 100

/** The longest that a note may sound; percussion has no `hasEnds`. */
export function longestNote(controls: Controls, hasEnds: boolean): Ms {
  const longest = controls.articulation * 1000
  return hasEnds ? longest : Math.min(longest, STROKE_MS)
}

/** An output that gives its messages to `emit`. The ids of notes count up from `firstId`. */
export function createNoteOutput(emit: (message: TimedMessage) => void, firstId: NoteId): NoteOutput {
  const sent: (SoundingNote | undefined)[] = new Array(PITCH_COUNT).fill(undefined)
  let nextId = firstId
  let isMuted = false

  const pull = firstPull()

  /** Ends a note as planned for `at`, but no later than plan time `latest`. */
  function endBy(latest: Ms, pitch: Pitch, at: Ms, controls: Controls): void {
    const note = sent[pitch]
    if (!note) return
    sent[pitch] = undefined
    const end = Math.min(at + note.later, latest)
    emit({ kind: 'note-off', due: Math.max(end + controls.delay, note.due), id: note.id })
  }

  const endNote = (pitch: Pitch, at: Ms, controls: Controls): void =>
    endBy(Number.POSITIVE_INFINITY, pitch, at, controls)

  function strike(
    { at, later }: StrikeTime,
    pitch: Pitch,
    longest: Ms,
    velocity: Velocity,
    controls: Controls,
  ): void {
    const struckAt = at + later
    endBy(struckAt, pitch, at, controls)
    if (isMuted) return
    const soundingPitch = pitch + controls.transpose
    if (soundingPitch < 0 || soundingPitch >= PITCH_COUNT) return
    const due = struckAt + controls.delay
    const note = { id: nextId++, pitch: soundingPitch, velocity, struckAt, later, due }
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

  function send({ event, moment }: PlannedEvent, controls: Controls, grid: Grid | null): void {
    const at = moment.clock * STEP_MS
    if (isNoteOff(event)) endNote(eventPitch(event), at, controls)
    else if (isNoteOn(event)) {
      const velocity = shapeVelocity(momentVelocity(moment), moment.meanVelocity, controls)
      const planned = { at, later: pullOnset(pull, moment, grid) }
      strike(planned, eventPitch(event), longestNote(controls, moment.hasEnds), velocity, controls)
      // The must-end time of a stroke ends it: no note-off has to be sent.
      if (!moment.hasEnds) sent[eventPitch(event)] = undefined
    }
  }

  function shorten(at: Ms, controls: Controls): void {
    for (const [pitch, note] of sent.entries()) {
      if (!note) continue
      const end = note.struckAt + controls.articulation * 1000
      // The note stays in `sent`. The note-off of its event will name an id that has ended by then, which the stage ignores.
      if (end > at) emit({ kind: 'note-off', due: end + controls.delay, id: note.id })
      else endNote(pitch, at, controls)
    }
  }

  return {
    send,
    pull,
    sendHeld: (pitch, at, longest, velocity, controls) =>
      strike({ at, later: 0 }, pitch, longest, velocity, controls),
    endNote,
    shorten,
    get isMuted() {
      return isMuted
    },
    mute: (next) => {
      isMuted = next
    },
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

/** Clamps a velocity to velocityMin and velocityMax. If velocityMin is above velocityMax, velocityMin wins. */
export function limitVelocity(velocity: Velocity, controls: Controls): Velocity {
  return Math.min(127, Math.max(controls.velocityMin, Math.min(controls.velocityMax, velocity)))
}

/** Scales a velocity's distance from the running mean by dynamicsRange, and then limits it. */
export function shapeVelocity(velocity: Velocity, mean: Velocity, controls: Controls): Velocity {
  return limitVelocity(Math.round(mean + (velocity - mean) * controls.dynamicsRange), controls)
}
