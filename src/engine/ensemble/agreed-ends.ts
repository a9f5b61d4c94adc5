import { eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { Plan } from '../plan/plan.js'
import { type Moment, soundsAsOwn } from '../sampling/moment.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { clockAfter } from './turns.js'

/**
 * For each note of the pianist's that sounded when it gave up the floor, the event clock at which the note ends, by
 * pitch of history.
 */
export type AgreedEnds = ReadonlyMap<Pitch, Steps>

/**
 * The planned ends of the pianist's sounding notes, each at the latest `longest` ms after `position`. Samples the plan
 * that far.
 * @param others [128], 1 where a pitch of history is not the pianist's
 */
export function plannedEnds(plan: Plan, others: Uint8Array, position: Ms, longest: Ms): AgreedEnds {
  const first = clockAfter(position)
  const last = first + Math.floor(longest / STEP_MS)
  const ends = new Map<Pitch, Steps>()
  const { moment } = plan.open()
  plan.sampleBeyond(last * STEP_MS)
  plan.forEachPlanned(({ event, moment: { clock } }) => {
    if (!isNoteOff(event) && !isNoteOn(event)) return
    const pitch = eventPitch(event)
    if (soundsAsOwn(moment, others, pitch) && !ends.has(pitch))
      ends.set(pitch, Math.min(Math.max(clock, first), last))
  })
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (soundsAsOwn(moment, others, pitch) && !ends.has(pitch)) ends.set(pitch, last)
  }
  return ends
}

/** The note that must end at `moment`, or -1. Allocates nothing. */
export function endDueAt(ends: AgreedEnds, moment: Moment, others: Uint8Array): Pitch {
  for (const [pitch, end] of ends) {
    if (end <= moment.clock && soundsAsOwn(moment, others, pitch)) return pitch
  }
  return -1
}

/** The event clock at which the next note ends, or Infinity. Allocates nothing. */
export function nextEnd(ends: AgreedEnds, moment: Moment, others: Uint8Array): Steps {
  let next = Number.POSITIVE_INFINITY
  for (const [pitch, end] of ends) {
    if (soundsAsOwn(moment, others, pitch)) next = Math.min(next, end)
  }
  return next
}
