import { describe, expect, test } from 'vitest'
import { densityNow, loudnessNow } from '../../../src/engine/ensemble/playing-now.js'
import { SoundingChord } from '../../../src/engine/ensemble/sounding-chord.js'

const every = (gap: number, count: number, chord = 1, velocity = 60) =>
  Array.from({ length: count * chord }, (_, n) => ({
    at: Math.floor(n / chord) * gap + 5 * (n % chord),
    pitch: 60 + (n % chord),
    velocity,
  }))

describe('the density of the player', () => {
  test.each([
    ['a note every 100 ms', 100, 1, 10],
    ['a note every 500 ms', 500, 1, 2],
    ['four voices every 2.4 s', 2400, 4, 4 / 2.4],
    ['two voices every 300 ms', 300, 2, 20 / 3],
  ])('of %s is told just after a strike and up to the next', (_, gap, chord, wanted) => {
    const strikes = every(gap, 20, chord).filter(({ at }) => at < 8000)
    const last = strikes.at(-1)?.at ?? 0
    for (const share of [0, 0.5, 0.95]) {
      const density = densityNow(strikes, last + share * gap)
      expect(density / wanted).toBeGreaterThan(0.85)
      expect(density / wanted).toBeLessThan(1.15)
    }
  })

  test('falls while nothing is struck, never rises by waiting, and is 0 without strikes', () => {
    const strikes = every(100, 40)
    let before = Number.POSITIVE_INFINITY
    for (let at = 3900; at < 12_000; at += 50) {
      const density = densityNow(strikes, at)
      expect(density).toBeLessThanOrEqual(before + 1e-9)
      before = density
    }
    expect(before).toBeLessThan(1)
    expect(densityNow([], 1000)).toBe(0)
  })

  test('has followed a change two seconds later', () => {
    const slow = every(1000, 6)
    const fast = every(100, 21).map((strike) => ({ ...strike, at: strike.at + 6000 }))
    expect(densityNow([...slow, ...fast], 8000)).toBeGreaterThan(9)
    expect(
      densityNow([...fast, ...slow.map((strike) => ({ ...strike, at: strike.at + 9000 }))], 11_000),
    ).toBeLessThan(2)
  })
})

test('the loudness is the mean of the last two seconds', () => {
  expect(loudnessNow([])).toBe(0)
  const soft = every(500, 6, 1, 30)
  const loud = every(500, 5, 1, 90).map((strike) => ({ ...strike, at: strike.at + 3000 }))
  expect(loudnessNow([...soft, ...loud])).toBe(90)
})

describe('the chord that sounds', () => {
  const classes = ({ weights }: SoundingChord) =>
    [...weights].flatMap((weight, pc) => (weight > 0 ? [pc] : []))
  const strike = (at: number, pitch: number) => ({ at, pitch, velocity: 60 })

  test('is what is held; of a broken chord all that was struck in 2 s', () => {
    const chord = new SoundingChord()
    chord.update([60, 64, 67], true, [strike(0, 60), strike(0, 64), strike(0, 67)], 0)
    expect(classes(chord)).toEqual([0, 4, 7])
    chord.update([62], true, [strike(0, 60), strike(2500, 65), strike(3000, 62)], 3000)
    expect(classes(chord)).toEqual([2, 5])
    expect(chord.changedAt).toBe(3000)
  })

  test('stays while its keys come up one by one, and changes with the next key', () => {
    const chord = new SoundingChord()
    chord.update([60, 64, 67], true, [strike(0, 60), strike(0, 64), strike(0, 67)], 0)
    chord.update([60, 64], false, [], 3000)
    chord.update([60], false, [], 3100)
    chord.update([], false, [], 3200)
    expect(classes(chord)).toEqual([0, 4])
    chord.update([62], true, [strike(4000, 62)], 4000)
    expect(classes(chord)).toEqual([2])
    chord.forget()
    expect(classes(chord)).toEqual([])
  })
})
