import { type EventIndex, MAX_SHIFT, PITCH_COUNT, type VelocityBin, velocityBin } from '../language/events.js'
import { encodeSteps, type Note, quantize, type StepNote } from '../language/performance.js'
import { Refused } from '../refused.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'

/**
 * How much of either side of a gap the network hears. Less, and it doesn't know the piece; more takes time and is forgotten.
 */
const CONTEXT_MS: Ms = 30_000

/**
 * A note that sounds into the gap for up to this long ends where it did. Longer ones were held by a pedal for music that isn't
 * there any more: the network ends them, at the latest where they did end. More would leave the gap in the old harmony; less
 * would cut notes that were only finishing.
 */
const RINGS_ON: Steps = 3000 / STEP_MS

/** A shorter gap has no room for an event; and it would be hidden by the joint. */
const SHORTEST_MS: Ms = 100

/**
 * The longest gap. Both sides are forgotten long before, so that the music only passes by on its way; a longer one would also
 * take minutes.
 */
const LONGEST_MS: Ms = 120_000

/** A note to be struck at a known time. */
export interface KnownStrike {
  readonly pitch: Pitch
  readonly bin: VelocityBin
}

/**
 * The stretch of a performance that is played anew, and what is known around it. Steps count from `origin`. Music in the gap
 * starts at step `from` or later and before `until`.
 */
export interface Gap {
  /** Step 0, in ms of the performance. */
  readonly origin: Ms
  readonly from: Steps
  readonly until: Steps
  /** When the first note after the gap is struck; `until` or later. */
  readonly joint: Steps
  /** The events before the gap that the network hears, without the ends of notes that sound into the gap. */
  readonly heard: readonly EventIndex[]
  /** The notes before the gap, and those after it, ordered by start. */
  readonly left: readonly StepNote[]
  readonly right: readonly StepNote[]
  /** The times, ascending, at which something of `strikes` or `ends` happens. */
  readonly times: readonly Steps[]
  /** The notes struck after the gap, by their step; those of one step by pitch. */
  readonly strikes: ReadonlyMap<Steps, readonly KnownStrike[]>
  /** The pitches that end at a step, of notes that sound into the gap and of those after it. */
  readonly ends: ReadonlyMap<Steps, readonly Pitch[]>
  /** Until when a note from before the gap sounds that ends where it did, [128]; 0 where none does. */
  readonly heldUntil: Int32Array
  /** When a note from before the gap must end that the network may end sooner, [128]; 0 where there is none. */
  readonly endsBy: Int32Array
}

/**
 * Cuts the notes that start at `from` <= start < `to` (ms) out of a performance. Allocates.
 * @param notes in any order
 * @throws Refused for a gap that can't be filled
 */
export function cutGap(notes: readonly Note[], from: Ms, to: Ms): Gap {
  refuseGap(notes, from, to)
  const next = notes.reduce(
    (least, { start }) => (start < to ? least : Math.min(least, start)),
    Number.POSITIVE_INFINITY,
  )
  const near = notes.filter(
    ({ start }) => (start < from && start >= from - CONTEXT_MS) || (start >= to && start < next + CONTEXT_MS),
  )
  const first = near.reduce((least, { start }) => Math.min(least, start), from)
  // Where nothing is heard before the gap, it begins the music.
  const origin = near.some(({ start }) => start < from) ? first : from
  const isIn = ({ start }: Note) => start < from
  const steps = quantize(
    // A note from before the gap isn't struck again before its exact end, so that no two notes of a pitch overlap.
    near.map((note) => (isIn(note) ? { ...note, end: origin + STEP_MS * stepUp(note.end - origin) } : note)),
    origin,
  )
  const begins = stepUp(from - origin)
  const left = steps.filter(({ start }) => start <= begins && begins > 0)
  const right = steps.slice(left.length)
  const joint = right[0]!.start
  const ringing = left.filter(({ end }) => end >= begins)
  const held = ringing.filter(({ end }) => end - begins <= RINGS_ON)
  const loose = ringing.filter(({ end }) => end - begins > RINGS_ON)
  const strikes = new Map<Steps, KnownStrike[]>()
  for (const { start, pitch, velocity } of right)
    listAt(strikes, start).push({ pitch, bin: velocityBin(velocity) })
  const ends = new Map<Steps, Pitch[]>()
  for (const { end, pitch } of [...held, ...right]) listAt(ends, end).push(pitch)
  return {
    origin,
    from: begins,
    until: Math.min(stepUp(to - origin), joint),
    joint,
    heard: heardEvents(left, begins),
    left,
    right,
    times: [...new Set([...strikes.keys(), ...ends.keys()])].sort((a, b) => a - b),
    strikes,
    ends,
    heldUntil: endsByPitch(held),
    endsBy: endsByPitch(loose),
  }
}

function refuseGap(notes: readonly Note[], from: Ms, to: Ms): void {
  if (notes.length === 0) throw new Refused('There are no notes in the file, so there is nothing to fit.')
  const [begin, end, length] = [from, to, to - from].map((ms) => Number((ms / 1000).toFixed(2)))
  if (from >= to)
    throw new Refused(`The gap ends (${end} s) before it begins (${begin} s): give a later --to.`)
  if (to - from < SHORTEST_MS)
    throw new Refused(
      `A gap of ${length} s is too short for a note: make it ${SHORTEST_MS / 1000} s or more.`,
    )
  const lastStrike = notes.reduce((last, { start }) => Math.max(last, start), 0)
  if (from < 0 || from > lastStrike)
    throw new Refused(
      `There is no music at ${begin} s: the last note is struck at ${(lastStrike / 1000).toFixed(2)} s.`,
    )
  if (to > lastStrike)
    throw new Refused(
      `No note is struck after ${end} s, so nothing follows the gap: to play on from there, use rubato generate --prompt FILE.`,
    )
  if (to - from > LONGEST_MS)
    throw new Refused(`A gap of ${length} s is too long: up to ${LONGEST_MS / 1000} s can be filled.`)
}

/** The first step at or after a time in ms. Times computed from ticks and tempo are off by some 1e-12. */
function stepUp(at: Ms): Steps {
  return Math.ceil(at / STEP_MS - 1e-6)
}

/** The events of notes up to step `until`, without the ends of notes that sound then. */
function heardEvents(notes: readonly StepNote[], until: Steps): EventIndex[] {
  const beyond = until + 1
  const ringing = notes.filter(({ end }) => end >= until).length
  const events = encodeSteps(notes.map((note) => (note.end >= until ? { ...note, end: beyond } : note)))
  if (ringing === 0) return [...events]
  // Last come the waits up to `beyond` and the ends there.
  const last = notes.reduce((at, { start, end }) => Math.max(at, start, end < until ? end : 0), 0)
  const waits = Math.ceil((beyond - last) / MAX_SHIFT)
  return [...events.subarray(0, events.length - ringing - waits)]
}

function endsByPitch(notes: readonly StepNote[]): Int32Array {
  const ends = new Int32Array(PITCH_COUNT)
  for (const { pitch, end } of notes) ends[pitch] = end
  return ends
}

function listAt<Item>(lists: Map<Steps, Item[]>, at: Steps): Item[] {
  const list = lists.get(at) ?? []
  lists.set(at, list)
  return list
}
