import { MAX_SHIFT, NOTE_OFF, PITCH_COUNT, TIME_SHIFT, timeShift, VELOCITY } from '../../language/events.js'
import { strikeNow } from '../../sampling/event-mask.js'
import type { Moment } from '../../sampling/moment.js'
import type { OwnStrikes } from '../../sampling/own-strikes.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../../units.js'
import type { Ensemble } from '../mode.js'
import { densityNow } from '../playing-now.js'

/**
 * A player who strikes nothing for this long pauses: with keys down, and without. Shorter fills the waits of a slow hymn; longer
 * leaves the player alone in a pause.
 */
const PAUSE_MS: Ms = 2000
const HELD_PAUSE_MS: Ms = 4000

/** In a pause the pianist comes to its own density within this time: shorter bursts in, longer fills a pause when it is over. */
const FILLING_MS: Ms = 1000

/**
 * The factor of the control `balance`: at balance 1 the pianist plays half as densely beside a busy player as it would at
 * balance 0, and twice as densely beside one who hardly plays.
 */
const MOST_BALANCE = 2

/** A player of this many notes a second is busy: two hands in eighth notes. */
const BUSY = 8

/**
 * Note-ons per second that the pianist plays by itself if the control `density` is auto: a calm hand. More crowds the
 * player; less leaves the duet to the player.
 */
export const OWN_DENSITY = 6

/**
 * Notes that the pianist may be behind with: it makes up for so many and forgets the others. Fewer make it slower than asked,
 * since it is late more often than early; more make it hurry after a rest.
 */
const MOST_BEHIND = 1

/** Notes after which a chord is complete, beyond what is due: fewer allow no chords, more are paid for with long waits. */
const CHORD_ROOM = 2.5

/** Strikes that follow within this time belong to one chord: less parts spread chords, more lets fast notes pass the pace. */
const SPREAD: Steps = 30 / STEP_MS

/** Notes ahead count up to this many: more keeps the pianist silent for long when the player becomes slow. */
const MOST_AHEAD = 4

/** The pianist strikes when it is so many notes late. Sooner leaves no room for its own rhythm, later for the density. */
const LATEST = 1

/** Waits before a note is due are at least this long, if they can be: shorter ones are steps of the network for nothing. */
const LEAST_WAIT: Steps = 50 / STEP_MS

/** A note outside the chord is followed by its resolution after this time at least, and at most: a passing note, no wrong one. */
const SHORTEST_PASSING: Steps = 60 / STEP_MS
const LONGEST_PASSING: Steps = 400 / STEP_MS

/** A step of a scale, in semitones, at most. */
const STEP = 2

/**
 * The density that the balance asks of the pianist beside a player of `density` note-ons per second:
 * density * 2^(balance * (1 - 2 * min(1, density / 8))). At balance 0 the player's own; at balance 1 up to twice that of a slow
 * player and half that of a busy one.
 */
export function balanced(density: number, balance: number): number {
  return density * balanceFactor(density, balance)
}

/** The factor by which the balance changes the pianist's density beside a player of `density` note-ons per second. */
export function balanceFactor(density: number, balance: number): number {
  return MOST_BALANCE ** (balance * (1 - 2 * Math.min(1, density / BUSY)))
}

/** How far a pause of the player's has come at plan time `at`: 0 while the player plays, 1 where the pianist fills the pause. */
export function pauseShare({ player }: Ensemble, at: Ms): number {
  const last = player.strikes.at(-1)
  if (!last) return 1
  const since = at - last.at - (player.isHolding ? HELD_PAUSE_MS : PAUSE_MS)
  return Math.min(1, Math.max(0, since / FILLING_MS))
}

/**
 * The density of the pianist beside the player at plan time `at`: by balance, the player's, or the one that is set by hand.
 * `pause` is the share of a pause, in which the pianist comes to its own. Allocates nothing.
 */
export function listeningDensity({ player, controls }: Ensemble, at: Ms, pause: number): number {
  const { density, balance } = controls
  const heard = densityNow(player.strikes, at)
  const beside = density === null ? balanced(heard, balance) : density * balanceFactor(heard, balance)
  return (1 - pause) * beside + pause * (density ?? OWN_DENSITY) * balanceFactor(0, balance)
}

/** Keeps the events after `moment` to the player's pace and chord. Allocates nothing. */
export function listen(allowed: Uint8Array, moment: Moment, ensemble: Ensemble): void {
  const at = moment.clock * STEP_MS
  const pause = pauseShare(ensemble, at)
  if (pause === 1) return
  const { own, clock } = moment
  const leaning = leaningPitch(moment, ensemble)
  if (leaning >= 0 && allowResolution(allowed, leaning, ensemble)) {
    const since = clock - own.clocks[own.length - 1]!
    pace(allowed, moment, SHORTEST_PASSING - since, LONGEST_PASSING - since)
    return
  }
  allowChord(allowed, moment, ensemble)
  const density = listeningDensity(ensemble, at, pause)
  const ahead = notesAhead(own, clock, density)
  const isChord = own.length > 0 && clock - own.clocks[own.length - 1]! <= SPREAD
  if (isChord && ahead <= CHORD_ROOM) return
  const stepsPerNote = 1000 / STEP_MS / density
  pace(allowed, moment, Math.ceil(ahead * stepsPerNote), Math.ceil((ahead + LATEST) * stepsPerNote))
}

/**
 * How many notes the pianist is ahead of `density` at `clock`, by its last strikes; below 0 it is behind. Every strike is worth
 * a note, of which `density` are due each second.
 */
function notesAhead({ clocks, length }: OwnStrikes, clock: Steps, density: number): number {
  const perStep = (density * STEP_MS) / 1000
  let ahead = 0
  for (let n = 0; n < length; n++) {
    const since = n === 0 ? 0 : clocks[n]! - clocks[n - 1]!
    ahead = Math.min(MOST_AHEAD, Math.max(-MOST_BEHIND, ahead - since * perStep) + 1)
  }
  return length === 0 ? 0 : ahead - (clock - clocks[length - 1]!) * perStep
}

/** Allows strikes only from `earliest` steps after `moment` on, and has one come by `latest`. */
function pace(allowed: Uint8Array, moment: Moment, earliest: Steps, latest: Steps): void {
  if (earliest > 0) {
    allowed.fill(0, 0, NOTE_OFF)
    allowed.fill(0, VELOCITY)
    allowed.fill(0, TIME_SHIFT, timeShift(Math.min(earliest, LEAST_WAIT)))
  } else if (latest <= 0) strikeNow(allowed, moment)
  if (latest > 0 && latest < MAX_SHIFT) allowed.fill(0, timeShift(latest) + 1, VELOCITY)
}

/** The pianist's last note where it was struck outside the chord that still sounds, so that it has to step into it; else -1. */
function leaningPitch({ own, clock }: Moment, { player: { chord }, controls }: Ensemble): Pitch {
  const last = own.length - 1
  if (last < 0 || clock - own.clocks[last]! > 2 * LONGEST_PASSING) return -1
  const pitch = own.pitches[last]!
  if (chord.changedAt > own.clocks[last]! * STEP_MS) return -1
  return chord.weights[classOf(pitch, controls.transpose)]! > 0 ? -1 : pitch
}

/** Leaves of the note-ons those that are a step from `leaning` and in the chord. @returns false, with nothing done, if there is none */
function allowResolution(allowed: Uint8Array, leaning: Pitch, { player, controls }: Ensemble): boolean {
  let isPossible = false
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (resolves(allowed, leaning, pitch, player.chord.weights, controls.transpose)) isPossible = true
  }
  if (!isPossible) return false
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (!resolves(allowed, leaning, pitch, player.chord.weights, controls.transpose)) allowed[pitch] = 0
  }
  return true
}

function resolves(
  allowed: Uint8Array,
  leaning: Pitch,
  pitch: Pitch,
  chord: Float64Array,
  transpose: number,
): boolean {
  return Math.abs(pitch - leaning) <= STEP && allowed[pitch] === 1 && chord[classOf(pitch, transpose)]! > 0
}

/**
 * Leaves of the note-ons those in the chord, and beside them, for a note by itself, those from which a step leads into it.
 * Leaves all where key, register or hands have room for none of the chord.
 */
function allowChord(allowed: Uint8Array, { own, clock }: Moment, { player, controls }: Ensemble): void {
  const { weights } = player.chord
  const { transpose } = controls
  const isInChord = (pitch: Pitch) => weights[classOf(pitch, transpose)]! > 0
  let isPossible = false
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
    if (allowed[pitch] === 1 && isInChord(pitch)) isPossible = true
  if (!isPossible) return
  const isAlone = own.length === 0 || clock - own.clocks[own.length - 1]! > SPREAD
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (allowed[pitch] === 0 || isInChord(pitch)) continue
    const leads = isAlone && stepsInto(allowed, pitch, weights, transpose)
    if (!leads) allowed[pitch] = 0
  }
}

function stepsInto(allowed: Uint8Array, from: Pitch, chord: Float64Array, transpose: number): boolean {
  for (let pitch = Math.max(0, from - STEP); pitch <= Math.min(PITCH_COUNT - 1, from + STEP); pitch++) {
    if (resolves(allowed, from, pitch, chord, transpose)) return true
  }
  return false
}

/** The pitch class that a pitch of history sounds as. */
function classOf(pitch: Pitch, transpose: number): number {
  return (pitch + transpose + 120) % 12
}
