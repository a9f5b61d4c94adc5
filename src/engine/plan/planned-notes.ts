import type { Controls } from '../controls/controls.js'
import { eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { Grid } from '../language/grid.js'
import { momentVelocity } from '../sampling/moment.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, type Pitch, STEP_MS } from '../units.js'
import { longestNote, type NoteOutput, shapeVelocity } from './note-output.js'
import { pullOnset } from './onset-pull.js'
import type { Plan } from './plan.js'

/**
 * The sounding notes and the planned notes after them, as they will be sent under `controls` and on `grid`, by start. Times are plan time.
 * Allocates: it is called for control surfaces, some 15 times a second.
 */
export function plannedNotes(
  plan: Plan,
  output: NoteOutput,
  controls: Controls,
  grid: Grid | null,
): PlannedNote[] {
  const longest = longestNote(controls, plan.open().moment.hasEnds)
  const notes: PlannedNote[] = []
  const pull = { ...output.pull }
  /** Each note without an end, by its pitch in history: its index in `notes`, and how much later than planned it is struck. */
  const open = new Map<Pitch, { readonly index: number; readonly later: Ms }>()

  function begin(pitch: Pitch, note: PlannedNote, later: Ms): void {
    open.set(pitch, { index: notes.length, later })
    notes.push(note)
  }

  /** Ends a note as planned for `at`, but no later than `latest`. */
  function end(pitch: Pitch, at: Ms, latest: Ms): void {
    const held = open.get(pitch)
    const note = held && notes[held.index]
    if (!held || !note) return
    const due = Math.max(note.start, Math.min(at + held.later, latest))
    notes[held.index] = { ...note, end: Math.min(due, note.end ?? due) }
    open.delete(pitch)
  }

  for (const pitch of output.sounding()) {
    const note = output.soundingNote(pitch)
    if (note)
      begin(pitch, { pitch: note.pitch, velocity: note.velocity, start: note.due, end: null }, note.later)
  }
  plan.forEachPlanned(({ event, moment }) => {
    if (!isNoteOn(event) && !isNoteOff(event)) return
    const pitch = eventPitch(event)
    const at = moment.clock * STEP_MS + controls.delay
    const later = isNoteOn(event) ? pullOnset(pull, moment, grid) : 0
    end(pitch, at, isNoteOn(event) ? at + later : Number.POSITIVE_INFINITY)
    const sounding = pitch + controls.transpose
    if (isNoteOff(event) || sounding < 0 || sounding >= PITCH_COUNT) return
    const velocity = shapeVelocity(momentVelocity(moment), moment.meanVelocity, controls)
    begin(pitch, { pitch: sounding, velocity, start: at + later, end: null }, later)
  })
  const plannedTo = plan.plannedTo + controls.delay
  return notes
    .map((note) => {
      const limit = note.start + longest
      return limit <= (note.end ?? plannedTo) ? { ...note, end: limit } : note
    })
    .sort((a, b) => a.start - b.start)
}
