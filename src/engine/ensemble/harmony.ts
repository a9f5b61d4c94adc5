import type { Controls } from '../controls/controls.js'
import { findCentre, LEAST_FIT, PROFILES } from '../form/key-finding.js'
import { PITCH_COUNT } from '../language/events.js'
import { INTERVALS, type IntervalName } from '../language/intervals.js'
import { scaleMask } from '../language/scales.js'
import type { Pitch } from '../units.js'
import type { RecentPlaying } from './recent-playing.js'

/** So many of the player's last notes tell the key: fewer take a passing note for one, more keep the key before a modulation. */
const KEY_NOTES = 40

/** Fewer notes than this tell no key: then any pitch class may be added. */
const LEAST_KEY_NOTES = 6

/** All twelve pitch classes as bits. */
const EVERY_CLASS = 0xfff

/** Intervals in the order in which they stand in for a third that the scale lacks. */
const NEAR_THIRDS = [3, 4, 5, 2, 6, 7, 8, 9] as const

/** What the notes that are added to keys keep to. */
export interface Harmony {
  /** 1 for each pitch of history that register, hands and key lock leave, [128]. */
  readonly noteOns: Uint8Array
  /** The sounding pitch classes of the scale as bits; see {@link harmonyScale}. */
  readonly scale: number
}

/** A chord of keys struck together: what the notes added to one key must agree with. All pitches are those of history. */
export interface StruckTogether {
  /** The keys of the chord but the one that notes are added to. */
  readonly keys: readonly Pitch[]
  /** The notes that were added to any key of the chord. */
  readonly voices: readonly Pitch[]
}

/**
 * The sounding pitch classes that notes added to keys keep to, as bits: the scale of the key that is set, or else of the key
 * that the player's last notes are in. All twelve where neither is known, and for the intervals *free* without a key.
 */
export function harmonyScale({ key, scale, intervals }: Controls, playing: RecentPlaying): number {
  if (key !== 'off') return scaleMask(key, scale)
  if (intervals === 'free' || playing.length < LEAST_KEY_NOTES) return EVERY_CLASS
  const centre = findCentre(playing.pitchClasses(KEY_NOTES))
  const profile = PROFILES[centre < 12 ? 0 : 1]
  return profile.reduce((bits, fit, pc) => (fit > LEAST_FIT ? bits | (1 << ((pc + centre) % 12)) : bits), 0)
}

/**
 * Writes into `open` [128] which pitches may be added to `key`: the pitches of `allowed` [128] at one of the `intervals` from the
 * key that are not `taken` [128], clash with no note added before and agree with the other keys of the chord that the key
 * belongs to. A key by itself that gets none gets the pitches nearest to a third.
 */
export function openVoices(
  open: Uint8Array,
  key: Pitch,
  intervals: IntervalName,
  allowed: Uint8Array,
  taken: Uint8Array,
  { keys, voices }: StruckTogether,
): void {
  open.fill(0)
  for (const interval of INTERVALS[intervals]) openAt(open, key, interval, allowed, taken)
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (open[pitch] === 0) continue
    if (voices.some((voice) => clashes(pitch - voice))) open[pitch] = 0
    else if (keys.some((other) => !agrees(pitch, other, keys))) open[pitch] = 0
  }
  if (keys.length > 0 || voices.length > 0) return
  for (const interval of NEAR_THIRDS) {
    if (open.includes(1)) return
    openAt(open, key, interval, allowed, taken)
  }
}

/** Whether an interval is a minor second or a major seventh, octaves aside. */
export function clashes(semitones: number): boolean {
  const within = Math.abs(semitones) % 12
  return within === 1 || within === 11
}

function openAt(
  open: Uint8Array,
  key: Pitch,
  interval: number,
  allowed: Uint8Array,
  taken: Uint8Array,
): void {
  for (const pitch of [key - interval, key + interval]) {
    if (pitch < 0 || pitch >= PITCH_COUNT) continue
    if (allowed[pitch] === 1 && taken[pitch] === 0) open[pitch] = 1
  }
}

/** Whether `pitch` makes a consonance with `key`, or repeats a key of the chord, with none of which it clashes, in another octave. */
function agrees(pitch: Pitch, key: Pitch, keys: readonly Pitch[]): boolean {
  const within = Math.abs(pitch - key) % 12
  if (CONSONANT.has(within)) return true
  return !clashes(within) && keys.some((other) => (pitch - other) % 12 === 0)
}

/** Unison, thirds, fourth, fifth and sixths within an octave, in semitones. */
const CONSONANT: ReadonlySet<number> = new Set([0, 3, 4, 5, 7, 8, 9])
