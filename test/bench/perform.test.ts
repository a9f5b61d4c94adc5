import { describe, expect, test } from 'vitest'
import { flatten } from '../../bench/flattened-scores.js'
import { correlation, deviationOf, matched, timingDeviations } from '../../bench/perform-measures.js'
import type { StepNote } from '../../src/engine/language/performance.js'
import { randomNumbers } from '../helpers/random-numbers.js'

/** A melody of eighths and sixteenths in chords of two, whose sixteenths last `period(n)` steps, with `jitter` steps of chance. */
function played(period: (n: number) => number, jitter = 0) {
  const random = randomNumbers(7)
  const notes: StepNote[] = []
  const places: number[] = []
  let at = 0
  let place = 0
  for (let n = 0; n < 80; n++) {
    const start = Math.round(at + jitter * (random() - 0.5))
    for (const pitch of [48 + (n % 7), 60 + (n % 12)]) {
      notes.push({ pitch, velocity: 40 + (n % 50), start, end: start + 10 })
    }
    places.push(place)
    const count = n % 3 === 0 ? 1 : 2
    place += count
    at += count * period(n)
  }
  return { notes, places }
}

describe('a flattened performance', () => {
  test.each([
    ['an even one', () => 12, 0],
    ['one with uneven strikes', () => 14, 3],
    ['one that gets slower by half', (n: number) => 11 + n * 0.07, 1],
  ] as const)('lies on its sixteenths: %s', (_, period, jitter) => {
    const { notes, places } = played(period, jitter)
    const { score, played: own } = flatten(notes, 0.5)
    const length = score.chords[1]!.onset / places[1]!
    expect(score.chords.map(({ onset }) => onset / length)).toEqual(places)
    expect(own.map(({ velocity }) => velocity)).toEqual(notes.map(({ velocity }) => velocity))
  })
})

describe('the measures of a performance', () => {
  test('every note is found once; one that is missing or too many is counted', () => {
    const { notes } = played(() => 12)
    const flattened = flatten(notes, 0.5)
    expect(matched(flattened, notes)).toMatchObject({ lost: 0, added: 0 })
    const extra = { pitch: 100, velocity: 64, start: 5, end: 9 }
    expect(matched(flattened, [extra, ...notes])).toMatchObject({ lost: 0, added: 1 })
    expect(matched(flattened, notes.slice(0, -1))).toMatchObject({ lost: 1, added: 0 })
  })

  test('correlation is 1 for the same, -1 for the opposite, and 0 where nothing varies', () => {
    expect(correlation([1, 2, 4], [10, 20, 40])).toBeCloseTo(1, 12)
    expect(correlation([1, 2, 4], [-1, -2, -4])).toBeCloseTo(-1, 12)
    expect(correlation([1, 2, 4], [5, 5, 5])).toBe(0)
  })

  test('an even tempo of any pace leaves no deviations, and a shift of single strikes leaves theirs', () => {
    const onsets = Array.from({ length: 200 }, (_, n) => 12 * n)
    const even = timingDeviations(
      onsets,
      onsets.map((onset) => 1.3 * onset + 50),
    )
    expect(deviationOf(even)).toBeLessThan(1e-6)
    const uneven = timingDeviations(
      onsets,
      onsets.map((onset, n) => onset + (n % 2 === 0 ? 3 : -3)),
    )
    expect(deviationOf(uneven)).toBeCloseTo(3, 0)
  })
})
