/** The degrees of each scale, in semitones above the tonic. */
const SCALES = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  'harmonic-minor': [0, 2, 3, 5, 7, 8, 11],
  'melodic-minor': [0, 2, 3, 5, 7, 9, 11],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  phrygian: [0, 1, 3, 5, 7, 8, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  locrian: [0, 1, 3, 5, 6, 8, 10],
  pentatonic: [0, 2, 4, 7, 9],
  'minor-pentatonic': [0, 3, 5, 7, 10],
  blues: [0, 3, 5, 6, 7, 10],
  'whole-tone': [0, 2, 4, 6, 8, 10],
  chromatic: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
} as const satisfies Record<string, readonly number[]>

type ScaleName = keyof typeof SCALES
export const SCALE_NAMES = Object.keys(SCALES) as ScaleName[]

/** `off` (no key) and then the names of the pitch classes 0-11. */
export const KEY_NAMES = ['off', 'C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'] as const
type KeyName = (typeof KEY_NAMES)[number]

/** Other names that musicians write for a key: flats, and the enharmonic names of white keys. */
export const KEY_ALIASES: Readonly<Record<string, KeyName>> = {
  Db: 'C#',
  Eb: 'D#',
  Gb: 'F#',
  Ab: 'G#',
  Bb: 'A#',
  Cb: 'B',
  Fb: 'E',
  'E#': 'F',
  'B#': 'C',
}

/** The pitch classes of a key as bits: bit p is set if pitch class p (C = 0) belongs to it. For key `off` all twelve are set. */
export function scaleMask(key: KeyName, scale: ScaleName): number {
  if (key === 'off') return 0xfff
  const tonic = KEY_NAMES.indexOf(key) - 1
  let mask = 0
  for (const degree of SCALES[scale]) mask |= 1 << ((tonic + degree) % 12)
  return mask
}

/** Whether a scale has a minor third and no major one. */
export function isMinorScale(scale: ScaleName): boolean {
  const degrees: readonly number[] = SCALES[scale]
  return degrees.includes(3) && !degrees.includes(4)
}
