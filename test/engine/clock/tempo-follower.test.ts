import { describe, expect, test } from 'vitest'
import { TempoFollower } from '../../../src/engine/clock/tempo-follower.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const JITTER_MS = 3

/** Numbers from a normal distribution (Box & Muller 1958). */
function normalNumbers(seed: number): () => number {
  const random = randomNumbers(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Times of ticks at the tempo that `tempoAt` has, from 0 on; each arrives with jitter, in order. */
function ticks(tempoAt: (ms: number) => number, end: number, seed: number) {
  const normal = normalNumbers(seed)
  const list: { readonly due: number; readonly at: number; readonly place: number }[] = []
  let last = 0
  for (let due = 0, place = 0; due < end; due += 60_000 / (24 * tempoAt(due)), place++) {
    last = Math.max(last, due + JITTER_MS * normal())
    list.push({ due, at: last, place })
  }
  return list
}

const SEEDS = [1, 2, 3, 4, 5]

describe('a clock with 3 ms of jitter', () => {
  test.each([60, 90, 120, 150, 180])(
    'at %d BPM is known to 0.2 BPM after two bars and from then on',
    (tempo) => {
      for (const seed of SEEDS) {
        const follower = new TempoFollower()
        for (const { at, place } of ticks(() => tempo, 30_000, seed)) {
          follower.tick(at)
          if (place >= 24 * 8) expect(Math.abs((follower.tempo(at) ?? 0) - tempo)).toBeLessThan(0.2)
        }
      }
    },
  )

  test.each([
    ['60 to 180', (ms: number) => 60 + ms / 500],
    ['180 to 60', (ms: number) => 180 - ms / 500],
    ['120', () => 120],
  ])('going %s BPM in a minute is in phase: p95 under 5 ms after two bars', (_, tempoAt) => {
    const off: number[] = []
    for (const seed of SEEDS) {
      const follower = new TempoFollower()
      follower.start()
      for (const { due, at, place } of ticks(tempoAt, 60_000, seed)) {
        follower.tick(at)
        const position = follower.positionAt(due) ?? Number.NaN
        if (place >= 24 * 8) off.push((Math.abs(position - place / 24) * 60_000) / tempoAt(due))
      }
    }
    const p95 = off.sort((a, b) => a - b)[Math.floor(0.95 * off.length)]
    expect(p95).toBeLessThan(5)
    expect(off.length).toBeGreaterThan(5000)
  })

  test('that stops is gone 250 ms after its last tick, and found again when it comes back', () => {
    const follower = new TempoFollower()
    for (const { at } of ticks(() => 120, 5000, 1)) follower.tick(at)
    expect(follower.tempo(5200)).toBeGreaterThan(119)
    expect(follower.tempo(5270)).toBeUndefined()
    expect(follower.positionAt(5270)).toBeUndefined()
    for (const { at } of ticks(() => 90, 3000, 2)) follower.tick(10_000 + at)
    expect(follower.tempo(13_000)).toBeCloseTo(90, 0)
  })
})

describe('outliers', () => {
  const exact = (from: number, count: number, period: number) =>
    Array.from({ length: count }, (_, n) => from + n * period)

  test('a tick held up by 60 ms, with those after it in a burst, changes neither tempo nor place', () => {
    const follower = new TempoFollower()
    follower.start()
    const times = exact(0, 240, 20)
    for (const [n, at] of times.entries()) follower.tick(n >= 200 && n < 203 ? times[203]! : at)
    expect(follower.tempo(4780)).toBeCloseTo(125, 1)
    expect(follower.positionAt(4780)).toBeCloseTo(239 / 24, 2)
  })

  test('lost ticks count for the place in the song', () => {
    const follower = new TempoFollower()
    follower.start()
    for (const [n, at] of exact(0, 300, 20).entries()) if (n < 200 || n > 201) follower.tick(at)
    expect(follower.positionAt(299 * 20)).toBeCloseTo(299 / 24, 2)
  })

  test('a leap from 120 to 90 BPM is followed within a bar, and no tick is lost over it', () => {
    const follower = new TempoFollower()
    follower.start()
    for (const at of exact(0, 240, 500 / 24)) follower.tick(at)
    for (const [n, at] of exact(5000, 96, 60_000 / 90 / 24).entries()) {
      follower.tick(at)
      if (n === 95) {
        expect(follower.tempo(at)).toBeCloseTo(90, 1)
        expect(follower.positionAt(at)).toBeCloseTo(10 + 95 / 24, 1)
      }
    }
  })
})

describe('a clock that comes in bursts', () => {
  test('whose first ticks have the same time is found by those after them', () => {
    const follower = new TempoFollower()
    for (let n = 0; n < 6; n++) follower.tick(1000)
    expect(follower.tempo(1000)).toBeUndefined()
    for (let n = 1; n < 48; n++) follower.tick(1000 + 20 * n)
    expect(follower.tempo(1940)).toBeCloseTo(125, 6)
  })

  test.each([4, 6, 10])('after a stall of %d ticks keeps its tempo and its place', (held) => {
    const follower = new TempoFollower()
    follower.start()
    for (let n = 0; n < 400; n++) {
      const due = 20 * n
      const isHeld = n >= 300 && n < 300 + held
      follower.tick(isHeld ? 20 * (300 + held) - 0.3 * (300 + held - n) : due)
      if (n < 100) continue
      expect(follower.tempo(due) ?? 0).toBeGreaterThan(110)
      expect(follower.tempo(due) ?? 0).toBeLessThan(140)
    }
    expect(follower.tempo(399 * 20)).toBeCloseTo(125, 0)
    expect(follower.positionAt(399 * 20)).toBeCloseTo(399 / 24, 1)
  })

  test.each([10.67, 23.22])(
    'in steps of an audio buffer of %f ms is known to 1 BPM after two bars',
    (step) => {
      for (const tempo of [90, 120, 150]) {
        const follower = new TempoFollower()
        for (let n = 0; n < 2000; n++) {
          const at = Math.ceil((n * 2500) / tempo / step - 1e-9) * step
          follower.tick(at)
          if (n >= 192) expect(Math.abs((follower.tempo(at) ?? 0) - tempo)).toBeLessThan(1)
        }
      }
    },
  )
})

describe('the place in the song', () => {
  function running(start?: 'start') {
    const follower = new TempoFollower()
    if (start) follower.start()
    for (let n = 0; n < 48; n++) follower.tick(n * 20)
    return follower
  }

  test('is counted from the first tick after start, and stays after stop', () => {
    const follower = running('start')
    expect(follower.positionAt(47 * 20)).toBeCloseTo(47 / 24, 6)
    follower.stop()
    expect(follower.positionAt(47 * 20)).toBeUndefined()
    expect(follower.tempo(47 * 20)).toBeCloseTo(125, 6)
    for (let n = 48; n < 60; n++) follower.tick(n * 20)
    follower.continue()
    follower.tick(60 * 20)
    expect(follower.positionAt(60 * 20)).toBeCloseTo(48 / 24, 6)
  })

  test('runs from the first tick on if no start has ever come', () => {
    expect(running().positionAt(47 * 20)).toBeCloseTo(47 / 24, 6)
  })

  test('is set by a song position, at which the next tick is', () => {
    const follower = running('start')
    follower.stop()
    follower.locate(32)
    follower.continue()
    follower.tick(48 * 20)
    expect(follower.positionAt(48 * 20)).toBeCloseTo(8, 6)
  })

  test('the next beat and the next bar are where the ticks will be', () => {
    const follower = running('start')
    expect(follower.nextMultiple(1, 30 * 20)).toBeCloseTo(48 * 20, 6)
    expect(follower.nextMultiple(4, 47 * 20)).toBeCloseTo(96 * 20, 6)
    expect(follower.nextMultiple(1, 24 * 20)).toBeCloseTo(48 * 20, 6)
  })
})
