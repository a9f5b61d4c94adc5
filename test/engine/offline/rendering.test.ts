import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import type { CollectedNote } from '../../../src/engine/offline/note-collector.js'
import { render } from '../../../src/engine/offline/rendering.js'
import type { GivenNote } from '../../../src/engine/surface/commands.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

const SEEDS = [1, 2, 3, 4]
const DURATION = 21_000

/** The notes of a chord are spread by 100 ms at most. */
const SPREAD_MS = 110

function rendered(
  seed: number,
  controls: Partial<Controls>,
  duration = DURATION,
  theme?: readonly GivenNote[],
): CollectedNote[] {
  return render(
    {
      network: shippedNetwork('rubato-piano'),
      layout: LAYOUT,
      seed,
      controls: { ...defaultControls(), ...controls },
      ...(theme && { theme }),
    },
    duration,
  )
}

/** The pitches struck last, from the lowest to the highest. */
function lastChord(notes: readonly CollectedNote[]): number[] {
  const last = Math.max(...notes.map(({ start }) => start))
  return notes
    .filter(({ start }) => start >= last - SPREAD_MS)
    .map(({ pitch }) => pitch)
    .sort((a, b) => a - b)
}

/** The degrees of pitches above `tonic`, each once. */
const degrees = (pitches: readonly number[], tonic: number) =>
  [...new Set(pitches.map((pitch) => (pitch - tonic + 120) % 12))].sort((a, b) => a - b)

describe('music that is rendered with memory', () => {
  test.each(SEEDS)(
    'ends with the tonic chord of the key asked for, which rings out in time (seed %i)',
    (seed) => {
      const [scale, third] = seed % 2 === 0 ? (['major', 4] as const) : (['minor', 3] as const)
      const notes = rendered(seed, { key: 'D', scale })
      const chord = lastChord(notes)
      expect(degrees(chord, 2)).toEqual([0, third, 7])
      expect(chord[0]! % 12).toBe(2)
      expect(chord.length).toBeGreaterThanOrEqual(4)
      const [end, last] = [notes.map((note) => note.end), notes.map((note) => note.start)].map((times) =>
        Math.max(...times),
      )
      expect(end).toBeLessThan(DURATION)
      expect(end! - last!).toBeGreaterThan(1500)
      expect(DURATION - end!).toBeLessThan(3500)
    },
  )

  test.each(SEEDS)('ends with a tonic chord also where it chooses the key itself (seed %i)', (seed) => {
    const chord = lastChord(rendered(seed, {}))
    const [, third, ...rest] = degrees(chord, chord[0]!)
    expect([3, 4]).toContain(third)
    expect(rest).toEqual([7])
  })

  test('is as it was up to the end, and plays a theme that it is given', () => {
    const theme = Array.from({ length: 24 }, (_, n) => ({ onset: 30 * n, pitch: 60 + [0, 4, 7, 12][n % 4]! }))
    const [plain, given] = [rendered(3, {}), rendered(3, {}, DURATION, theme)]
    expect(given).not.toEqual(plain)
    expect(rendered(3, {}, DURATION, theme)).toEqual(given)
  })

  test.each([
    ['without memory', { memory: 0 }, DURATION],
    ['when it is too short for it', {}, 10_000],
    ['in a mode in which the pianist waits for a player', { mode: 'answer' as const }, DURATION],
  ])('has no cadence %s: longer music is the same up to there', (_, controls, duration) => {
    const [short, long] = [rendered(5, controls, duration), rendered(5, controls, duration + 5000)]
    const begun = (notes: readonly CollectedNote[]) =>
      notes
        .filter(({ start }) => start < duration)
        .map(({ pitch, velocity, start }) => ({ pitch, velocity, start }))
    expect(begun(long)).toEqual(begun(short))
  })
})
