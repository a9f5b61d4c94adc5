import { Refused } from '../refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../strict-json.js'
import type { Pitch, Steps } from '../units.js'

/**
 * The shares of a profile by name: how many there are of each. Finer shares need more notes than a short reference has; coarser
 * ones can't tell one manner from another.
 */
export const SHARES = {
  /** Velocities of the notes: 1-8, 9-16, ... */
  velocities: 16,
  /** Pitches by half octaves from pitch 0 up. */
  registers: 22,
  /** Pitches above the tonic of the moment: 12 where the moment is in major, then 12 where it is in minor. */
  degrees: 24,
  /** Semitones from the last struck note that still sounds, -12 to 12; larger ones count as those. */
  intervals: 25,
  /** Lengths of time-shifts, by {@link WAIT_STARTS}. */
  waits: 10,
} as const

/** The numbers of a profile by name, with what they may be. */
export const FIGURES = {
  /** Notes that the profile was made of. */
  notes: [0, 1e9],
  /** Note-ons per second. */
  density: [0.01, 100],
  /** Mean velocity, and its standard deviation. */
  velocity: [1, 127],
  velocitySpread: [0, 64],
  /** Pitches: a tenth of the notes is not above the low, a tenth not below the high. */
  lowPitch: [0, 127],
  meanPitch: [0, 127],
  highPitch: [0, 127],
  /** How long notes last, as a multiple of the time from one strike to the next: the geometric mean. */
  articulation: [0.01, 100],
  /** How long notes last, in s: the geometric mean. */
  noteLength: [0.01, 100],
  /** Share of the notes that are struck less than {@link CHORD} after the one before. */
  chordShare: [0, 1],
} as const satisfies Record<string, readonly [least: number, most: number]>

export type ShareName = keyof typeof SHARES
export type FigureName = keyof typeof FIGURES
export const SHARE_NAMES = Object.keys(SHARES) as ShareName[]
export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[]

/** The manner of a performance as plain numbers. Each list of shares sums to 1. */
export type StyleProfile = Readonly<Record<FigureName, number> & Record<ShareName, readonly number[]>>

/** A manner that is borrowed, and what it was taken from: the name of a file, say. */
export interface Style {
  readonly name: string
  readonly profile: StyleProfile
}

/** Characters that the name of a style may have: file systems allow no longer names of files. */
export const LONGEST_NAME = 255

/** Fewer notes are no style: what little they show of a manner is mostly chance. */
export const LEAST_STYLE_NOTES = 20

/** Digits that are kept of a profile's numbers: with fewer shares lose their sum, and more only lengthen takes. */
const DIGITS = 6

/** Notes struck within this many steps are a chord: fewer split chords that hands spread, more join fast runs. */
export const CHORD: Steps = 3

/** The shortest wait of each share of waits. */
const WAIT_STARTS: readonly Steps[] = [1, 2, 3, 5, 7, 10, 15, 23, 36, 61]

const WIDEST_INTERVAL = 12
/** Semitones of a share of registers. */
export const HALF_OCTAVE = 6

/** Shares are written with a few digits, so their sum may be off by this much. */
const SUM_SLACK = 0.01

/** The index among `velocities` of velocity bin 1-32. */
export function velocityShare(bin: number): number {
  return (bin - 1) >> 1
}

export function registerShare(pitch: Pitch): number {
  return Math.floor(pitch / HALF_OCTAVE)
}

/** The index among `degrees` of a pitch where the music is in the key `centre` 0-23 (see key-finding.ts). */
export function degreeShare(pitch: Pitch, centre: number): number {
  return (centre < 12 ? 0 : 12) + ((pitch - (centre % 12) + 12) % 12)
}

export function intervalShare(semitones: number): number {
  return WIDEST_INTERVAL + Math.min(Math.max(semitones, -WIDEST_INTERVAL), WIDEST_INTERVAL)
}

/** The index among `waits` of a time-shift of 1-100 steps. */
export function waitShare(wait: Steps): number {
  let share = WAIT_STARTS.length - 1
  while (share > 0 && wait < WAIT_STARTS[share]!) share--
  return share
}

/** The profile with its numbers rounded, so that it is the same wherever it was measured. */
export function roundedProfile(profile: StyleProfile): StyleProfile {
  const rounded = (value: number) => Number(value.toPrecision(DIGITS))
  const figures = FIGURE_NAMES.map((name) => [name, rounded(profile[name])])
  const shares = SHARE_NAMES.map((name) => [name, profile[name].map(rounded)])
  return Object.fromEntries([...figures, ...shares])
}

/**
 * Reads a profile from the text of a JSON object, as `JSON.stringify` writes it. Throws {@link Refused}, with a sentence that
 * starts with `what`, for anything else.
 */
export function parseProfile(text: string, what: string): StyleProfile {
  return checkProfile(parseStrictJson(text, what), what)
}

/** Takes a value from outside for a profile. Throws {@link Refused}, with a sentence that starts with `what`, if it is none. */
export function checkProfile(value: unknown, what: string): StyleProfile {
  if (!isRecord(value)) throw new Refused(`${what} isn't a style: it should be an object of numbers.`)
  const names: readonly string[] = [...FIGURE_NAMES, ...SHARE_NAMES]
  const stranger = Object.keys(value).find((name) => !names.includes(name))
  if (stranger !== undefined) throw new Refused(`${what} has ${quoted(stranger)}, which no style has.`)
  const figures = FIGURE_NAMES.map((name) => [name, checkFigure(field(value, name), name, what)])
  const shares = SHARE_NAMES.map((name) => [name, checkShares(field(value, name), name, what)])
  return Object.fromEntries([...figures, ...shares])
}

function checkFigure(value: unknown, name: FigureName, what: string): number {
  const [least, most] = FIGURES[name]
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new Refused(
      `${what} has ${quoted(value)} as ${name}; it should be a number from ${least} to ${most}.`,
    )
  return value
}

function checkShares(value: unknown, name: ShareName, what: string): readonly number[] {
  const count = SHARES[name]
  if (!Array.isArray(value) || value.length !== count)
    throw new Refused(`${what} should have ${count} numbers as ${name}.`)
  const shares: readonly unknown[] = value
  let sum = 0
  const numbers = shares.map((share) => {
    if (typeof share !== 'number' || !(share >= 0 && share <= 1))
      throw new Refused(`${what} has ${quoted(share)} among ${name}; shares are numbers from 0 to 1.`)
    sum += share
    return share
  })
  if (Math.abs(sum - 1) > SUM_SLACK)
    throw new Refused(`${what} has ${name} that sum to ${sum.toFixed(3)}; shares should sum to 1.`)
  return numbers
}
