import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'

/** What counts as a return: of how many notes, and how long at least from one start of the figure to another. */
export interface FigureKind {
  readonly notes: number
  readonly apart: Ms
}

/** How many figures there are in a voice, and how many of them are heard again. */
export interface Returns {
  readonly figures: number
  readonly returning: number
}

/**
 * Counts the figures of `voice`, ordered by start. A figure is a number of successive notes, as the semitones from each note to
 * the next, so that it is the same in every transposition and rhythm. There is one from each note on that has enough after it.
 * It is heard again where another of the same intervals starts at least `apart` earlier or later.
 */
export function countReturns(voice: readonly Note[], { notes, apart }: FigureKind): Returns {
  const figures = figuresOf(voice, notes)
  const heard = new Map<string, { readonly first: Ms; last: Ms }>()
  for (const { intervals, at } of figures) {
    const before = heard.get(intervals)
    if (before) before.last = at
    else heard.set(intervals, { first: at, last: at })
  }
  const returning = figures.filter(({ intervals, at }) => {
    const { first, last } = heard.get(intervals)!
    return at - first >= apart || last - at >= apart
  })
  return { figures: figures.length, returning: returning.length }
}

/** A figure: its intervals, written one after another, and when its first note starts. */
interface Figure {
  readonly intervals: string
  readonly at: Ms
}

/** The figures of `notes` successive notes of a voice, in order; none in a voice of fewer notes. */
export function figuresOf(voice: readonly Note[], notes: number): Figure[] {
  const intervals = voice.slice(1).map((note, n) => note.pitch - voice[n]!.pitch)
  const count = Math.max(0, voice.length - notes + 1)
  return voice.slice(0, count).map(({ start }, n) => ({
    intervals: intervals.slice(n, n + notes - 1).join(),
    at: start,
  }))
}
