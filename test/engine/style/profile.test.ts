import { describe, expect, test } from 'vitest'
import type { StepNote } from '../../../src/engine/language/performance.js'
import { profileOf } from '../../../src/engine/style/measure.js'
import { NEUTRAL_PROFILE } from '../../../src/engine/style/neutral-profile.js'
import {
  checkProfile,
  intervalShare,
  parseProfile,
  registerShare,
  SHARE_NAMES,
  velocityShare,
  waitShare,
} from '../../../src/engine/style/profile.js'

/** A scale of C major up and down, a note every 200 ms, each 100 ms long and of velocity 41. */
function scale(count: number): StepNote[] {
  const steps = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62]
  return Array.from({ length: count }, (_, n) => ({
    pitch: steps[n % steps.length]!,
    velocity: 41,
    start: 20 * n,
    end: 20 * n + 10,
  }))
}

/** Two notes at a time that sound until the next two. */
function thirds(count: number): StepNote[] {
  return Array.from({ length: count }, (_, n) => [
    { pitch: 60 + (n % 5), velocity: 80, start: 50 * n, end: 50 * n + 50 },
    { pitch: 64 + (n % 5), velocity: 80, start: 50 * n, end: 50 * n + 50 },
  ]).flat()
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

describe('the profile of a performance', () => {
  test('of many notes is what was played', () => {
    const profile = profileOf(scale(20_000))
    expect(profile.notes).toBe(20_000)
    expect(profile.density).toBeCloseTo(5, 1)
    expect(profile.velocity).toBeCloseTo(41, 0)
    expect(profile.velocitySpread).toBeLessThan(0.1)
    expect([profile.lowPitch, profile.highPitch].map(Math.round)).toEqual([62, 71])
    expect(profile.articulation).toBeCloseTo(0.5, 2)
    expect(profile.noteLength).toBeCloseTo(0.1, 2)
    expect(profile.chordShare).toBeLessThan(0.01)
    expect(profile.velocities[velocityShare(11)]).toBeGreaterThan(0.98)
    expect(profile.waits[waitShare(10)]).toBeGreaterThan(0.98)
    expect(profile.registers[registerShare(62)]).toBeCloseTo(1 / 2, 2)
    // Not one note of a scale is a semitone above the tonic.
    expect(profile.degrees[1]).toBeLessThan(0.01)
  })

  test('knows chords and the intervals within them', () => {
    const profile = profileOf(thirds(2000))
    expect(profile.chordShare).toBeCloseTo(0.5, 1)
    expect(profile.articulation).toBeCloseTo(1, 1)
    expect(profile.intervals[intervalShare(4)]).toBeGreaterThan(0.9)
  })

  test('is the same wherever the performance begins in time', () => {
    const later = scale(50).map((note) => ({ ...note, start: note.start + 700, end: note.end + 700 }))
    expect(profileOf(later)).toEqual(profileOf(scale(50)))
  })

  test('has the same scale steps and intervals in every key', () => {
    const higher = scale(50).map((note) => ({ ...note, pitch: note.pitch + 5 }))
    expect(profileOf(higher).degrees).toEqual(profileOf(scale(50)).degrees)
    expect(profileOf(higher).intervals).toEqual(profileOf(scale(50)).intervals)
  })

  test('of nothing is the neutral one, and goes from there to the performance with every note', () => {
    expect(profileOf([])).toEqual({ ...NEUTRAL_PROFILE, notes: 0 })
    const velocities = [1, 20, 60, 500, 5000].map((count) => profileOf(scale(count)).velocity)
    expect(velocities).toEqual(velocities.toSorted((a, b) => b - a))
    expect(velocities[0]).toBeGreaterThan(63)
    expect(velocities[1]).toBeCloseTo((30 * NEUTRAL_PROFILE.velocity + 20 * 41) / 50, 9)
  })

  test('has shares that sum to 1', () => {
    for (const profile of [profileOf([]), profileOf(scale(1)), profileOf(thirds(30))])
      for (const name of SHARE_NAMES) expect(sum(profile[name])).toBeCloseTo(1, 2)
  })
})

describe('a profile from outside', () => {
  const profile = profileOf(thirds(40))

  test('is read back as it was written', () => {
    expect(parseProfile(JSON.stringify(profile), 'It')).toEqual(profile)
    expect(checkProfile(NEUTRAL_PROFILE, 'It')).toEqual(NEUTRAL_PROFILE)
  })

  const without = (name: string) =>
    Object.fromEntries(Object.entries(profile).filter(([key]) => key !== name))
  test.each([
    ['no object', [], "It isn't a style: it should be an object of numbers."],
    ['a strange name', { ...profile, tempo: 3 }, 'It has "tempo", which no style has.'],
    [
      'a figure missing',
      without('density'),
      'It has nothing as density; it should be a number from 0.01 to 100.',
    ],
    [
      'a figure as text',
      { ...profile, velocity: '64' },
      'It has "64" as velocity; it should be a number from 1 to 127.',
    ],
    [
      'a figure that is no number',
      { ...profile, velocity: Number.NaN },
      'It has null as velocity; it should be a number from 1 to 127.',
    ],
    [
      'a figure out of range',
      { ...profile, chordShare: 1.5 },
      'It has 1.5 as chordShare; it should be a number from 0 to 1.',
    ],
    ['shares missing', without('waits'), 'It should have 10 numbers as waits.'],
    ['too few shares', { ...profile, degrees: [1] }, 'It should have 24 numbers as degrees.'],
    [
      'a share below 0',
      { ...profile, waits: [-1, ...profile.waits.slice(1)] },
      'It has -1 among waits; shares are numbers from 0 to 1.',
    ],
    [
      'shares of another sum',
      { ...profile, waits: profile.waits.map(() => 0.5) },
      'It has waits that sum to 5.000; shares should sum to 1.',
    ],
  ])('is refused with its reason: %s', (_, value, reason) => {
    expect(() => checkProfile(value, 'It')).toThrow(reason)
  })

  test('that is no JSON, or gives a name twice, is refused', () => {
    expect(() => parseProfile('{', 'The style')).toThrow("The style isn't valid JSON.")
    expect(() => parseProfile('{"notes": 1, "notes": 2}', 'The style')).toThrow('The style gives the key')
  })
})
