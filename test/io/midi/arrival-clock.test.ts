import { describe, expect, it } from 'vitest'
import { ArrivalClock } from '../../../src/io/midi/arrival-clock.js'

describe('arrival times', () => {
  it('are never in the future, never go back, and have the spacing of the driver when callbacks are late', () => {
    const clock = new ArrivalClock()
    let state = 5
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return (state >>> 0) / 2 ** 32
    }
    let worst = 0
    let last = Number.NEGATIVE_INFINITY
    for (let n = 0; n < 5000; n++) {
      const truth = 1000 + n * 10
      // Callbacks are 0-5 ms late, and some are on time.
      const now = truth + (random() < 0.05 ? 0 : random() * 5)
      const stamp = clock.stamp(n === 0 ? 0 : 10, now)
      expect(stamp).toBeLessThanOrEqual(now)
      expect(stamp).toBeGreaterThanOrEqual(last)
      last = stamp
      if (n > 200) worst = Math.max(worst, Math.abs(stamp - truth))
    }
    expect(worst).toBeLessThan(0.5)
  })

  it('follow the clock of a driver that runs 50 ppm slow', () => {
    const clock = new ArrivalClock()
    let stamp = 0
    for (let n = 0; n < 100_000; n++) stamp = clock.stamp(n === 0 ? 0 : 10, n * 10 * 1.00005)
    expect(99_999 * 10 * 1.00005 - stamp).toBeLessThan(1)
  })

  it('are matched to our clock anew when the deltas no longer fit', () => {
    const clock = new ArrivalClock()
    clock.stamp(0, 1000)
    expect(clock.stamp(1, 9000)).toBe(9000)
    expect(clock.stamp(1, 9001)).toBe(9001)
    expect(clock.stamp(Number.NaN, 9050)).toBeLessThanOrEqual(9050)
  })
})
