import { type Channel, type Ms, type Pitch, STEP_MS, type Steps, type Velocity } from '../units.js'
import {
  binVelocity,
  type EventIndex,
  eventBin,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  MAX_SHIFT,
  noteOff,
  noteOn,
  PITCH_COUNT,
  shiftSteps,
  timeShift,
  type VelocityBin,
  velocityBin,
  velocityEvent,
} from './events.js'

/** What hands and feet did, as a MIDI file or an input port tells it. Channels 0-15, velocities 1-127. */
export type KeyAction =
  | {
      readonly kind: 'note-on'
      readonly at: Ms
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: Velocity
    }
  | { readonly kind: 'note-off'; readonly at: Ms; readonly channel: Channel; readonly pitch: Pitch }
  | { readonly kind: 'pedal'; readonly at: Ms; readonly channel: Channel; readonly down: boolean }

/** A note on the event clock, counted from the first note-on of the performance; `end` > `start`. */
export interface StepNote {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Steps
  readonly end: Steps
}

/**
 * Ties are rounded up, and times computed from ticks and tempo miss them by some 1e-12: the slack, in steps, sees
 * them as ties. Smaller loses ties to floating-point noise, larger moves notes that are truly before the tie.
 */
const TIE_SLACK = 1e-6

/** What plays before the first velocity event of a sequence that doesn't start with one: the middle of the range. */
const UNTOLD_BIN: VelocityBin = 16

/**
 * Turns keys and the sustain pedal into notes that last as long as they sound: until the key is up and the pedal
 * lifts, or until the pitch is struck again. Each channel has its own keys and pedal. What never ends, ends at `end`.
 *
 * `actions` are ordered by time. At one time, releases come first, then the pedal, then strikes, whatever the order
 * in the file: a key released as the pedal goes down isn't caught by it, and one struck as it lifts isn't ended by it.
 * A note without length (its release at the time of its strike) gets one step. Allocates; never throws.
 *
 * @returns notes ordered by start, then by their order in `actions`
 */
export function applySustain(actions: readonly KeyAction[], end: Ms): Note[] {
  const notes: SoundingNote[] = []
  const sounding = new Map<number, SoundingNote>()
  const pedals = new Set<Channel>()

  const finish = (key: number, note: SoundingNote, at: Ms) => {
    note.end = at > note.start ? at : note.start + STEP_MS
    sounding.delete(key)
  }
  const release = (key: number, channel: Channel, at: Ms) => {
    const note = sounding.get(key)
    if (!note) return
    note.held = false
    if (!pedals.has(channel)) finish(key, note, at)
  }
  const lift = (channel: Channel, at: Ms) => {
    pedals.delete(channel)
    for (const [key, note] of sounding) {
      if (note.channel === channel && !note.held) finish(key, note, at)
    }
  }

  for (let from = 0; from < actions.length; ) {
    const at = actions[from]!.at
    let to = from
    while (to < actions.length && actions[to]!.at === at) to++
    const together = actions.slice(from, to)
    from = to

    // A release belongs to a note struck before; only if none is held can it be that of a strike at this very time.
    const late: KeyAction[] = []
    for (const action of together) {
      if (action.kind !== 'note-off') continue
      const key = keyOf(action)
      if (sounding.get(key)?.held) release(key, action.channel, at)
      else late.push(action)
    }
    for (const action of together) {
      if (action.kind !== 'pedal') continue
      if (action.down) pedals.add(action.channel)
      else lift(action.channel, at)
    }
    for (const action of together) {
      if (action.kind !== 'note-on') continue
      const key = keyOf(action)
      const before = sounding.get(key)
      if (before) finish(key, before, at)
      const { channel, pitch, velocity } = action
      const note = { pitch, velocity, start: at, end: at, channel, held: true }
      notes.push(note)
      sounding.set(key, note)
    }
    for (const action of late) if (action.kind === 'note-off') release(keyOf(action), action.channel, at)
  }
  for (const [key, note] of sounding) finish(key, note, end)
  return notes.map(({ pitch, velocity, start, end }) => ({ pitch, velocity, start, end }))
}

interface SoundingNote extends Note {
  end: Ms
  readonly channel: Channel
  held: boolean
}

function keyOf(action: { readonly channel: Channel; readonly pitch: Pitch }): number {
  return action.channel * PITCH_COUNT + action.pitch
}

/**
 * Puts notes on the event clock. Step 0 is the first note-on, silence before it being no part of a performance, or
 * `from`. Starts
 * and ends are rounded to the nearest step, ties up; a note lasts at least one step and ends where its pitch is
 * struck again; of two strikes of a pitch at one step the louder is kept, with the later end.
 * `notes` in any order. Allocates; never throws.
 *
 * @returns notes ordered by start, then pitch
 */
export function quantize(notes: readonly Note[], from?: Ms): StepNote[] {
  const origin = from ?? notes.reduce((first, { start }) => Math.min(first, start), Number.POSITIVE_INFINITY)
  const toStep = (at: Ms): Steps => Math.floor((at - origin) / STEP_MS + 0.5 + TIE_SLACK)

  const quantized = notes.map(({ pitch, velocity, start, end }) => {
    const step = toStep(start)
    return { pitch, velocity, start: step, end: Math.max(step + 1, toStep(end)) }
  })
  quantized.sort((a, b) => a.start - b.start || a.pitch - b.pitch)

  const last = new Map<Pitch, (typeof quantized)[number]>()
  return quantized.filter((note) => {
    const before = last.get(note.pitch)
    if (before?.start === note.start) {
      before.velocity = Math.max(before.velocity, note.velocity)
      before.end = Math.max(before.end, note.end)
      return false
    }
    if (before && before.end > note.start) before.end = note.start
    last.set(note.pitch, note)
    return true
  })
}

/**
 * Notes on the event clock, as {@link quantize} makes them, to events: at one step note-offs before note-ons, each by
 * pitch; waits over 100 steps split, the 100s first; a velocity just before a note-on, only when the bin changes.
 * Without `hasEnds` (percussion) there are no note-offs. Allocates; never throws.
 */
export function encodeSteps(notes: readonly StepNote[], hasEnds = true): Uint16Array {
  const edges: { readonly at: Steps; readonly event: EventIndex; readonly velocity: Velocity }[] = []
  for (const { pitch, velocity, start, end } of notes) {
    edges.push({ at: start, event: noteOn(pitch), velocity })
    if (hasEnds) edges.push({ at: end, event: noteOff(pitch), velocity })
  }
  const order = (event: EventIndex) =>
    isNoteOff(event) ? eventPitch(event) : PITCH_COUNT + eventPitch(event)
  edges.sort((a, b) => a.at - b.at || order(a.event) - order(b.event))

  const events: EventIndex[] = []
  let clock: Steps = 0
  let bin: VelocityBin = 0
  for (const { at, event, velocity } of edges) {
    for (; at - clock > MAX_SHIFT; clock += MAX_SHIFT) events.push(timeShift(MAX_SHIFT))
    if (at > clock) events.push(timeShift(at - clock))
    clock = at
    if (isNoteOn(event) && velocityBin(velocity) !== bin) {
      bin = velocityBin(velocity)
      events.push(velocityEvent(bin))
    }
    events.push(event)
  }
  return Uint16Array.from(events)
}

/** Notes, sustain already applied, to the events of their performance. Allocates; never throws. */
export function encodePerformance(notes: readonly Note[]): Uint16Array {
  return encodeSteps(quantize(notes))
}

/**
 * Events to notes on the event clock, step 0 at the first event. A note-off for a silent pitch is ignored, a note-on
 * for a sounding pitch ends it first; a note ended at the step of its start is no note. What sounds after the last
 * event ends there. Velocities are those of their bins. Allocates; never throws for events 0-387.
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

/** Notes on the event clock to notes in milliseconds, step 0 at `origin`. Allocates; never throws. */
export function stepsToNotes(notes: readonly StepNote[], origin: Ms = 0): Note[] {
  return notes.map(({ pitch, velocity, start, end }) => ({
    pitch,
    velocity,
    start: origin + start * STEP_MS,
    end: origin + end * STEP_MS,
  }))
}

/** A note of a performance: seconds as in a MIDI file, `end` > `start`. */
export interface Note {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  readonly end: Ms
}
