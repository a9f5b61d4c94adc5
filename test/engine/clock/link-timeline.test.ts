import { expect, test } from 'vitest'
import {
  firstTimeline,
  inNewSession,
  type LinkTimeline,
  microBeatsAt,
  songAt,
  tempoOf,
  withinLimits,
  withTempo,
} from '../../../src/engine/clock/link-timeline.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const TIMELINE: LinkTimeline = { microsPerBeat: 500_000, beatOrigin: 8_000_000, timeOrigin: 4_000_000 }

test('a session begins with its beat 0 at its time 0', () => {
  expect(firstTimeline(120)).toEqual({ microsPerBeat: 500_000, beatOrigin: 0, timeOrigin: 0 })
})

test('the place in the song and the tempo follow from the timeline, and process time from the offset', () => {
  expect(microBeatsAt(TIMELINE, 4_250_000)).toBe(8_500_000)
  expect(songAt(TIMELINE, 1_000_000, 3_250)).toEqual({ kind: 'timeline', at: 3_250, beat: 8.5, tempo: 120 })
})

test('a change of tempo leaves the place where it is, and its origin is past the one before, whenever it comes', () => {
  const random = randomNumbers(1)
  let timeline = TIMELINE
  for (let n = 0; n < 1000; n++) {
    // Some changes come before the origin, as from a peer whose clock was measured a little differently.
    const ghost = timeline.timeOrigin + Math.round(1_000_000 * (random() - 0.2))
    const next = withTempo(timeline, 20 + 300 * random(), ghost)
    expect(next.beatOrigin).toBeGreaterThan(timeline.beatOrigin)
    expect(
      Math.abs(microBeatsAt(next, next.timeOrigin) - microBeatsAt(timeline, next.timeOrigin)),
    ).toBeLessThan(9)
    timeline = next
  }
})

test('tempi beyond the limits of a session are taken for the nearest within', () => {
  expect(tempoOf(withTempo(TIMELINE, 5, 0))).toBe(20)
  expect(tempoOf(withinLimits({ ...TIMELINE, microsPerBeat: 1 }))).toBeCloseTo(999, 2)
  expect(withinLimits(TIMELINE)).toEqual(TIMELINE)
})

test('in a session of one’s own the song goes on from its place', () => {
  const alone = inNewSession(TIMELINE, 5_000_000)
  expect(microBeatsAt(alone, 0)).toBe(microBeatsAt(TIMELINE, 5_000_000))
  expect(microBeatsAt(alone, 700_000)).toBe(microBeatsAt(TIMELINE, 5_700_000))
})
