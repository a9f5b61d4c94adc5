import { type Channel, type Ms, type Pitch, STEP_MS, type Steps, type Velocity } from '../units.js'
import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  MAX_SHIFT,
  noteOff,
  noteOn,
  PITCH_COUNT,
  timeShift,
  type VelocityBin,
  velocityBin,
  velocityEvent,
} from './events.js'

/** One action of a pianist's hands or feet, as read from a MIDI file. Channels 0-15, velocities 1-127. */
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

/** A note on the event clock; `end` > `start`. */
export interface StepNote {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Steps
  readonly end: Steps
}

/**
 * Slack, in steps, within which a time counts as halfway between two steps, which is rounded up: times that are computed from
 * ticks and tempo are off by some 1e-12. A smaller slack rounds some of them down; a larger one moves notes that are truly
 * before the middle.
 */
const TIE_SLACK = 1e-6

/**
 * Turns keys and the sustain pedal into notes that last as long as they sound: until the key is up and the pedal
 * lifts, or until the pitch is struck again. Each channel has its own keys and pedal. A note that never ends, ends at `end`.
 *
 * `actions` are ordered by time. At one time, releases come first, then the pedal, then strikes, whatever the order
 * in the file: a key released as the pedal goes down isn't caught by it, and a key struck as it lifts isn't ended by it.
 * A note without length (released at the time of its strike) gets one step. Allocates; never throws.
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

    // A release belongs to a note struck earlier; only if no such note is held, it belongs to a strike at this very time.
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
 * Puts notes, in any order, on the event clock. Step 0 is at `from`, or by default at the first note-on, because silence
 * before it is no part of a performance. Starts and ends are rounded to the nearest step, ties up. A note lasts at least one
 * step and ends where its pitch is struck again. Two strikes of a pitch at one step become one, with the louder velocity and
 * the later end. Allocates; never throws.
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
 * Encodes notes on the event clock, as {@link quantize} returns them, as events. At one step note-offs come before note-ons,
 * each by pitch. Waits of over 100 steps are split, with the shifts of 100 first. A velocity comes just before a note-on, and
 * only where the bin changes. Without `hasEnds` (percussion) there are no note-offs. Allocates; never throws.
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

/** A note of a performance, in ms; `end` > `start`. */
export interface Note {
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  readonly end: Ms
}
