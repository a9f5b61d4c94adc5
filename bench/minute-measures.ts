import { type EventIndex, FIRST_INPUT, isTimeShift, shiftSteps } from '../src/engine/language/events.js'
import type { StepNote } from '../src/engine/language/performance.js'
import type { Network } from '../src/engine/network/network.js'
import { negativeLogLikelihood } from '../src/engine/offline/evaluate.js'
import { STEP_MS, type Steps } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'

const SECOND: Steps = 1000 / STEP_MS
const MINUTE_SECONDS = 60
const MINUTE: Steps = MINUTE_SECONDS * SECOND

/**
 * Length of the melodic fragments that are counted, in intervals. Shorter ones recur in all music (scales, broken chords).
 * Longer ones don't show a loop in which a note changes now and then.
 */
const FRAGMENT = 8

/** The measures of a minute, in the order in which they are shown, with their numbers of decimals. */
export const MEASURES = {
  nats: { title: 'nats/event', digits: 2 },
  density: { title: 'notes/s', digits: 1 },
  velocity: { title: 'velocity', digits: 0 },
  velocitySpread: { title: 'vel. sd', digits: 1 },
  fragments: { title: 'distinct 8-grams', digits: 2 },
  pitchClasses: { title: 'pc bits', digits: 2 },
  noteLength: { title: 'median note s', digits: 2 },
  silence: { title: 'silence s', digits: 1 },
} as const

export type Measure = keyof typeof MEASURES
export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[]

/** The figures of one minute; null where there is nothing to measure, such as the velocity where no note was played. */
export type MinuteFigures = Readonly<Record<Measure, number | null>>

/** How well a network predicted the events of one minute. */
interface MinuteScore {
  readonly events: number
  /** Sum over the events of -ln p(event | all before it), in nats. */
  readonly nats: number
}

/**
 * Measures each whole minute of a performance, counted from its first note-on; an incomplete minute at the end is left out.
 * `notes` are as `quantize` makes them, `scores` as {@link scoreMinutes} does. A note belongs to the minute in which it
 * starts, and counts with its whole length.
 */
export function measureMinutes(notes: readonly StepNote[], scores: readonly MinuteScore[]): MinuteFigures[] {
  const end = notes.reduce((last, note) => Math.max(last, note.end), 0)
  const silences = longestSilences(notes, Math.floor(end / MINUTE))
  const minutes = Array.from(silences, (): StepNote[] => [])
  for (const note of notes) minutes[Math.floor(note.start / MINUTE)]?.push(note)
  return minutes.map((struck, minute) => {
    const { events, nats } = scores[minute] ?? { events: 0, nats: 0 }
    const velocities = struck.map((note) => note.velocity)
    return {
      nats: events > 0 ? nats / events : null,
      density: struck.length / MINUTE_SECONDS,
      velocity: mean(velocities),
      velocitySpread: standardDeviation(velocities),
      fragments: distinctFragments(struck.map((note) => note.pitch)),
      pitchClasses: pitchClassEntropy(struck.map((note) => note.pitch)),
      noteLength: median(struck.map((note) => (note.end - note.start) / SECOND)),
      silence: silences[minute]! / SECOND,
    }
  })
}

/**
 * Runs a network over a performance (teacher forcing, from silence, without conditioning, in one run) and sums the negative
 * log-likelihood of each minute's events. An event belongs to the minute in which the event clock stands before it, so a
 * time shift to the one in which it begins. No shift is over 1 s, so each minute has events. Resets the network first.
 * Never throws.
 */
export function scoreMinutes(network: Network, events: ArrayLike<EventIndex>): MinuteScore[] {
  const minutes: MinuteScore[] = []
  let minute = { events: 0, nats: 0 }
  network.reset()
  network.condition(new Float32Array(network.conditioningSize))
  let clock: Steps = 0
  let input = FIRST_INPUT
  for (let n = 0; n < events.length; n++) {
    network.step(input)
    const event = events[n]!
    if (minutes.length * MINUTE <= clock) {
      minute = { events: 0, nats: 0 }
      minutes.push(minute)
    }
    minute.events++
    minute.nats += negativeLogLikelihood(network.logits, event)
    if (isTimeShift(event)) clock += shiftSteps(event)
    input = event
  }
  return minutes
}

/**
 * For each minute the whole length, in steps, of the longest silence that overlaps it. `notes` are ordered by start.
 */
function longestSilences(notes: readonly StepNote[], minutes: number): Float64Array {
  const longest = new Float64Array(minutes)
  for (const { from, to } of silencesOf(notes)) {
    const last = Math.min(minutes - 1, Math.ceil(to / MINUTE) - 1)
    for (let minute = Math.floor(from / MINUTE); minute <= last; minute++) {
      longest[minute] = Math.max(longest[minute]!, to - from)
    }
  }
  return longest
}

/** How many silences between the notes last for `steps` or longer. `notes` are ordered by start. */
export function countSilences(notes: readonly StepNote[], steps: Steps): number {
  return silencesOf(notes).filter(({ from, to }) => to - from >= steps).length
}

/** The silences before and between notes, in steps. */
function silencesOf(notes: readonly StepNote[]): { readonly from: Steps; readonly to: Steps }[] {
  const silences: { from: Steps; to: Steps }[] = []
  let sounding: Steps = 0
  for (const { start, end } of notes) {
    if (start > sounding) silences.push({ from: sounding, to: start })
    sounding = Math.max(sounding, end)
  }
  return silences
}

/**
 * How varied a melody is: the number of different fragments of 8 successive intervals (semitones from each note-on to the
 * next) as a share of all fragments. 1 where none recurs, near 0 in a loop, null for fewer than nine notes.
 */
export function distinctFragments(pitches: readonly number[]): number | null {
  const count = pitches.length - FRAGMENT
  if (count < 1) return null
  const keys = Int16Array.from(pitches)
  const intervals = keys.subarray(1).map((pitch, n) => pitch - keys[n]!)
  const seen = new Set<string>()
  for (let n = 0; n < count; n++) seen.add(intervals.subarray(n, n + FRAGMENT).join())
  return seen.size / count
}

/**
 * Shannon entropy of the pitch classes in bits: 0 where all notes have the same, log2(12) = 3.58 where all twelve are equally
 * frequent, null for no notes.
 */
export function pitchClassEntropy(pitches: readonly number[]): number | null {
  if (pitches.length === 0) return null
  const counts = new Float64Array(12)
  for (const pitch of pitches) counts[pitch % 12]!++
  return counts.reduce((bits, count) => {
    const share = count / pitches.length
    return share > 0 ? bits - share * Math.log2(share) : bits
  }, 0)
}

/** The arithmetic mean; null for no values. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The standard deviation of the values themselves (divided by n, not by n - 1); null for no values. */
export function standardDeviation(values: readonly number[]): number | null {
  const middle = mean(values)
  if (middle === null) return null
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length)
}

/** The median by nearest rank, of an even number the lower of the middle two; null for no values. */
export function median(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : percentile(
        values.toSorted((a, b) => a - b),
        0.5,
      )
}
