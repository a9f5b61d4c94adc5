import { lengthOf, type Progression } from '../language/chords.js'
import type { ChordPlace } from './snapshot.js'

/** Most signs of chords as text. A song of 100 bars has some 1,000; more would let a hostile file or client occupy the program. */
export const LONGEST_CHORDS = 20_000

/** Bars that a line shows after the current one: more leave no room for anything else. */
const BARS_AHEAD = 3

/**
 * The current bar and those after it, as many as `most` signs have room for, the current chord in brackets: `Am7 [F] | C G/B`. A
 * chord that the player latched comes first. Where not even a bar has room, the current chord alone.
 */
export function chordsText(place: ChordPlace, most = Number.POSITIVE_INFINITY): string {
  const { latched, chords, current } = place
  const first = chords[current ?? 0]?.bar ?? 1
  for (let ahead = BARS_AHEAD; ahead >= 0; ahead--) {
    const text = withLatch(place, rowOf(place, first, first + ahead))
    if (text.length <= most) return text
  }
  return `[${latched ?? chords[current ?? 0]?.symbol ?? ''}]`
}

/** All chords of the progression, the current one in brackets. */
export function allChordsText(place: ChordPlace): string {
  return withLatch(place, rowOf(place, 1, Number.POSITIVE_INFINITY))
}

function withLatch({ latched }: ChordPlace, row: string): string {
  if (latched === null) return row
  return row === '' ? `[${latched}] latched` : `[${latched}] latched, before ${row}`
}

/** The chords of bars `first` to `last`. */
function rowOf({ latched, chords, current, beatsLeft }: ChordPlace, first: number, last: number): string {
  let row = ''
  let bar = first
  for (const [n, chord] of chords.entries()) {
    if (chord.bar < first || chord.bar > last) continue
    if (row !== '') row += chord.bar === bar ? ' ' : ' | '
    row += n === current && latched === null ? `[${chord.symbol}]` : chord.symbol
    bar = chord.bar
  }
  if (row === '' || current !== null || latched !== null) return row
  return beatsLeft === null ? `${row} (waits for a beat)` : `${row} (in ${beatsLeft})`
}

/** What is told when a progression is given: `4 chords in 2 bars of 4 beats, over and over.` */
export function chordsSentence(progression: Progression): string {
  const { spans, beatsPerBar } = progression
  const bars = Math.ceil(lengthOf(progression) / beatsPerBar)
  return `${counted(spans.length, 'chord')} in ${counted(bars, 'bar')} of ${counted(beatsPerBar, 'beat')}, over and over.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
