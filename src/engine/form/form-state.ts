import type { Steps } from '../units.js'
import type { Passage, Strike } from './passage.js'
import type { Theme } from './themes.js'

/**
 * The place of a moment in the form of the music, and what is remembered of the music. A part of the moment: going back brings
 * it back. Only the strikes and themes are allocated as music passes, a small object for each note.
 */
export interface FormState {
  /** Number of movements begun; 0 before the first. A movement has a home key and themes of its own. */
  movement: number
  /** Place of the current section in its movement, from 0. */
  place: number
  /** The section's letter: 0 for A, 1 for B, ... */
  letter: number
  /** The key of the movement: 0-11 for C to B major, 12-23 for C to B minor, in pitches of history. */
  home: number
  /** The section ends at the first breath after this time. */
  until: Steps
  /** The theme of each letter; null where none is known yet. */
  themes: readonly (Theme | null)[]
  /** The density of each letter, in note-ons per second. */
  densities: readonly number[]
  /** Number of themes that were adopted from those given from outside. */
  adopted: number
  /** The notes of the current passage, newest first. */
  strikes: Strike | null
  passageFrom: Steps
  /** Whether no note of the current passage was recalled. */
  isNew: boolean
  /** The passage before the current one. */
  last: Passage | null
  /** Number of lists of expected notes so far: themes recalled and cadences. */
  recalls: number
  /** No theme is recalled before this time. */
  nextRecall: Steps
  /** A cadence is under way (`coming`), or its last chord sounds or has sounded (`rings`). */
  cadence: 'none' | 'coming' | 'rings'
  /** While a cadence rings: when its last chord ends. */
  ringsUntil: Steps
}

/** The form before the first note, at step `clock`. */
export function firstForm(clock: Steps): FormState {
  return {
    movement: 0,
    place: 0,
    letter: 0,
    home: 0,
    until: clock,
    themes: [],
    densities: [],
    adopted: 0,
    strikes: null,
    passageFrom: clock,
    isNew: true,
    last: null,
    recalls: 0,
    nextRecall: Number.POSITIVE_INFINITY,
    cadence: 'none',
    ringsUntil: clock,
  }
}

/** Copies all of `from` into `to`; strikes and themes are shared, since they never change. Allocates nothing. */
export function copyForm(from: FormState, to: FormState): void {
  to.movement = from.movement
  to.place = from.place
  to.letter = from.letter
  to.home = from.home
  to.until = from.until
  to.themes = from.themes
  to.densities = from.densities
  to.adopted = from.adopted
  to.strikes = from.strikes
  to.passageFrom = from.passageFrom
  to.isNew = from.isNew
  to.last = from.last
  to.recalls = from.recalls
  to.nextRecall = from.nextRecall
  to.cadence = from.cadence
  to.ringsUntil = from.ringsUntil
}

/** Moves every time that the form remembers later by `by` steps. Allocates nothing. */
export function shiftForm(form: FormState, by: Steps): void {
  form.until += by
  form.passageFrom += by
  form.nextRecall += by
  form.ringsUntil += by
}
