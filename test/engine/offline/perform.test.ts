import { describe, expect, test } from 'vitest'
import { paceLimit, type ScoreNote, scoreOf } from '../../../src/engine/form/score.js'
import type { StepNote } from '../../../src/engine/language/performance.js'
import { perform } from '../../../src/engine/offline/perform.js'
import { LAYOUT, loggingNetwork, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** A random score on a grid of sixteenths, with chords of up to six notes, repeated pitches and rests. */
function randomScore(seed: number, chords = 40): ScoreNote[] {
  const random = randomNumbers(seed)
  const notes: ScoreNote[] = []
  let onset = 0
  for (let n = 0; n < chords; n++) {
    const pitches = new Set(
      Array.from({ length: 1 + Math.floor(6 * random() ** 2) }, () => 40 + Math.floor(40 * random())),
    )
    for (const pitch of pitches) notes.push({ onset, pitch, length: 12 * (1 + Math.floor(4 * random())) })
    onset += 12 * (1 + Math.floor(4 * random() ** 3)) + (random() < 0.03 ? 300 : 0)
  }
  return notes
}

function performed(notes: readonly ScoreNote[], seed: number, freedom = 0.75, readers = 2): StepNote[] {
  const network = shippedNetwork('tiny')
  return perform({ network, layout: LAYOUT, seed, score: scoreOf(notes, freedom), readers })
}

/** The first strike of each chord of the score. */
function strikes(
  notes: readonly ScoreNote[],
  played: readonly StepNote[],
): { onset: number; start: number }[] {
  let from = 0
  return scoreOf(notes, 0).chords.map(({ onset, pitches }) => {
    const { start } = played[from]!
    from += pitches.length
    return { onset, start }
  })
}

describe('a performance of a score', () => {
  test.each([1, 2, 5])('strikes every note once, chord after chord, with %i readers', (readers) => {
    for (let seed = 1; seed <= 3; seed++) {
      const notes = randomScore(seed)
      const played = performed(notes, seed, 0.75, readers)
      let from = 0
      for (const { pitches } of scoreOf(notes, 0).chords) {
        const chord = played.slice(from, from + pitches.length)
        expect(chord.map(({ pitch }) => pitch).toSorted((a, b) => a - b)).toEqual(pitches)
        expect(chord.at(-1)!.start - chord[0]!.start).toBeLessThanOrEqual(4)
        expect(chord[0]!.start).toBeGreaterThanOrEqual(from === 0 ? 0 : played[from - 1]!.start + 1)
        from += pitches.length
      }
      expect(played).toHaveLength(from)
    }
  })

  test('lets notes sound for at least a click and at most until their pitch is struck again', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const last = new Map<number, StepNote>()
      for (const note of performed(randomScore(seed), seed)) {
        expect(note.end - note.start).toBeGreaterThanOrEqual(1)
        expect(note.velocity).toBeGreaterThanOrEqual(1)
        expect(note.velocity).toBeLessThanOrEqual(127)
        const before = last.get(note.pitch)
        if (before) expect(before.end).toBeLessThanOrEqual(note.start)
        last.set(note.pitch, note)
      }
    }
  })

  test.each([0, 0.5, 1])(
    'keeps its tempo within what freedom %f allows, over every two seconds',
    (freedom) => {
      for (let seed = 1; seed <= 3; seed++) {
        const notes = randomScore(seed, 60)
        const times = strikes(notes, performed(notes, seed, freedom))
        for (const [n, first] of times.entries()) {
          const last = times.find(({ onset }, m) => m > n && onset - first.onset >= 200)
          if (!last) break
          const pace = (last.start - first.start) / (last.onset - first.onset)
          // Beside the tempo itself, both strikes may be early or late by some steps.
          const jitter = 0.05 + 0.2 * freedom
          expect(pace).toBeLessThanOrEqual(paceLimit(freedom) + jitter)
          expect(pace).toBeGreaterThanOrEqual(1 / paceLimit(freedom) - jitter)
        }
      }
    },
  )

  test('is the same for the same seed, and another for another', () => {
    const notes = randomScore(1)
    expect(performed(notes, 5)).toEqual(performed(notes, 5))
    expect(performed(notes, 5)).not.toEqual(performed(notes, 6))
  })

  test('begins at step 0 and plays a single note', () => {
    const played = performed([{ onset: 700, pitch: 60, length: 50 }], 1)
    expect(played).toHaveLength(1)
    expect(played[0]).toMatchObject({ pitch: 60, start: 0 })
  })

  test('plays a chord of more notes than two hands strike', () => {
    const notes = Array.from({ length: 60 }, (_, n) => ({ onset: 0, pitch: 30 + n, length: 40 }))
    expect(
      performed(notes, 1)
        .map(({ pitch }) => pitch)
        .toSorted(),
    ).toEqual(notes.map(({ pitch }) => pitch))
  })

  test('is loud where loudness is expected, and strikes every note all the same', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const notes = randomScore(seed).map((note) => ({
        ...note,
        loudness: { mean: note.pitch >= 60 ? 95 : 35, deviation: 6 },
      }))
      const played = performed(notes, seed)
      expect(played).toHaveLength(notes.length)
      const mean = (isHigh: boolean) => {
        const own = played.filter(({ pitch }) => pitch >= 60 === isHigh).map(({ velocity }) => velocity)
        return own.reduce((a, b) => a + b, 0) / own.length
      }
      expect(mean(true)).toBeGreaterThan(mean(false) + 30)
    }
  })

  test('tells how far it has come', () => {
    const shares: number[] = []
    const score = scoreOf(randomScore(1, 10), 0.5)
    perform({ network: shippedNetwork('tiny'), layout: LAYOUT, seed: 1, score, readers: 1 }, (share) =>
      shares.push(share),
    )
    expect(shares).toHaveLength(score.chords.length)
    expect(shares.at(-1)).toBe(1)
  })

  test('plays on with a network whose logits are no numbers', () => {
    const { network } = loggingNetwork(17, (logits) => logits.fill(Number.NaN))
    const score = scoreOf(randomScore(1, 10), 0.5)
    const count = score.chords.reduce((sum, { pitches }) => sum + pitches.length, 0)
    expect(perform({ network, layout: LAYOUT, seed: 1, score, readers: 2 })).toHaveLength(count)
  })
})

describe('a score', () => {
  test('strikes a pitch once at a time, as long as its longest note, and counts from its first note', () => {
    const notes = [
      { onset: 30, pitch: 64, length: 10 },
      { onset: 30, pitch: 60, length: 10 },
      { onset: 20, pitch: 60, length: 10 },
      { onset: 30, pitch: 64, length: 25 },
    ]
    expect(scoreOf(notes, 0).chords).toEqual([
      { onset: 0, pitches: [60], lengths: [10] },
      { onset: 10, pitches: [60, 64], lengths: [10, 25] },
    ])
  })
})
