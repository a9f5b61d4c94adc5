import { expect, test } from 'vitest'
import { createClockGenerator } from '../../../src/engine/clock/clock-generator.js'

test('an hour of ticks at 120 BPM: each at its exact time, none twice, none left out', () => {
  const giver = createClockGenerator(120, 0)
  let given = 0
  let worst = 0
  for (let limit = 0; limit <= 3_600_000; limit += 17) {
    for (const due of giver.ticksUntil(limit)) {
      worst = Math.max(worst, Math.abs(due - (given * 500) / 24))
      given++
    }
  }
  expect(given).toBe(172_800)
  expect(worst).toBeLessThan(1e-6)
})

test('a change of tempo goes on from the same beat', () => {
  const giver = createClockGenerator(120, 0)
  giver.ticksUntil(1010)
  giver.setTempo(60, 1010)
  expect(giver.positionAt(1010)).toBeCloseTo(2.02, 9)
  expect(giver.positionAt(2010)).toBeCloseTo(3.02, 9)
  const ticks = Array.from({ length: 20 }, (_, n) => giver.ticksUntil(1060 + 50 * n)).flat()
  const gaps = ticks.slice(1).map((due, n) => due - (ticks[n] ?? 0))
  expect(Math.max(...gaps)).toBeCloseTo(1000 / 24, 6)
  expect(ticks.length).toBe(24)
})

test('after a stall the ticks that are long past are left out, and the place is kept', () => {
  const giver = createClockGenerator(120, 0)
  giver.ticksUntil(100)
  const ticks = giver.ticksUntil(10_000)
  expect(ticks[0]).toBeGreaterThanOrEqual(9900)
  expect(ticks.length).toBeLessThanOrEqual(6)
  expect(giver.positionAt(10_000)).toBeCloseTo(20, 9)
})

test('a start is the first tick of a song; beats and bars are counted from it', () => {
  const giver = createClockGenerator(120, 0)
  giver.ticksUntil(333)
  giver.restart(340)
  expect(giver.nextTick).toBe(340)
  expect(giver.ticksUntil(340)).toEqual([340])
  expect(giver.nextMultiple(1, 340)).toBe(840)
  expect(giver.nextMultiple(4, 841)).toBe(2340)
})
