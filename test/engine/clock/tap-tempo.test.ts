import { describe, expect, it } from 'vitest'
import { createTapTempo } from '../../../src/engine/clock/tap-tempo.js'

const tapped = (...times: readonly number[]) => {
  const taps = createTapTempo()
  return times.map((at) => taps.tap(at))
}

describe('a tapped tempo', () => {
  it('is known from the second tap on', () => {
    expect(tapped(1000, 1625, 2250)).toEqual([undefined, 96, 96])
  })

  it('is that of the median of the last five times, so that one stumble does not move it', () => {
    expect(tapped(0, 500, 1000, 1700, 2200, 2700).at(-1)).toBe(120)
    expect(tapped(0, 500, 1000, 1500, 2000, 2500, 3100, 3700, 4300, 4900).at(-1)).toBe(100)
  })

  it('begins anew after two seconds, and stays within the limits of the control', () => {
    expect(tapped(0, 500, 1000, 3001, 3601)).toEqual([undefined, 120, 120, undefined, 100])
    expect(tapped(0, 50)).toEqual([undefined, 300])
    expect(tapped(100, 100)).toEqual([undefined, undefined])
  })
})
