import type { ExpectedNote } from '../form/expected-notes.js'
import { bassOf, melodyOf } from '../form/voices.js'
import type { StepNote } from '../language/performance.js'
import type { ConditioningRequest } from '../model/conditioning-request.js'
import { comingNotes } from '../offline/performance-conditioning.js'
import type { Steps } from '../units.js'

/**
 * Steps before and after a moment whose notes make its harmony. With less, an accompaniment can't be ahead or late; with more, two
 * chords mix.
 */
const HARMONY_BEFORE: Steps = 20
const HARMONY_AFTER: Steps = 20

/** How early or late a note of melody or bass may be struck: less leaves no timing to the style, more blurs chords and runs. */
export const MOST_TOLERANCE: Steps = 2
/** The same as a share of the time to the nearest neighbour in its voice, so that runs stay runs. */
const TOLERANCE_SHARE = 0.15

/** What stays of a performance when its manner changes. Never changed once it is made. */
export interface Content {
  readonly notes: readonly StepNote[]
  readonly melody: readonly StepNote[]
  readonly bass: readonly StepNote[]
  /** When the last note ends. */
  readonly end: Steps
  /** For each step up to `end` the pitch classes that sound about then, bit 0 for C. */
  readonly harmony: Uint16Array
  /** The density, velocity and pitch classes of the notes that come from a step on, as the network is told of them. */
  coming(at: Steps, target: ConditioningRequest): void
}

/** Density, velocity and 12 weights. */
const REQUEST_SIZE = 14

/** Reads the content of `notes`, which are ordered as `quantize` returns them, from step 0 on; at least one. Allocates. */
export function contentOf(notes: readonly StepNote[]): Content {
  const end = notes.reduce((last, note) => Math.max(last, note.end), 1)
  const melody = melodyOf(notes)
  const top = new Set(melody)
  const requests = requestsOf(notes, end)
  return {
    notes,
    melody,
    bass: bassOf(notes).filter((note) => !top.has(note)),
    end,
    harmony: harmonyOf(notes, 0, end + 1),
    coming(at, target) {
      const from = Math.min(Math.max(at, 0), end) * REQUEST_SIZE
      target.density = requests[from]!
      target.velocity = requests[from + 1]!
      target.hasPitchWeights = true
      for (let pc = 0; pc < 12; pc++) target.pitchWeights[pc] = requests[from + 2 + pc]!
    },
  }
}

function requestsOf(notes: readonly StepNote[], end: Steps): Float32Array {
  const requests = new Float32Array((end + 1) * REQUEST_SIZE)
  const coming = comingNotes(notes)
  for (let at = 0; at <= end; at++) {
    const { density, velocity, pitchWeights } = coming(at)
    requests.set([density ?? 0, velocity ?? 0, ...pitchWeights], at * REQUEST_SIZE)
  }
  return requests
}

/** For each step from `from` until before `to` the pitch classes that sound about then, bit 0 for C. */
function harmonyOf(notes: readonly StepNote[], from: Steps, to: Steps): Uint16Array {
  const harmony = new Uint16Array(Math.max(to - from, 0))
  for (const note of notes) {
    const last = Math.min(note.end + HARMONY_BEFORE, to - 1)
    for (let at = Math.max(from, note.start - HARMONY_AFTER); at <= last; at++)
      harmony[at - from] = harmony[at - from]! | (1 << (note.pitch % 12))
  }
  return harmony
}

/** The notes of melody and bass as expected ones: the melody's surely, the bass's with `strength` (0-1). */
export function expectedOf({ melody, bass }: Content, strength: number): ExpectedNote[] {
  return [...expectedIn(melody, 1, true), ...expectedIn(bass, strength, false)].sort(
    (a, b) => a.onset - b.onset || a.pitch - b.pitch,
  )
}

function expectedIn(voice: readonly StepNote[], strength: number, isMelody: boolean): ExpectedNote[] {
  return voice.map(({ start, pitch }, n) => {
    const before = start - (voice[n - 1]?.start ?? Number.NEGATIVE_INFINITY)
    const after = (voice[n + 1]?.start ?? Number.POSITIVE_INFINITY) - start
    const tolerance = Math.min(MOST_TOLERANCE, Math.floor(TOLERANCE_SHARE * Math.min(before, after)))
    return { onset: start, pitch, strength, tolerance, isMelody }
  })
}

/** How far `notes` are from the harmony of a content between two steps, 0-1: the mean of the share added and the share missing. */
export function harmonyLoss(content: Content, notes: readonly StepNote[], from: Steps, to: Steps): number {
  const within = ({ start }: StepNote) => start >= from && start < to
  const played = harmonyOf(notes, from, to)
  const missing = shareOutside(content.notes.filter(within), (at) => played[at - from]!)
  const added = shareOutside(notes.filter(within), (at) => content.harmony[at] ?? 0)
  return (missing + added) / 2
}

/** The share of the notes whose pitch class isn't in the harmony when they start; 0 of none. */
function shareOutside(notes: readonly StepNote[], harmonyAt: (at: Steps) => number): number {
  if (notes.length === 0) return 0
  const outside = notes.filter(({ start, pitch }) => (harmonyAt(start) & (1 << (pitch % 12))) === 0)
  return outside.length / notes.length
}
