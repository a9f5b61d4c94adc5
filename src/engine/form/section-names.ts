import type { FormName } from '../language/forms.js'
import { planOf } from './sections.js'

/** A movement's sections as a musician names them, and which of them is being played. */
interface NamedSections {
  readonly names: readonly string[]
  /** Index of the current section among `names`. */
  readonly current: number
}

/** The letter of a section or theme: `A` for 0, `B` for 1, ... */
export function letterName(letter: number): string {
  return String.fromCharCode(65 + letter)
}

/**
 * Names the sections of a movement, those played and those to come: A B A' C A'' in a rondo, A A1 A2 ... in variations. Free
 * music has no plan, so that only the current section is known. Where the form was changed in mid-movement, the current
 * section keeps its letter.
 * @param place place of the current section in its movement, from 0
 * @param letter the current section's letter, 0 for A
 */
export function namedSections(form: FormName, place: number, letter: number): NamedSections {
  if (form === 'free') return { names: [letterName(letter)], current: 0 }
  const plan = planOf(form)
  const current = Math.min(place, plan.length - 1)
  const letters = plan.map((planned, index) => (index === current ? letter : planned))
  return { names: letters.map((_, index) => nameAt(letters, index, form)), current }
}

/** The name of a section: its letter, and a sign for how often that was there before. */
function nameAt(letters: readonly number[], index: number, form: FormName): string {
  const letter = letters[index]!
  const before = letters.slice(0, index).filter((earlier) => earlier === letter).length
  if (before === 0) return letterName(letter)
  return letterName(letter) + (form === 'variations' ? before : "'".repeat(before))
}
