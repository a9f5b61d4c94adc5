import type { Controls } from '../controls/controls.js'
import { eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import { momentVelocity } from '../sampling/moment.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, type Pitch, STEP_MS } from '../units.js'
import { longestNote, type NoteOutput, shapeVelocity } from './note-output.js'
import type { Plan } from './plan.js'

/**
 * The sounding notes and the planned notes after them, as they will be sent under `controls`, by start. Times are plan time.
 * Allocates: it is called for control surfaces, some 15 times a second.
 */
export function plannedNotes(plan: Plan, output: NoteOutput, controls: Controls): PlannedNote[] {
  const longest = longestNote(controls, plan.open().moment.hasEnds)
  const notes: PlannedNote[] = []
  /** Index in `notes` of each note without an end, by its pitch in history. */
  const open = new Map<Pitch, number>()

  function begin(pitch: Pitch, note: PlannedNote): void {
    open.set(pitch, notes.length)
    notes.push(note)
  }

  function end(pitch: Pitch, at: Ms): void {
    const index = open.get(pitch)
    const note = index === undefined ? undefined : notes[index]
    if (index === undefined || !note) return
    notes[index] = { ...note, end: Math.min(at, note.end ?? at) }
    open.delete(pitch)
  }

  for (const pitch of output.sounding()) {
    const note = output.soundingNote(pitch)
    if (note) begin(pitch, { pitch: note.pitch, velocity: note.velocity, start: note.due, end: null })
  }
  plan.forEachPlanned(({ event, moment }) => {
    if (!isNoteOn(event) && !isNoteOff(event)) return
    const pitch = eventPitch(event)
    const at = moment.clock * STEP_MS + controls.delay
    end(pitch, at)
    const sounding = pitch + controls.transpose
    if (isNoteOff(event) || sounding < 0 || sounding >= PITCH_COUNT) return
    const velocity = shapeVelocity(momentVelocity(moment), moment.meanVelocity, controls)
    begin(pitch, { pitch: sounding, velocity, start: at, end: null })
  })
  const plannedTo = plan.plannedTo + controls.delay
  return notes
    .map((note) => {
      const limit = note.start + longest
      return limit <= (note.end ?? plannedTo) ? { ...note, end: limit } : note
    })
    .sort((a, b) => a.start - b.start)
}
