import { chance } from '../chance.js'
import type { FormName } from '../language/forms.js'
import { STEP_MS, type Steps } from '../units.js'
import { centreInForce, FORM_RUN, type FormAims, type FormedMusic } from './formed-music.js'
import { findCentre, neighbourOf } from './key-finding.js'
import { densityAt } from './tide.js'

/**
 * The letters of a movement's sections, by form: 0 for A, 1 for B, ... Music in free form has no movements: a section gets the
 * letter that was not used for longest, so that nothing returns on purpose.
 */
const PLANS: Readonly<Record<FormName, readonly number[]>> = {
  free: [0, 1, 2, 3],
  variations: [0, 0, 0, 0, 0, 0],
  ABA: [0, 1, 0],
  rondo: [0, 1, 0, 2, 0],
}

/**
 * Limits of a section's length. Shorter sections are restless, and a theme hardly fits in twice; after longer ones a listener
 * has forgotten the theme before it returns.
 */
const SHORTEST_SECTION: Steps = 40_000 / STEP_MS
const LONGEST_SECTION: Steps = 75_000 / STEP_MS

/** Place of the variation that changes from major to minor or back, as in Mozart's sets. */
const CHANGED_MODE = 3

/** Uses of random numbers in the choice of a section; the tide uses the same for the same choices. */
const USE = { density: 0, centre: 1, length: 2 } as const

/** The letters of a movement's sections in `form`: 0 for A, 1 for B, ... In free form they are those that take turns. */
export function planOf(form: FormName): readonly number[] {
  return PLANS[form]
}

/** Whether the movement's last section has begun. */
export function isLastSection(music: FormedMusic, { form }: FormAims): boolean {
  return form !== 'free' && music.form.place >= PLANS[form].length - 1
}

/** Begins the first movement, or another one, in a key near the last. */
export function beginMovement(music: FormedMusic, aims: FormAims): void {
  const { form, tide, recentPitchClasses } = music
  const number = chance(tide.seed, FORM_RUN, form.movement, USE.centre)
  const found = form.movement > 0 ? form.home : findCentre(recentPitchClasses)
  if (found < 0) form.home = Math.floor(number * 24)
  else form.home = form.movement === 0 ? found : neighbourOf(found, number)
  form.movement++
  form.themes = []
  form.densities = []
  enterSection(music, aims, 0)
}

/** Begins the next section of the movement, or, after its last, another movement. */
export function beginSection(music: FormedMusic, aims: FormAims): void {
  const { form } = music
  const plan = PLANS[aims.form]
  if (aims.form === 'free') enterSection(music, aims, (form.place + 1) % plan.length)
  else if (form.place + 1 >= plan.length) beginMovement(music, aims)
  else enterSection(music, aims, form.place + 1)
}

function enterSection(music: FormedMusic, aims: FormAims, place: number): void {
  const { form, tide, clock } = music
  const number = (use: number) => chance(tide.seed, FORM_RUN, tide.stretch + 1, use)
  form.place = place
  form.letter = PLANS[aims.form][place]!
  if (aims.form === 'free') {
    form.themes = form.themes.map((theme, letter) => (letter === form.letter ? null : theme))
    form.densities = []
  }
  const density = form.densities[form.letter] ?? densityAt(tide, number(USE.density))
  form.densities = replaced(form.densities, form.letter, density)
  form.until =
    clock + SHORTEST_SECTION + Math.floor(number(USE.length) * (LONGEST_SECTION - SHORTEST_SECTION))
  const hasTheme = (form.themes[form.letter] ?? null) !== null
  form.nextRecall = hasTheme && aims.form !== 'free' ? clock : Number.POSITIVE_INFINITY
  tide.density = density
  tide.centre = centreOfSection(music, aims, number(USE.centre))
  tide.until = form.until
  tide.stretch++
}

/** Sections with the letter A are at home, the others in a key near it. */
function centreOfSection(music: FormedMusic, aims: FormAims, number: number): number {
  const { form } = music
  if (aims.form === 'free')
    return neighbourOf(form.movement > 0 && form.place > 0 ? centreInForce(music, aims) : form.home, number)
  if (aims.form === 'variations') return form.place === CHANGED_MODE ? (form.home + 12) % 24 : form.home
  if (form.letter === 0) return form.home
  // The first two of six neighbours are the key itself.
  return neighbourOf(form.home, 1 / 3 + (number * 2) / 3)
}

/** A copy of `list` with `value` at `index`; places that nothing was put into yet hold undefined. */
export function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  const copy = [...list]
  copy[index] = value
  return copy
}
