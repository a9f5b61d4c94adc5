import { type Pitch, STEP_MS, type Steps } from '../units.js'
import type { ExpectedNote } from './expected-notes.js'
import { findCentre } from './key-finding.js'
import type { Passage } from './passage.js'

/** A note of a theme. */
export interface ThemeNote {
  /** Counted from the theme's first note. */
  readonly onset: Steps
  readonly pitch: Pitch
  /** Whether the note is the highest of those struck with it. */
  readonly isMelody: boolean
}

/** A passage that is remembered in order to return. Never changed once it is made. */
export interface Theme {
  /** Ordered by onset. */
  readonly notes: readonly ThemeNote[]
  readonly length: Steps
  /** The key: 0-11 for C to B major, 12-23 for C to B minor. */
  readonly centre: number
  /** Note-ons per second. */
  readonly density: number
}

/** Notes within this time of the first count as struck together: shorter splits spread chords, longer joins fast runs. */
export const CHORD: Steps = 4

/** Fewer notes are no theme that a listener would know again. */
export const LEAST_NOTES = 12

/** Most notes of a theme: 18 s of dense music have 300. A longer one would only let a hostile file occupy memory. */
export const MOST_NOTES = 400

/**
 * The first passage of a longer piece lasts from SHORT_OPENING to LONG_OPENING, and ends before the longest wait in between.
 * Less is a motif; more leaves a section no time for anything else.
 */
const SHORT_OPENING: Steps = 8000 / STEP_MS
const LONG_OPENING: Steps = 16_000 / STEP_MS

/** Degrees of major that are a semitone lower in minor: third, sixth and seventh. */
const FLAT_IN_MINOR: readonly number[] = [4, 9, 11]

/**
 * Makes a theme of notes ordered by onset.
 * @returns undefined if there are too few of them to be known again
 */
export function themeOf(
  notes: readonly { readonly onset: Steps; readonly pitch: Pitch }[],
  length: Steps,
): Theme | undefined {
  if (notes.length < LEAST_NOTES || length <= 0) return undefined
  const first = notes[0]!.onset
  const used = notes.slice(0, MOST_NOTES)
  const counts = new Float64Array(12)
  for (const { pitch } of used) counts[pitch % 12]! += 1
  return {
    notes: used.map(({ onset, pitch }) => ({
      onset: onset - first,
      pitch,
      isMelody: !used.some(
        (other) => other.pitch > pitch && onset - other.onset <= CHORD && other.onset - onset <= CHORD,
      ),
    })),
    length: Math.min(length, used.at(-1)!.onset + 1),
    centre: findCentre(counts),
    density: (100 * used.length) / length,
  }
}

/** The first passage of `notes`, which are ordered by onset: all of them, or those up to a breath. */
export function openingOf<Note extends { readonly onset: Steps }>(notes: readonly Note[]): readonly Note[] {
  const first = notes[0]?.onset ?? 0
  const within = notes.slice(0, MOST_NOTES).filter(({ onset }) => onset - first < LONG_OPENING)
  let end = within.length
  let longest = 0
  for (let n = 1; n <= within.length && n < notes.length; n++) {
    const wait = notes[n]!.onset - notes[n - 1]!.onset
    if (notes[n]!.onset - first < SHORT_OPENING || wait <= longest) continue
    end = n
    longest = wait
  }
  return within.length === notes.length ? notes : notes.slice(0, end)
}

/** Makes a theme of a passage of the music; undefined if it has too few notes. */
export function themeOfPassage({ last, length }: Passage): Theme | undefined {
  const notes: { onset: Steps; pitch: Pitch }[] = []
  for (let strike = last; ; strike = strike.before) {
    notes.push({ onset: strike.at, pitch: strike.pitch })
    if (!strike.before) break
  }
  return themeOf(notes.reverse(), length)
}

/** How a theme is changed when it returns. */
export interface Variation {
  /** The key in which it returns. */
  readonly centre: number
  /** Factor on its times. */
  readonly stretch: number
  /** Strength of the notes of its melody, and of the others. */
  readonly melody: number
  readonly accompaniment: number
}

/** Steps that a note may be early or late at the least, and as a share of the time to the next note. */
const LEAST_TOLERANCE: Steps = 2
const MOST_TOLERANCE: Steps = 8
const TOLERANCE_SHARE = 0.12

/**
 * The notes to expect when `theme` returns. Between major and minor the third, sixth and seventh degree change, so that the
 * theme is the same melody in the other mode.
 */
export function varied(theme: Theme, { centre, stretch, melody, accompaniment }: Variation): ExpectedNote[] {
  const shift = ((((centre - theme.centre) % 12) + 18) % 12) - 6
  const onset = (n: number) => Math.round(theme.notes[n]!.onset * stretch)
  return theme.notes.flatMap((note, n) => {
    const pitch = inMode(note.pitch, theme.centre, centre >= 12) + shift
    if (pitch < 0 || pitch > 127) return []
    const gap = n + 1 < theme.notes.length ? onset(n + 1) - onset(n) : 0
    const tolerance = Math.min(Math.max(LEAST_TOLERANCE, Math.round(gap * TOLERANCE_SHARE)), MOST_TOLERANCE)
    return [
      {
        onset: onset(n),
        pitch,
        strength: note.isMelody ? melody : accompaniment,
        tolerance,
        isMelody: note.isMelody,
      },
    ]
  })
}

/** The pitch of a melody in key `centre` as it is in the major or minor of the same tonic. */
function inMode(pitch: Pitch, centre: number, minor: boolean): Pitch {
  if (centre >= 12 === minor) return pitch
  const degree = (pitch - centre + 240) % 12
  if (minor) return FLAT_IN_MINOR.includes(degree) ? pitch - 1 : pitch
  return FLAT_IN_MINOR.includes(degree + 1) ? pitch + 1 : pitch
}
