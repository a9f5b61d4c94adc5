import { type EventIndex, eventPitch, isNoteOff, isNoteOn, PITCH_COUNT } from '../language/events.js'
import type { Pitch, Steps } from '../units.js'
import { paceLimit, type Score } from './score.js'

/** How far a performance has come in a score, and its tempo there. A part of the moment, so that going back brings it back. */
export interface ScorePlace {
  /** The score; null where none is played. */
  score: Score | null
  /** Number of the chord that is next or, once `outstanding` has begun to fall, being struck. */
  chord: number
  /** 1 for each pitch of that chord that is still to be struck, [128]. */
  readonly due: Uint8Array
  /** Number of pitches still to be struck. */
  outstanding: number
  /** When the first note of that chord was struck; -1 before that. */
  began: Steps
  /** When the chord is due at the tempo of the moment, with fractions of a step. */
  dueAt: number
  /** The chord's first note may be struck from `earliest` to `latest`; once it was struck, the others until `latest`. */
  earliest: Steps
  latest: Steps
  /** The tempo: played steps for a step of the score. */
  pace: number
  /** Number of scores begun so far. */
  begun: number
  /** How long each sounding note of the score lasts by the score, at the tempo of its strike, [128]; 0 for all others. */
  readonly lengths: Float64Array
}

/** A place in no score. */
export function firstPlace(): ScorePlace {
  return {
    score: null,
    chord: 0,
    due: new Uint8Array(PITCH_COUNT),
    outstanding: 0,
    began: -1,
    dueAt: 0,
    earliest: 0,
    latest: 0,
    pace: 1,
    begun: 0,
    lengths: new Float64Array(PITCH_COUNT),
  }
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyPlace(from: ScorePlace, to: ScorePlace): void {
  to.score = from.score
  to.begun = from.begun
  if (from.score === null) return
  to.chord = from.chord
  to.due.set(from.due)
  to.outstanding = from.outstanding
  to.began = from.began
  to.dueAt = from.dueAt
  to.earliest = from.earliest
  to.latest = from.latest
  to.pace = from.pace
  to.lengths.set(from.lengths)
}

/** Moves every time of the place later by `by` steps. Allocates nothing. */
export function shiftPlace(place: ScorePlace, by: Steps): void {
  if (place.began >= 0) place.began += by
  place.dueAt += by
  place.earliest += by
  place.latest += by
}

/** From now on `score` is played, its first chord at step `clock`. */
export function beginScore(place: ScorePlace, score: Score, clock: Steps): void {
  place.score = score
  place.begun++
  place.chord = 0
  place.pace = 1
  place.due.fill(0)
  place.lengths.fill(0)
  place.dueAt = clock
  openChord(place, score, 0)
}

/**
 * How much earlier or later than due a chord may be struck, as a share of the time since the chord before: at freedom 0 and 1.
 * Less leaves no room for lingering on a note, more lets the rhythm be mistaken for another.
 */
const STRICT_SLACK = 0.06
const FREE_SLACK = 0.34

/** The slack is at least one step, since strikes lie on steps. */
const LEAST_SLACK: Steps = 1
/** The most slack at freedom 0 and 1, after long notes: more would be heard as a rest, or as a missed one. */
const MOST_STRICT_SLACK: Steps = 3
const MOST_FREE_SLACK: Steps = 52

/** The notes of a chord may be spread over this time: more is an arpeggio that the score doesn't ask for. */
const SPREAD: Steps = 4
/** In fast passages a chord is spread over at most this share of the time to the next: more would blur the order. */
const SPREAD_SHARE = 0.3

/** How far the tempo follows a strike that came early or late: 0 not at all; 1 entirely, which lets single notes jerk it. */
const FOLLOWS = 0.3
/** A time between strikes of this many steps moves the tempo by half of that; shorter ones tell less of it. */
const TELLING: Steps = 40
/** Share by which the tempo goes back to the score's with every second: with less it stays at its limit for whole passages. */
const RETURNS = 0.06
/** How far an early or late strike moves what comes after it: at 0 it is caught up with, at 1 time is lost or won for good. */
const GIVES = 0.7

/** Moves `place` past `event` at step `clock`. Allocates nothing. */
export function passScore(place: ScorePlace, event: EventIndex, clock: Steps): void {
  const { score } = place
  if (score === null) return
  if (isNoteOff(event)) {
    place.lengths[eventPitch(event)] = 0
    // The score is over when the last of its notes has ended.
    if (place.chord >= score.chords.length && place.lengths.every((length) => length === 0))
      place.score = null
  }
  if (isNoteOn(event) && place.due[eventPitch(event)] === 1) strike(place, score, eventPitch(event), clock)
}

function strike(place: ScorePlace, score: Score, pitch: Pitch, clock: Steps): void {
  const chord = score.chords[place.chord]!
  if (place.began < 0) begin(place, score, clock)
  place.due[pitch] = 0
  place.lengths[pitch] = chord.lengths[chord.pitches.indexOf(pitch)]! * place.pace
  place.outstanding--
  if (place.outstanding > 0) return
  const next = place.chord + 1
  if (next < score.chords.length) {
    const { began } = place
    const gap = score.chords[next]!.onset - chord.onset
    place.dueAt += gap * place.pace
    openChord(place, score, next)
    const slack = slackOf(score.freedom, gap * place.pace)
    // A later chord never begins before an earlier one is complete.
    place.earliest = Math.max(Math.ceil(place.dueAt - slack), began + 1, clock + 1)
    place.latest = Math.max(place.earliest, Math.floor(place.dueAt + slack))
  } else place.chord = next
}

/** The first note of a chord is struck: the tempo takes part of its being early or late. */
function begin(place: ScorePlace, score: Score, clock: Steps): void {
  const { chord, pace } = place
  const before = score.chords[chord - 1]
  place.began = clock
  if (before) {
    const gap = score.chords[chord]!.onset - before.onset
    const late = clock - place.dueAt
    if (late > MOST_FREE_SLACK) {
      // Something else was played meanwhile: the score goes on from here, and nothing is caught up with.
      place.dueAt = clock
      place.latest = clock + spreadOf(place, score)
      return
    }
    const told = (FOLLOWS * gap) / (gap + TELLING)
    const returned = pace ** (1 - Math.min(1, (RETURNS * gap) / 100))
    const limit = paceLimit(score.freedom)
    place.pace = Math.min(Math.max(returned * (1 + (told * late) / (gap * pace)), 1 / limit), limit)
    place.dueAt += GIVES * late
  }
  place.latest = clock + spreadOf(place, score)
}

/** How long the notes of the current chord may be spread. */
function spreadOf({ chord, pace }: ScorePlace, { chords }: Score): Steps {
  const after = chords[chord + 1]
  const room = after ? (after.onset - chords[chord]!.onset) * pace * SPREAD_SHARE : SPREAD
  return Math.floor(Math.min(SPREAD, room))
}

function openChord(place: ScorePlace, score: Score, chord: number): void {
  const { pitches } = score.chords[chord]!
  place.chord = chord
  place.began = -1
  place.outstanding = pitches.length
  for (const pitch of pitches) place.due[pitch] = 1
  place.earliest = Math.ceil(place.dueAt)
  place.latest = place.earliest
}

function slackOf(freedom: number, gap: number): number {
  const share = STRICT_SLACK + (FREE_SLACK - STRICT_SLACK) * freedom
  const most = MOST_STRICT_SLACK + (MOST_FREE_SLACK - MOST_STRICT_SLACK) * freedom
  return Math.min(Math.max(gap * share, LEAST_SLACK), most)
}
