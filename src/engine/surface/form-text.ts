import { KEY_NAMES } from '../language/scales.js'
import type { FormPlace, KeptTheme } from './snapshot.js'

/** The sections with the current one in brackets, and what returns or ends: `A B [A'] C A''  theme A returns`. */
export function formText(form: FormPlace): string {
  const { sections, current } = form
  const row = sections.map((name, index) => (index === current ? `[${name}]` : name)).join(' ')
  const heard = heardText(form)
  return heard === null ? row : `${row}  ${heard}`
}

function heardText({ hears, sections, current }: FormPlace): string | null {
  if (hears === 'cadence') return 'cadence'
  if (hears === null) return null
  // In free form, of which only one section is known, any theme may return.
  return sections.length > 1 ? `theme ${letterOf(sections[current] ?? '')} returns` : 'a theme returns'
}

/** The letter of a section's theme: A for A, A' and A2. */
export function letterOf(section: string): string {
  return section.slice(0, 1)
}

/** A kept theme in full: `A 8.4 s, 53 notes, D minor`. */
export function themeText({ letter, seconds, notes, tonic, mode }: KeptTheme): string {
  return `${letter} ${seconds.toFixed(1)} s, ${notes} notes, ${KEY_NAMES[tonic + 1]} ${mode}`
}

/** The kept themes in few words: `kept A 8 s, B 12 s`. */
export function themesInShort(themes: readonly KeptTheme[]): string {
  return `kept ${themes.map(({ letter, seconds }) => `${letter} ${Math.round(seconds)} s`).join(', ')}`
}
