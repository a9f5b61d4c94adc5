import { expect, test } from 'vitest'
import { createClockGenerator } from '../../../src/engine/clock/clock-generator.js'

test('an hour of ticks at 120 BPM: each at its exact time, none twice, none left out', () => {
  const generator = createClockGenerator(120, 0)
  let given = 0
  let worst = 0
  for (let limit = 0; limit <= 3_600_000; limit += 17) {
    for (const due of generator.ticksUntil(limit)) {
      worst = Math.max(worst, Math.abs(due - (given * 500) / 24))
      given++
    }
  }
  expect(given).toBe(172_800)
  expect(worst).toBeLessThan(1e-6)
})

test('a change of tempo goes on from the same beat', () => {
  const generator = createClockGenerator(120, 0)
  generator.ticksUntil(1010)
  generator.setTempo(60, 1010)
  expect(generator.positionAt(1010)).toBeCloseTo(2.02, 9)
  expect(generator.positionAt(2010)).toBeCloseTo(3.02, 9)
  const ticks = Array.from({ length: 20 }, (_, n) => generator.ticksUntil(1060 + 50 * n)).flat()
  const gaps = ticks.slice(1).map((due, n) => due - (ticks[n] ?? 0))
  expect(Math.max(...gaps)).toBeCloseTo(1000 / 24, 6)
  expect(ticks.length).toBe(24)
})

test('after a stall the ticks that are long overdue are left out, and the place stays right', () => {
  const generator = createClockGenerator(120, 0)
  generator.ticksUntil(100)
  const ticks = generator.ticksUntil(10_000)
  expect(ticks[0]).toBeGreaterThanOrEqual(9900)
  expect(ticks.length).toBeLessThanOrEqual(6)
  expect(generator.positionAt(10_000)).toBeCloseTo(20, 9)
})

test('a start is the first tick of a song; beats and bars are counted from it', () => {
  const generator = createClockGenerator(120, 0)
  generator.ticksUntil(333)
  generator.restart(340)
  expect(generator.nextTick).toBe(340)
  expect(generator.ticksUntil(340)).toEqual([340])
  expect(generator.nextMultiple(1, 340)).toBe(840)
  expect(generator.nextMultiple(4, 841)).toBe(2340)
})
