import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { excerptsOf } from '../../bench/excerpts.js'
import { measureForm, summarize } from '../../bench/form-measures.js'
import { keyStability } from '../../bench/key-stability.js'
import { longestRepeat } from '../../bench/longest-repeat.js'
import { chooseValidation } from '../../bench/maestro-table.js'
import { countReturns, figuresOf } from '../../bench/returning-figures.js'
import { selfSimilarity } from '../../bench/self-similarity.js'
import { similarityPicture } from '../../bench/similarity-picture.js'
import { topVoice } from '../../bench/top-voice.js'
import { chance } from '../../src/engine/chance.js'
import type { Note } from '../../src/engine/language/performance.js'

const note = (pitch: number, start: number, end = start + 100): Note => ({ pitch, velocity: 64, start, end })

/** Notes of these pitches, one every `every` ms from `from` on. */
const line = (pitches: readonly number[], from = 0, every = 200) =>
  pitches.map((pitch, n) => note(pitch, from + n * every))

const THEME = [60, 62, 64, 67, 65, 62, 71]
const transposed = (pitches: readonly number[], by: number) => pitches.map((pitch) => pitch + by)
const pitchesOf = (notes: readonly Note[]) => notes.map(({ pitch }) => pitch)

describe('the top voice', () => {
  test('is the highest note of each chord, in whatever order its keys go down', () => {
    expect(
      pitchesOf(topVoice([note(60, 0), note(72, 20), note(64, 49), note(74, 50), note(71, 70)])),
    ).toEqual([72, 74])
  })

  test('leaves out what is a fifth or more under a note of its own that still sounds, and nothing else', () => {
    const held = note(72, 0, 1000)
    expect(pitchesOf(topVoice([held, note(65, 200), note(66, 400), note(79, 600), note(65, 1000)]))).toEqual([
      72, 66, 79, 65,
    ])
  })

  test('of no notes has none', () => {
    expect(topVoice([])).toEqual([])
  })
})

describe('excerpts', () => {
  const seconds = (count: number) =>
    Array.from({ length: count }, (_, n) => note(60, 5000 + n * 1000, 6000 + n * 1000))

  test.each([
    [119, 0],
    [120, 1],
    [298, 1],
    [599, 2],
    [601, 2],
    [1200, 4],
  ])('of %i seconds are %i', (length, count) => {
    expect(excerptsOf(seconds(length))).toHaveLength(count)
  })

  test('have each note at most once, and those of whole excerpts all', () => {
    const notes = seconds(700)
    expect(excerptsOf(notes).flat()).toEqual(notes.slice(0, 600))
  })

  test('of a short performance are all of it', () => {
    expect(excerptsOf(seconds(200))).toEqual([seconds(200)])
  })
})

describe('returning figures', () => {
  const KIND = { notes: 7, apart: 10_000 }

  test('are found in another key and another rhythm, both times', () => {
    const voice = [...line(THEME), ...line(transposed(THEME, 5), 20_000, 350)]
    // 14 notes have 8 figures of 7; those across the two themes are heard once.
    expect(countReturns(voice, KIND)).toEqual({ figures: 8, returning: 2 })
  })

  test('return from the given time on, from start to start', () => {
    const returnsAfter = (from: number) =>
      countReturns([...line(THEME), ...line(THEME, from)], KIND).returning
    expect([returnsAfter(9_999), returnsAfter(10_000)]).toEqual([0, 2])
  })

  test('heard three times all return where the first and the last are far enough apart from each other', () => {
    const voice = [...line(THEME), ...line(THEME, 6_000), ...line(THEME, 12_000)]
    // The middle one is 6 s from both others.
    expect(countReturns(voice, KIND).returning).toBe(2)
  })

  test('with one interval changed do not return', () => {
    const changed = THEME.with(3, 68)
    expect(countReturns([...line(THEME), ...line(changed, 20_000)], KIND).returning).toBe(0)
  })

  test('are none in a voice that is too short', () => {
    expect(figuresOf(line(THEME), 8)).toEqual([])
    expect(figuresOf([], 7)).toEqual([])
  })
})

describe('the longest repeat', () => {
  /** The definition, tried out place by place. */
  function byTrying(events: readonly number[]): number {
    let longest = 0
    for (let a = 0; a < events.length; a++)
      for (let b = a + 1; b < events.length; b++) {
        let length = 0
        while (a + length < b && b + length < events.length && events[a + length] === events[b + length])
          length++
        longest = Math.max(longest, length)
      }
    return longest
  }

  test('may not overlap itself', () => {
    expect(longestRepeat([7, 7, 7, 7, 7])).toBe(2)
    expect(longestRepeat([1, 2, 1, 2, 1])).toBe(2)
  })

  test('is 0 where nothing comes twice', () => {
    expect(longestRepeat([])).toBe(0)
    expect(longestRepeat([1])).toBe(0)
    expect(longestRepeat([3, 1, 2])).toBe(0)
  })

  test('is what trying every place gives, for many sequences', () => {
    for (let seed = 0; seed < 200; seed++) {
      const events = Array.from({ length: seed % 60 }, (_, n) =>
        Math.floor(chance(seed, n, 0, 0) * (1 + (seed % 5))),
      )
      expect([seed, longestRepeat(events)]).toEqual([seed, byTrying(events)])
    }
  })

  test('is found among many other events', () => {
    const random = Array.from({ length: 3000 }, (_, n) => Math.floor(chance(1, n, 0, 0) * 388))
    expect(longestRepeat([...random, ...random.slice(500, 577), 999])).toBe(77)
  })
})

describe('the stability of the key', () => {
  const scale = [0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0]
  /** A minute of a major scale, of the key `tonic`. */
  const minuteOf = (tonic: number, from: number) =>
    Array.from({ length: 60 }, (_, n) =>
      note(60 + tonic + scale[n % scale.length]!, from + n * 1000, from + n * 1000 + 1000),
    )

  test('is whole in one key', () => {
    const stability = keyStability([...minuteOf(0, 0), ...minuteOf(0, 60_000)])
    expect(stability).toMatchObject({ inMainKey: 1, keys: 1 })
    expect(stability?.correlation).toBeGreaterThan(0.9)
  })

  test('is the share of the key that lasts longest, wherever its windows are', () => {
    const stability = keyStability([...minuteOf(0, 0), ...minuteOf(6, 60_000), ...minuteOf(0, 120_000)])
    expect(stability).toMatchObject({ inMainKey: 2 / 3, keys: 2 })
    expect(stability?.correlation).toBeLessThan(0.7)
  })

  test('of a window in which nothing is struck is not asked', () => {
    expect(keyStability([...minuteOf(0, 0), ...minuteOf(0, 200_000)])).toMatchObject({
      inMainKey: 1,
      keys: 1,
    })
    expect(keyStability([])).toBe(null)
  })
})

describe('a summary', () => {
  test('counts every figure alike, and takes the longest repeat of all', () => {
    const form = (figures: number, returning: number, longestRepeat: number) => ({
      excerpts: [
        {
          returns: [
            { figures, returning },
            { figures: 0, returning: 0 },
          ],
          key: null,
        },
      ],
      longestRepeat,
    })
    expect(summarize([form(100, 10, 7), form(300, 90, 5)])).toEqual({
      excerpts: 2,
      returning: [0.25, null],
      longestRepeat: 7,
      inMainKey: null,
      keys: null,
      correlation: null,
    })
  })

  test('of a short performance has only its longest repeat', () => {
    // In the event language a repeat of the theme is the same events but for its first velocity.
    const form = measureForm([...line(THEME), ...line(THEME, 20_000)])
    expect(form.excerpts).toEqual([])
    expect(form.longestRepeat).toBeGreaterThanOrEqual(4 * THEME.length - 1)
    expect(summarize([form]).returning).toEqual([null, null])
  })
})

describe("MAESTRO's table", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rubato-table-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const HEAD = 'canonical_composer,canonical_title,split,midi_filename,duration'
  const write = (...lines: string[]) => {
    const path = join(folder, 'table.csv')
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }

  test('gives the validation performances of 5 minutes and more, by name', () => {
    const path = write(
      HEAD,
      'Bach,Fugue,validation,b.midi,300',
      'Liszt,"Etude No. 9, ""Ricordanza""",validation,a.midi,510.8',
      'Liszt,Etude,train,c.midi,400',
      'Liszt,Etude,validation,d.midi,299.9',
    )
    expect(chooseValidation(path)).toEqual([join(folder, 'a.midi'), join(folder, 'b.midi')])
  })

  test('gives 30 of many, evenly spaced', () => {
    const names = Array.from({ length: 90 }, (_, n) => `${String(n).padStart(2, '0')}.midi`)
    const path = write(HEAD, ...names.toReversed().map((name) => `A,B,validation,${name},400`))
    expect(chooseValidation(path)).toEqual(
      names.filter((_, n) => n % 3 === 0).map((name) => join(folder, name)),
    )
  })

  test('that cannot be used is refused, and the reason said', () => {
    expect(() => chooseValidation(write('split,duration'))).toThrow(/lacks the column midi_filename/)
    expect(() => chooseValidation(write(HEAD, 'A,B,train,a.midi,400'))).toThrow(/no performance of 5 minutes/)
    expect(() => chooseValidation(join(folder, 'none.csv'))).toThrow(/can't be read/)
  })
})

describe('self-similarity', () => {
  const theme = [60, 62, 64, 67, 65, 62, 71, 69, 66, 61, 60, 70]
  const other = [60, 55, 57, 50, 62, 59, 52, 61, 58, 72, 53, 56]

  test('is of the melody, in whatever key, and symmetric', () => {
    const similarity = selfSimilarity([
      ...line(theme),
      ...line(other, 5000),
      ...line(transposed(theme, 4), 10_000),
    ])
    expect(similarity).toHaveLength(5)
    expect(similarity[0]![0]).toBe(1)
    expect(similarity[0]![4]).toBeGreaterThan(0.6)
    expect(similarity[0]![2]).toBe(0)
    expect(similarity.map((_, n) => similarity.map((row) => row[n]!))).toEqual(similarity)
  })

  test('of no notes is one empty cell', () => {
    expect(selfSimilarity([])).toEqual([[0]])
  })

  test('is of the first ten minutes', () => {
    expect(selfSimilarity(line(new Array(5000).fill(60)))).toHaveLength(240)
  })
})

describe('the picture', () => {
  test('shows the squares side by side, with their names as text', () => {
    const similarity = [
      [1, 0.4],
      [0.4, 1],
    ]
    const picture = similarityPicture([
      { label: 'people <& others>', similarity },
      { label: 'Rubato', similarity },
    ])
    expect(picture.match(/<use /g)).toHaveLength(2)
    expect(picture).toContain('people &lt;&amp; others>')
    expect(picture).toContain('stroke="#000" d="M0 0.5h1M1 1.5h1"')
    expect(picture).toContain('stroke="#777" d="M1 0.5h1"')
  })

  test('joins neighbours of one shade, so that ten minutes that are all alike are small', () => {
    const similarity = Array.from({ length: 240 }, () => new Array(240).fill(1))
    expect(similarityPicture([{ label: 'a trill', similarity }]).length).toBeLessThan(10_000)
  })
})
