import { readFileSync, statSync } from 'node:fs'
import { CHORD_LIMITS, type Chord, type ChordSpan, type Progression } from '../../engine/language/chords.js'
import { Refused } from '../../engine/refused.js'
import { LONGEST_CHORDS } from '../../engine/surface/chords-text.js'
import { codeOf } from '../error-text.js'
import { decodeText } from '../text-file.js'
import { quoted, readChord, typedSigns } from './chord-symbol.js'

/** Most chords in a bar: more change faster than anybody hears them. */
const MOST_IN_BAR = 16

/** Most times that a passage is repeated. */
const MOST_TIMES = 99

const METER = /^(\d{1,2})\/(\d{1,2})$/
const NO_CHORD = /^n\.?c\.?$/i
const BAR_LINE = /(:?\|+:?)/
/** A slot with the number of beats that it lasts: `C:2`. */
const COUNTED = /^(.*):([^:]*)$/
const TIMES = /^x(\d+)$/
const ROUNDING = 1e-9

/** A passage between repeat signs. */
interface Passage {
  /** Number of spans before it. */
  readonly from: number
  /** The bar that its sign is in front of. */
  readonly bar: number
  readonly isSigned: boolean
}

/**
 * Reads chords as musicians write them on a lead sheet: `Am7 F | C G/B`.
 *
 * Bars are separated by `|` or by the end of a line; the chords of a bar share its beats evenly, or last for as many beats as
 * is written after a colon (`C:3 G:1`). `/` holds the chord before for another share, `%` repeats the bar before, `N.C.` is no
 * chord. `||: ... :||` is played twice, `:|| x3` three times. `3/4` in front sets the meter (4/4). From a `#` that stands
 * after a space, or begins a line, to the end of the line is a comment.
 *
 * Throws Refused, with a sentence that names the place, for anything else.
 */
export function parseLeadSheet(text: string): Progression {
  if (text.length > LONGEST_CHORDS) throw new Refused(`These chords are longer than ${LONGEST_CHORDS} signs.`)
  return new SheetReader().read(text)
}

/** Reads chords from a file, if there is one of that name, or else from the text itself. Throws {@link Refused}. */
export function readLeadSheet(textOrPath: string): Progression {
  const path = textOrPath.trim()
  if (path === '' || !statSync(path, { throwIfNoEntry: false })?.isFile()) return parseLeadSheet(textOrPath)
  try {
    return parseLeadSheet(decodeText(readFileSync(path)))
  } catch (error) {
    if (error instanceof Refused) throw new Refused(`${path} can't be used: ${error.message}`)
    throw new Refused(`${path} can't be read (${codeOf(error)}).`)
  }
}

class SheetReader {
  readonly #spans: ChordSpan[] = []
  #beatsPerBar = 4
  #hasMeter = false
  /** The spans of the bar before, for `%`. */
  #lastBar: readonly ChordSpan[] | null = null
  #lastChord: Chord | null | undefined
  /** Number of bars so far. */
  #bar = 0
  #passage: Passage = { from: 0, bar: 1, isSigned: false }
  /** The spans that were repeated last, so that `x3` after the sign can add to them. */
  #repeated: readonly ChordSpan[] | null = null

  read(text: string): Progression {
    const lines = typedSigns(text)
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\r|\n/)
    for (const line of lines) {
      const parts = line.replace(/(^|\s)#.*$/, '').split(BAR_LINE)
      for (const [n, part] of parts.entries()) {
        if (n % 2 === 0) this.#readBar(part.split(/\s+/).filter((token) => token !== ''))
        else this.#readBarLine(part)
      }
    }
    if (this.#passage.isSigned)
      this.#refuse(this.#passage.bar, 'the repeat that begins here has no end; write :|| after its last bar')
    if (!this.#spans.some(({ chord }) => chord)) throw new Refused('There is no chord in this.')
    return { spans: this.#spans, beatsPerBar: this.#beatsPerBar }
  }

  #refuse(bar: number, reason: string): never {
    throw new Refused(`Bar ${bar}: ${reason}.`)
  }

  #readBarLine(line: string): void {
    if (line.startsWith(':')) {
      const passage = this.#spans.slice(this.#passage.from)
      if (passage.length === 0) this.#refuse(this.#bar + 1, 'a repeat ends here with no bar in it')
      this.#add(passage)
      this.#repeated = passage
      this.#passage = { from: this.#spans.length, bar: this.#bar + 1, isSigned: false }
    }
    if (line.endsWith(':')) {
      if (this.#passage.isSigned) this.#refuse(this.#bar + 1, 'a repeat begins within another')
      this.#passage = { from: this.#spans.length, bar: this.#bar + 1, isSigned: true }
      this.#repeated = null
    }
  }

  #readBar(tokens: readonly string[]): void {
    const [first = '', ...rest] = tokens
    if (tokens.length === 0) return
    if (TIMES.test(first)) {
      this.#repeatMore(first)
      this.#readBar(rest)
      return
    }
    this.#repeated = null
    if (METER.test(first)) {
      this.#readMeter(first)
      this.#readBar(rest)
      return
    }
    this.#bar++
    const spans = first === '%' && rest.length === 0 ? this.#barBefore() : this.#spansOf(tokens)
    this.#add(spans)
    this.#lastBar = spans
  }

  #add(spans: readonly ChordSpan[]): void {
    if (this.#spans.length + spans.length > CHORD_LIMITS.spans)
      this.#refuse(
        Math.max(1, this.#bar),
        `with it there are more than ${CHORD_LIMITS.spans} chords, repeats counted`,
      )
    this.#spans.push(...spans)
  }

  #barBefore(): readonly ChordSpan[] {
    return this.#lastBar ?? this.#refuse(this.#bar, '% repeats the bar before, and there is none')
  }

  /** Reads `x3` after a repeat, which has been played twice so far. */
  #repeatMore(token: string): void {
    const times = Number(TIMES.exec(token)?.[1])
    const passage = this.#repeated
    if (!passage) this.#refuse(this.#bar + 1, `${quoted(token)} stands only after the end of a repeat, :||`)
    if (times < 2 || times > MOST_TIMES)
      this.#refuse(this.#bar, `a repeat is played 2 to ${MOST_TIMES} times, not ${quoted(token)}`)
    for (let time = 2; time < times; time++) this.#add(passage)
    this.#repeated = null
    this.#passage = { ...this.#passage, from: this.#spans.length }
  }

  #readMeter(token: string): void {
    const [, count = '', unit = ''] = METER.exec(token) ?? []
    if (this.#bar > 0 || this.#hasMeter)
      this.#refuse(this.#bar + 1, `the meter ${token} must stand before the first chord, once`)
    const beats = (4 * Number(count)) / Number(unit)
    if (!['1', '2', '4', '8', '16'].includes(unit) || beats < 1 || beats > 16)
      this.#refuse(1, `${quoted(token)} is no meter that can be counted; write 3/4, 4/4 or 6/8, for example`)
    this.#beatsPerBar = beats
    this.#hasMeter = true
  }

  /** The spans of a bar: chords without a count share the beats that the others leave. */
  #spansOf(tokens: readonly string[]): ChordSpan[] {
    if (tokens.length > MOST_IN_BAR)
      this.#refuse(this.#bar, `it has ${tokens.length} chords, and a bar has room for ${MOST_IN_BAR}`)
    const slots = tokens.map((token) => this.#slotOf(token))
    const counted = slots.reduce((sum, { beats }) => sum + (beats ?? 0), 0)
    const open = slots.filter(({ beats }) => beats === null).length
    const left = this.#beatsPerBar - counted
    if (left < -ROUNDING || (open === 0 && left > ROUNDING) || (open > 0 && left <= ROUNDING))
      this.#refuse(
        this.#bar,
        `its chords last ${counted} beats${open > 0 ? ' and more' : ''}, and a bar has ${this.#beatsPerBar}`,
      )
    const spans: ChordSpan[] = []
    for (const { chord, beats, isHeld } of slots) {
      const lasts = beats ?? left / open
      const before = spans.at(-1)
      if (isHeld && before) spans.splice(-1, 1, { ...before, beats: before.beats + lasts })
      else spans.push({ chord, beats: lasts })
    }
    return spans
  }

  #slotOf(token: string): { chord: Chord | null; beats: number | null; isHeld: boolean } {
    const [, symbol = token, count] = COUNTED.exec(token) ?? []
    const beats = count === undefined ? null : Number(count)
    if (
      beats !== null &&
      !(/^\d+(\.\d+)?$/.test(count ?? '') && beats >= 0.25 && beats <= CHORD_LIMITS.beats)
    )
      this.#refuse(this.#bar, `${quoted(token)} doesn't end with a number of beats, such as :2`)
    if (symbol === '/') {
      if (this.#lastChord === undefined)
        this.#refuse(this.#bar, '/ holds the chord before, and there is none')
      return { chord: this.#lastChord, beats, isHeld: true }
    }
    if (symbol === '%')
      this.#refuse(this.#bar, '% stands alone in its bar, as it repeats a whole bar; / holds a chord')
    if (NO_CHORD.test(symbol)) {
      this.#lastChord = null
      return { chord: null, beats, isHeld: false }
    }
    const read = readChord(symbol)
    if (!read.ok) this.#refuse(this.#bar, read.reason)
    this.#lastChord = read.chord
    return { chord: read.chord, beats, isHeld: false }
  }
}
