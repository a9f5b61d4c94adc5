import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CHORD_LIMITS, chordOf, type Progression } from '../../../src/engine/language/chords.js'
import { Refused } from '../../../src/engine/refused.js'
import { readChord } from '../../../src/io/lead-sheet/chord-symbol.js'
import { parseLeadSheet, readLeadSheet } from '../../../src/io/lead-sheet/lead-sheet.js'

/** Chord symbols as musicians write them, with the semitones of their notes above C, and the bass where it isn't the root. */
const SYMBOLS: readonly (readonly [symbol: string, notes: readonly number[], bass?: number])[] = [
  ['C', [0, 4, 7]],
  ['Am', [9, 0, 4]],
  ['Am7', [9, 0, 4, 7]],
  ['F', [5, 9, 0]],
  ['G/B', [7, 11, 2], 11],
  ['Cmaj7', [0, 4, 7, 11]],
  ['CM7', [0, 4, 7, 11]],
  ['Cma7', [0, 4, 7, 11]],
  ['CMaj7', [0, 4, 7, 11]],
  ['C^7', [0, 4, 7, 11]],
  ['CΔ', [0, 4, 7, 11]],
  ['C△7', [0, 4, 7, 11]],
  ['C-7', [0, 3, 7, 10]],
  ['Cmin7', [0, 3, 7, 10]],
  ['Cmi7', [0, 3, 7, 10]],
  ['C-', [0, 3, 7]],
  ['C7', [0, 4, 7, 10]],
  ['B♭7', [10, 2, 5, 8]],
  ['Bb7', [10, 2, 5, 8]],
  ['F♯m7b5', [6, 9, 0, 4]],
  ['F#ø', [6, 9, 0, 4]],
  ['F#ø7', [6, 9, 0, 4]],
  ['F#m7(b5)', [6, 9, 0, 4]],
  ['B°7', [11, 2, 5, 8]],
  ['Bdim7', [11, 2, 5, 8]],
  ['Bo7', [11, 2, 5, 8]],
  ['Bdim', [11, 2, 5]],
  ['Caug', [0, 4, 8]],
  ['C+', [0, 4, 8]],
  ['C7#5', [0, 4, 8, 10]],
  ['Csus4', [0, 5, 7]],
  ['Csus', [0, 5, 7]],
  ['Csus2', [0, 2, 7]],
  ['G7sus4', [7, 0, 2, 5]],
  ['D9sus4', [2, 7, 9, 0, 4]],
  ['C6', [0, 4, 7, 9]],
  ['Cm6', [0, 3, 7, 9]],
  ['C6/9', [0, 4, 7, 9, 2]],
  ['C69', [0, 4, 7, 9, 2]],
  ['Cadd9', [0, 4, 7, 2]],
  ['Cmadd9', [0, 3, 7, 2]],
  ['CmMaj7', [0, 3, 7, 11]],
  ['Cm(maj7)', [0, 3, 7, 11]],
  ['C5', [0, 7]],
  ['C9', [0, 4, 7, 10, 2]],
  ['Cm9', [0, 3, 7, 10, 2]],
  ['Cmaj9', [0, 4, 7, 11, 2]],
  ['C13', [0, 4, 7, 10, 2, 9]],
  ['G7b9', [7, 11, 2, 5, 8]],
  ['G7(b9)', [7, 11, 2, 5, 8]],
  ['E7#9', [4, 8, 11, 2, 7]],
  ['Fmaj7#11', [5, 9, 0, 4, 11]],
  ['G7alt', [7, 11, 3, 5, 10]],
  ['Cm7/Bb', [0, 3, 7, 10], 10],
  ['D/F#', [2, 6, 9], 6],
  ['C/D', [0, 4, 7, 2], 2],
  ['Am7/G', [9, 0, 4, 7], 7],
  ['C6/9/E', [0, 4, 7, 9, 2], 4],
  ['Cb', [11, 3, 6]],
  ['E#m', [5, 8, 0]],
  ['F##', [7, 11, 2]],
  ['Dbb', [0, 4, 7]],
]

const bits = (notes: readonly number[]) => notes.reduce((mask, note) => mask | (1 << note), 0)

/** Progressions that are right; broken ones are made of them. */
const GOOD = [
  'Am7 F | C G/B',
  '3/4 C | F G7 | % | N.C.',
  '||: Dm7 | G7b9 :|| x3 Cmaj7 / / A7#5',
  'C:3 G:1 | Eb6/9:2 F#m7b5 | Bb/D',
]

/** What breaks any lead sheet wherever it stands between chords. */
const BREAKS = [
  'H7',
  'c',
  'am7',
  'Cq9',
  'C7/H',
  'C/',
  'C//',
  'C/G/',
  'Cmaj7maj7',
  'C###',
  'Cbbb',
  '7',
  'Vmaj7',
  'ii-V',
  'C7,,F7;G',
  '(C)',
  'C(',
  'C:0',
  'C:-1',
  'C:x',
  'C:',
  'C:99',
  'C:1e1',
  ':2',
  'N.C./C',
  'NCC',
  '<script>',
  '{"a":1}',
  '../../etc/passwd',
  'Cconstructor',
  'C__proto__',
  'CtoString',
  'C2192',
  'C100010010000',
  '\u0000',
  '🎹',
  'Ｃ',
  'x1',
  'x100',
  '||: ||: C',
  '|: C | F',
  '5/7',
  '0/4',
  '99/4',
  '%%',
  'C%',
  'C'.repeat(30),
  'C C C C C C C C C C C C C C C C C',
  'Solb',
  'Cmajor minor',
]

/** Lead sheets that are broken as a whole. */
const BROKEN = [
  '',
  ' ',
  '|',
  '| | |',
  '||: :||',
  '# only a comment',
  '%',
  '/',
  '% | C',
  'N.C.',
  'N.C. | N.C.',
  'C:2',
  'C:5',
  'C:2 G:1',
  'C:4 G',
  '3/4 C:4',
  '3/4 3/4 C',
  'C | 3/4 F',
  'C :|| x2 x2',
  'x3 C',
  '||: C | F',
  '||: C | ||: F :||',
  `${'||: C | F :|| x99 '.repeat(10)}`,
  'C '.repeat(10_001),
  '4/4',
]

/** The reason for which a lead sheet is refused; null where it isn't. */
function refusal(text: string): string | null {
  try {
    parseLeadSheet(text)
    return null
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.message
  }
}

const inShort = ({ spans }: Progression) =>
  spans.map(({ chord, beats }) => `${chord?.symbol ?? '-'} ${beats}`).join(', ')

describe('a chord symbol', () => {
  test('there are at least 50', () => expect(SYMBOLS.length).toBeGreaterThanOrEqual(50))

  test.each(SYMBOLS.map(([symbol, notes, bass]) => ({ symbol, notes, bass: bass ?? notes[0] })))(
    '$symbol has its notes and its bass',
    ({ symbol, notes, bass }) => {
      expect(readChord(symbol)).toMatchObject({
        ok: true,
        chord: { tones: bits([...notes, bass ?? 0]), bass },
      })
    },
  )

  test('the name of a played chord is read as a chord that holds all that was played, over the same bass', () => {
    let named = 0
    for (let tones = 1; tones < 0x1000; tones++) {
      for (let bass = 0; bass < 12; bass++) {
        const { symbol } = chordOf(tones | (1 << bass), bass)
        expect(symbol.length).toBeLessThanOrEqual(CHORD_LIMITS.symbol)
        if (symbol.includes(' ')) continue
        const read = readChord(symbol)
        expect(read, symbol).toMatchObject({ ok: true, chord: { bass } })
        if (read.ok) expect(read.chord.tones & tones).toBe(tones)
        named++
      }
    }
    expect(named).toBeGreaterThan(600)
  })
})

describe('a lead sheet', () => {
  test.each([
    ['Am7 F | C G/B', 'Am7 2, F 2, C 2, G/B 2'],
    ['C', 'C 4'],
    ['C F G', 'C 1.3333333333333333, F 1.3333333333333333, G 1.3333333333333333'],
    ['C:3 G:1', 'C 3, G 1'],
    ['C:3 G', 'C 3, G 1'],
    ['C / / G', 'C 3, G 1'],
    ['C | / G', 'C 4, C 2, G 2'],
    ['C F | %', 'C 2, F 2, C 2, F 2'],
    ['||: C | F :|| G', 'C 4, F 4, C 4, F 4, G 4'],
    ['||: C :|| x3 G', 'C 4, C 4, C 4, G 4'],
    ['C | F :|| G', 'C 4, F 4, C 4, F 4, G 4'],
    ['||: C :||: F :||', 'C 4, C 4, F 4, F 4'],
    ['C | N.C. | G', 'C 4, - 4, G 4'],
    ['3/4 C | F', 'C 3, F 3'],
    ['6/8 C | F G', 'C 3, F 1.5, G 1.5'],
    ['C\nF\r\n| G |', 'C 4, F 4, G 4'],
    ['# A song\nC# | F # a comment', 'C# 4, F 4'],
    ['C♯m7 | B♭', 'C#m7 4, Bb 4'],
  ])('%j is read', (text, expected) => {
    expect(inShort(parseLeadSheet(text))).toBe(expected)
  })

  const broken = new Set([
    ...BROKEN,
    ...GOOD.flatMap((good) => BREAKS.map((broken) => `${good} | ${broken}`)),
    ...BREAKS.map((broken) => `${broken} | C`),
  ])

  test('at least 200 broken ones are refused, with a sentence that names the place', () => {
    expect(broken.size).toBeGreaterThanOrEqual(200)
    for (const text of broken) {
      const reason = refusal(text)
      expect(reason, text.slice(0, 80)).not.toBeNull()
      expect(reason, text.slice(0, 80)).toMatch(
        /^(Bar \d+: .+|There is no chord in this|These chords are longer than \d+ signs)\.$/s,
      )
      expect(reason?.length).toBeLessThan(200)
    }
  })

  test('the place that is named is the bar of the mistake', () => {
    for (let bar = 1; bar <= 12; bar++) {
      const bars = Array.from({ length: 12 }, (_, n) => (n + 1 === bar ? 'Q' : 'Am7 F'))
      expect(refusal(bars.join(' | '))).toMatch(new RegExp(`^Bar ${bar}: "Q"`))
    }
  })

  test('whatever is read is within the limits, and fills whole bars', () => {
    for (const text of GOOD) {
      const { spans, beatsPerBar } = parseLeadSheet(text)
      expect(spans.length).toBeLessThanOrEqual(CHORD_LIMITS.spans)
      expect(spans.reduce((sum, { beats }) => sum + beats, 0) % beatsPerBar).toBeCloseTo(0)
    }
  })

  test('a file is read where there is one of that name, and refused with its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheets-'))
    const [good, bad, bytes] = ['good.txt', 'bad.txt', 'bytes.txt'].map((name) => join(folder, name))
    writeFileSync(good!, '# Blues\nC7 | F7 | C7 | %\n')
    writeFileSync(bad!, 'C7 | H')
    writeFileSync(bytes!, Buffer.from([0xff, 0xfe, 0x41]))
    expect(inShort(readLeadSheet(good!))).toBe('C7 4, F7 4, C7 4, C7 4')
    expect(() => readLeadSheet(bad!)).toThrow(/bad\.txt can't be used: Bar 2: "H"/)
    expect(() => readLeadSheet(bytes!)).toThrow(/bytes\.txt can't be used: it isn't UTF-8/)
    expect(inShort(readLeadSheet('Am7 F'))).toBe('Am7 2, F 2')
  })
})
