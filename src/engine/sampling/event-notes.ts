import { type EventIndex, eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { StepNote } from '../language/performance.js'
import type { Pitch, Steps, Velocity } from '../units.js'
import { copyMoment, firstMoment, type Moment, momentVelocity, passEvent, SILENT } from './moment.js'

interface SoundingNote extends StepNote {
  end: Steps
}

/**
 * The notes of the events that follow `before`: first those that sound there already, then the others, each by start. What sounds at step
 * `end` ends there, and what is struck from then on is left out. Velocities are those of the bins. Allocates; never throws.
 */
export function notesOfEvents(
  events: Iterable<EventIndex>,
  end: Steps,
  before: Moment = firstMoment(0),
): StepNote[] {
  const moment = firstMoment(0)
  copyMoment(before, moment)
  const sounding = new Map<Pitch, SoundingNote>()
  const struck = (pitch: Pitch, start: Steps): SoundingNote => {
    const velocity: Velocity = momentVelocity(moment)
    const note = { pitch, velocity, start, end }
    sounding.set(pitch, note)
    return note
  }
  const notes: SoundingNote[] = []
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
    if (before.struckAt[pitch] !== SILENT) notes.push(struck(pitch, before.struckAt[pitch]!))
  notes.sort((a, b) => a.start - b.start)
  for (const event of events) {
    passEvent(moment, event)
    if (moment.clock >= end) break
    if (!isNoteOn(event) && !isNoteOff(event)) continue
    const pitch = eventPitch(event)
    const last = sounding.get(pitch)
    if (last) last.end = Math.max(moment.clock, last.start + 1)
    sounding.delete(pitch)
    if (isNoteOn(event)) notes.push(struck(pitch, moment.clock))
  }
  return notes
}
