import type { ChordPlace } from '../../engine/surface/snapshot.js'
import { byId, make } from './elements.js'

/** The chords of the page: a field to type them in, and the line that shows them. */
export interface ChordLine {
  /** Shows the chords with the one in force marked; null for none. */
  show(place: ChordPlace | null): void
}

/** @param set is called with the text when the user enters it; an empty text ends the chords */
export function createChordLine(set: (text: string) => void): ChordLine {
  const field = byId('chord-text', HTMLInputElement)
  const line = byId('chords', HTMLElement)
  let shown = ''
  byId('chord-form', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault()
    set(field.value)
    field.blur()
  }
  // Letters typed here are no piano keys, and Esc leaves the field instead of silencing the music.
  field.onkeydown = (event) => {
    event.stopPropagation()
    if (event.code === 'Escape') field.blur()
  }
  return {
    show: (place) => {
      const text = JSON.stringify(place)
      if (text === shown) return
      shown = text
      line.replaceChildren(...(place ? partsOf(place) : []))
    },
  }
}

function partsOf({ latched, chords, current, beatsLeft }: ChordPlace): (Node | string)[] {
  const parts: (Node | string)[] =
    latched === null ? [] : [make('mark', { textContent: latched }), ' latched ']
  let bar = 1
  for (const [n, chord] of chords.entries()) {
    if (n > 0) parts.push(chord.bar === bar ? ' ' : ' | ')
    parts.push(n === current && latched === null ? make('mark', { textContent: chord.symbol }) : chord.symbol)
    bar = chord.bar
  }
  if (chords.length > 0 && current === null)
    parts.push(beatsLeft === null ? ' (waits for a beat)' : ` (in ${beatsLeft})`)
  return parts
}
