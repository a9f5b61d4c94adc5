import { chance } from '../chance.js'
import { type EventIndex, eventPitch, isNoteOn } from '../language/events.js'
import type { Pitch, Steps } from '../units.js'

/** A note that the music is drawn towards. */
export interface ExpectedNote {
  /** When it is due, counted from the beginning of its list. */
  readonly onset: Steps
  /** The pitch in history, that is before the control `transpose`. */
  readonly pitch: Pitch
  /** Probability, 0-1, that the note is expected at all. It is decided once a note, not once an event: see {@link expect}. */
  readonly strength: number
  /** How much earlier or later than due the note may be struck. */
  readonly tolerance: Steps
  /** Whether the note belongs to the melody, which other notes must not cover. */
  readonly isMelody: boolean
}

/** A list of expected notes, ordered by onset. Never changed once it is made. */
export interface Expectation {
  readonly notes: readonly ExpectedNote[]
  /**
   * Factor, 0-1, on the probability of note-ons that aren't expected. 0 allows no such note; 1 leaves all of them as likely
   * as they were.
   */
  readonly others: number
  /**
   * How far the time of the list moves with the notes as they are struck, 0-1. At 0 every note is due at its onset; at 1 it is
   * due relative to the note struck last, so that the tempo can drift.
   */
  readonly give: number
  /** Whether a note must have ended before the next is struck. Missing: notes may overlap. */
  readonly isOneVoice?: boolean
  /** Of a theme that returns: the key in which it does. Where another is asked for meanwhile, it is not followed any more. */
  readonly centre?: number
  /** Of a theme that returns: its notes per second. Where more or fewer are asked for, it is followed less strictly. */
  readonly density?: number
}

/** How far the music has come in a list of expected notes. A part of the moment, so that going back brings it back. */
export interface Expecting {
  /** The list; null where nothing is expected. */
  list: Expectation | null
  /** The event clock at which onset 0 of the list is due. */
  from: Steps
  /** The onset of the note that the list's time was last set by; -1 before the first. */
  anchor: Steps
  /** Number of the first note that was neither struck nor missed. */
  next: number
  /** Bit k is set if note `next` + k was struck. */
  struck: number
  /** When one of the list's notes was last struck; the beginning of the list before. */
  struckAt: Steps
  /** Number of notes struck as expected since the beginning of the performance, for display and measuring. */
  kept: number
}

/** Number of notes after the first outstanding one that can be struck before it: no chord of two hands has more. */
const REACH = 24

/** An {@link Expecting} that expects nothing. */
export function expectNothing(): Expecting {
  return { list: null, from: 0, anchor: -1, next: 0, struck: 0, struckAt: 0, kept: 0 }
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyExpecting(from: Expecting, to: Expecting): void {
  to.list = from.list
  to.from = from.from
  to.anchor = from.anchor
  to.next = from.next
  to.struck = from.struck
  to.struckAt = from.struckAt
  to.kept = from.kept
}

/** From now on the notes of `list` are expected, onset 0 at step `from`. */
export function beginExpecting(expecting: Expecting, list: Expectation, from: Steps): void {
  expecting.list = list.notes.length > 0 ? list : null
  expecting.from = from
  expecting.anchor = -1
  expecting.next = 0
  expecting.struck = 0
  expecting.struckAt = from
}

/**
 * Decides for each note, by its strength and a hashed random number, whether it is expected. A mixture of distributions that is
 * decided anew at each event would lose a note of strength 0.8 in most cases, since a note takes several events.
 *
 * @param number the random number of note n, in [0, 1)
 */
export function expect(
  notes: readonly ExpectedNote[],
  others: number,
  give: number,
  number: (n: number) => number,
): Expectation {
  return { notes: notes.filter(({ strength }, n) => number(n) < strength), others, give }
}

/** The random numbers for {@link expect} by `seed`, for the `use`-th list of a performance. */
export function decisions(seed: number, use: number): (n: number) => number {
  return (n) => chance(seed, EXPECTED_RUN, use, n)
}

/** The run whose random numbers decide about expected notes. The runs of performances count up from 0 and never get here. */
const EXPECTED_RUN = 0xfffffffe

/** Whether note `n` of the list is outstanding: neither struck nor missed. */
export function isOutstanding({ list, next, struck }: Expecting, n: number): boolean {
  return list !== null && n >= next && n < list.notes.length && (struck & (1 << (n - next))) === 0
}

/** Number of the note after the last that may be struck now, if the first outstanding one may. */
export function reachOf({ list, next }: Expecting): number {
  return list === null ? 0 : Math.min(list.notes.length, next + REACH)
}

/** Whether an outstanding note may be struck at step `clock`. */
export function isAnyDue(expecting: Expecting, clock: Steps): boolean {
  const end = reachOf(expecting)
  for (let n = expecting.next; n < end && earliestOf(expecting, n) <= clock; n++) {
    if (isOutstanding(expecting, n)) return true
  }
  return false
}

/** The latest step at which note `n` may be struck. */
export function latestOf({ list, from }: Expecting, n: number): Steps {
  const note = list!.notes[n]!
  return Math.round(from + note.onset) + note.tolerance
}

/** The earliest step at which note `n` may be struck. */
export function earliestOf({ list, from }: Expecting, n: number): Steps {
  const note = list!.notes[n]!
  return Math.round(from + note.onset) - note.tolerance
}

/**
 * Moves `expecting` past `event`, which was at step `clock`; for a time-shift `clock` is its end. Notes whose time has passed
 * are missed. Allocates nothing.
 */
export function passExpected(expecting: Expecting, event: EventIndex, clock: Steps): void {
  const { list } = expecting
  if (list === null) return
  if (isNoteOn(event)) strikeExpected(expecting, list, eventPitch(event), clock)
  // Only notes from `next` on are looked at: a later note is never missed before an earlier one of the same tolerance.
  while (expecting.next < list.notes.length) {
    const isStruck = (expecting.struck & 1) === 1
    if (!isStruck && latestOf(expecting, expecting.next) >= clock) break
    expecting.next++
    expecting.struck >>>= 1
  }
  if (expecting.next >= list.notes.length) expecting.list = null
}

function strikeExpected(expecting: Expecting, list: Expectation, pitch: Pitch, clock: Steps): void {
  const end = reachOf(expecting)
  for (let n = expecting.next; n < end; n++) {
    if (!isOutstanding(expecting, n) || list.notes[n]!.pitch !== pitch) continue
    if (earliestOf(expecting, n) > clock) return
    expecting.struck |= 1 << (n - expecting.next)
    expecting.struckAt = clock
    expecting.kept++
    // The first note of a chord sets the time; if each of its notes did, the chord would be spread further and further.
    const { onset } = list.notes[n]!
    if (onset > expecting.anchor) expecting.from += list.give * (clock - expecting.from - onset)
    expecting.anchor = Math.max(expecting.anchor, onset)
    return
  }
}
