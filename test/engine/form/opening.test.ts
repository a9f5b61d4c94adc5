import { describe, expect, test } from 'vitest'
import { MOST_NOTES, openingOf } from '../../../src/engine/form/themes.js'

/** Notes at the onsets given in seconds. */
const notesAt = (seconds: readonly number[]) => seconds.map((at) => ({ onset: Math.round(at * 100) }))

/** `count` notes, one every `every` seconds. */
const evenly = (count: number, every: number, from = 0) =>
  notesAt(Array.from({ length: count }, (_, n) => from + n * every))

describe('the opening of a piece', () => {
  test('of a short piece is all of it', () => {
    const notes = evenly(30, 0.5)
    expect(openingOf(notes)).toEqual(notes)
    expect(openingOf([])).toEqual([])
  })

  test('ends before the longest wait between 8 and 16 s', () => {
    const notes = [...evenly(20, 0.5), ...evenly(40, 0.5, 11)]
    // The last note before the wait is struck at 9.5 s.
    expect(openingOf(notes)).toEqual(notes.slice(0, 20))
  })

  test('doesn’t end at a longer wait before 8 s', () => {
    const notes = [...evenly(5, 0.5), ...evenly(40, 0.5, 5)]
    const opening = openingOf(notes)
    expect(opening.at(-1)!.onset).toBeGreaterThanOrEqual(750)
    expect(opening.at(-1)!.onset).toBeLessThan(1600)
  })

  test('is counted from the first note, wherever that is', () => {
    const notes = [...evenly(20, 0.5, 100), ...evenly(40, 0.5, 111)]
    expect(openingOf(notes)).toEqual(notes.slice(0, 20))
  })

  test('has no more notes than a theme can have', () => {
    expect(openingOf(evenly(2000, 0.01)).length).toBe(MOST_NOTES)
  })
})
