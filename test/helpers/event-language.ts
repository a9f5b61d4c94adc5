import {
  binVelocity,
  EVENT_COUNT,
  type EventIndex,
  eventBin,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  shiftSteps,
  type VelocityBin,
} from '../../src/engine/language/events.js'
import { encodeSteps, type Note, quantize, type StepNote } from '../../src/engine/language/performance.js'
import { type Ms, type Pitch, STEP_MS, type Steps, type Velocity } from '../../src/engine/units.js'

/** An event as a value that a test can show and compare. */
type PerformanceEvent =
  | { readonly kind: 'note-on'; readonly pitch: Pitch }
  | { readonly kind: 'note-off'; readonly pitch: Pitch }
  | { readonly kind: 'time-shift'; readonly steps: Steps }
  | { readonly kind: 'velocity'; readonly bin: VelocityBin }

/** The velocity bin of the notes before the first velocity event: the middle of the range. */
const UNTOLD_BIN: VelocityBin = 16

/** Encodes notes, with the sustain pedal already applied, as the events of their performance. */
export function encodePerformance(notes: readonly Note[]): Uint16Array {
  return encodeSteps(quantize(notes))
}

/**
 * Decodes events as notes on the event clock, step 0 at the first event. A note-off of a silent pitch is ignored; a note-on
 * of a sounding pitch ends it first; a note that ends at the step of its start is left out. Notes that sound after the last
 * event end there. Velocities are those of the bins. Allocates; never throws for events 0-387.
 *
 * @returns notes ordered by start, then by their order in `events`
 */
export function decodePerformance(events: ArrayLike<EventIndex>): StepNote[] {
  const notes: { pitch: Pitch; velocity: Velocity; start: Steps; end: Steps }[] = []
  const sounding = new Map<Pitch, (typeof notes)[number]>()
  let clock: Steps = 0
  let bin = UNTOLD_BIN
  const finish = (pitch: Pitch) => {
    const note = sounding.get(pitch)
    if (note) note.end = clock
    sounding.delete(pitch)
  }
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (isTimeShift(event)) clock += shiftSteps(event)
    else if (isNoteOff(event)) finish(eventPitch(event))
    else if (isNoteOn(event)) {
      const pitch = eventPitch(event)
      finish(pitch)
      const note = { pitch, velocity: binVelocity(bin), start: clock, end: clock }
      notes.push(note)
      sounding.set(pitch, note)
    } else bin = eventBin(event)
  }
  for (const pitch of sounding.keys()) finish(pitch)
  return notes.filter((note) => note.end > note.start)
}

/** Notes on the event clock as notes in ms, with step 0 at `origin`. */
export function stepsToNotes(notes: readonly StepNote[], origin: Ms = 0): Note[] {
  return notes.map(({ pitch, velocity, start, end }) => ({
    pitch,
    velocity,
    start: origin + start * STEP_MS,
    end: origin + end * STEP_MS,
  }))
}

/** The event at an index, as a value. Throws a RangeError if the index is no event. */
export function describeEvent(event: EventIndex): PerformanceEvent {
  if (!Number.isInteger(event) || event < 0 || event >= EVENT_COUNT) {
    throw new RangeError(`${event} is no event: the language has 0-${EVENT_COUNT - 1}.`)
  }
  if (isNoteOn(event)) return { kind: 'note-on', pitch: eventPitch(event) }
  if (isNoteOff(event)) return { kind: 'note-off', pitch: eventPitch(event) }
  if (isTimeShift(event)) return { kind: 'time-shift', steps: shiftSteps(event) }
  return { kind: 'velocity', bin: eventBin(event) }
}
