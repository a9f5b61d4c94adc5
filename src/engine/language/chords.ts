import { KEY_NAMES } from './scales.js'

/** A chord as what may sound with it; how its notes are spelled plays no part. */
export interface Chord {
  /** Its symbol as it was written, or the name that it is given: `Am7`, `G/B`. */
  readonly symbol: string
  /** Its pitch classes as bits: bit p is set if pitch class p (C = 0) belongs to it. At least one is set. */
  readonly tones: number
  /** Pitch class of its lowest note, 0-11. */
  readonly bass: number
}

/** A chord and how long it lasts. */
export interface ChordSpan {
  /** Null for no chord (`N.C.`): then every note goes. */
  readonly chord: Chord | null
  /** In quarter notes, above 0. */
  readonly beats: number
}

/** Chords that follow each other from the beginning of a bar on, over and over. */
export interface Progression {
  readonly spans: readonly ChordSpan[]
  /** Quarter notes in a bar, above 0. */
  readonly beatsPerBar: number
}

/**
 * Limits of a progression: an hour of bars is fewer. More would only let a hostile file or client occupy memory and every
 * snapshot.
 */
export const CHORD_LIMITS = { spans: 1024, beats: 64, symbol: 24 } as const

/** All twelve pitch classes. */
export const ALL_TONES = 0xfff

/** The length of a progression in quarter notes. */
export function lengthOf({ spans }: Progression): number {
  return spans.reduce((sum, { beats }) => sum + beats, 0)
}

/** The pitch classes `tones`, as bits, moved up by `semitones`, which may be below 0. */
export function movedTones(tones: number, semitones: number): number {
  const by = ((semitones % 12) + 12) % 12
  return ((tones << by) | (tones >> (12 - by))) & ALL_TONES
}

/** Whether pitch class `pc`, or the pitch class of a pitch, is among `tones`. */
export function hasTone(tones: number, pc: number): boolean {
  return ((tones >> (pc % 12)) & 1) === 1
}

/** The number of pitch classes among `tones`. */
export function countTones(tones: number): number {
  let count = 0
  for (let pc = 0; pc < 12; pc++) if (hasTone(tones, pc)) count++
  return count
}

/**
 * The chord types that a played chord is named by, as semitones above the root, the more usual first. A rarer one would be
 * named as something that nobody means.
 */
const NAMED: readonly (readonly [suffix: string, degrees: readonly number[]])[] = [
  ['', [0, 4, 7]],
  ['m', [0, 3, 7]],
  ['7', [0, 4, 7, 10]],
  ['maj7', [0, 4, 7, 11]],
  ['m7', [0, 3, 7, 10]],
  ['6', [0, 4, 7, 9]],
  ['m6', [0, 3, 7, 9]],
  ['dim', [0, 3, 6]],
  ['m7b5', [0, 3, 6, 10]],
  ['dim7', [0, 3, 6, 9]],
  ['aug', [0, 4, 8]],
  ['sus4', [0, 5, 7]],
  ['sus2', [0, 2, 7]],
  ['7sus4', [0, 5, 7, 10]],
  ['add9', [0, 2, 4, 7]],
  ['madd9', [0, 2, 3, 7]],
  ['9', [0, 2, 4, 7, 10]],
  ['maj9', [0, 2, 4, 7, 11]],
  ['m9', [0, 2, 3, 7, 10]],
  ['69', [0, 2, 4, 7, 9]],
  ['7b9', [0, 1, 4, 7, 10]],
  ['7#9', [0, 3, 4, 7, 10]],
  ['mMaj7', [0, 3, 7, 11]],
  ['7#5', [0, 4, 8, 10]],
  ['7', [0, 4, 10]],
  ['maj7', [0, 4, 11]],
  ['m7', [0, 3, 10]],
  ['5', [0, 7]],
]

const TYPES: ReadonlyMap<number, string> = new Map(
  [...NAMED]
    .reverse()
    .map(([suffix, degrees]) => [degrees.reduce((mask, degree) => mask | (1 << degree), 0), suffix]),
)

/**
 * The chord of played keys, by the bits of their pitch classes and the pitch class of the lowest: named from its bass, or as a
 * chord over another bass, or by its notes where it has no usual name.
 */
export function chordOf(tones: number, bass: number): Chord {
  for (let up = 0; up < 12; up++) {
    const root = (bass + up) % 12
    if (!hasTone(tones, root)) continue
    const suffix = TYPES.get(movedTones(tones, -root))
    if (suffix === undefined) continue
    return { symbol: `${nameOf(root)}${suffix}${up === 0 ? '' : `/${nameOf(bass)}`}`, tones, bass }
  }
  const names = Array.from({ length: 12 }, (_, up) => (bass + up) % 12).filter((pc) => hasTone(tones, pc))
  return { symbol: names.map(nameOf).join(' ').slice(0, CHORD_LIMITS.symbol), tones, bass }
}

function nameOf(pc: number): string {
  return KEY_NAMES[pc + 1] ?? ''
}
