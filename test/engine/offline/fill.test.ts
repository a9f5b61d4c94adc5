import { describe, expect, test } from 'vitest'
import { binVelocity, velocityBin } from '../../../src/engine/language/events.js'
import type { Note } from '../../../src/engine/language/performance.js'
import { beginContinuation } from '../../../src/engine/offline/continuation.js'
import { type FillOptions, fillGap } from '../../../src/engine/offline/fill.js'
import { cutGap } from '../../../src/engine/offline/gap.js'
import { gapOutlook } from '../../../src/engine/offline/gap-outlook.js'
import { GapPolicy } from '../../../src/engine/offline/gap-policy.js'
import { decodePerformance } from '../../helpers/event-language.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const network = shippedNetwork('tiny')
const SEEDS = Array.from({ length: 8 }, (_, seed) => seed)

/** 30 s of random notes at times between the steps, none of which overlaps another of its pitch. */
function performanceOf(seed: number): Note[] {
  const random = randomNumbers(seed)
  const free = new Map<number, number>()
  const notes: Note[] = []
  for (let at = 700.3; at < 30_000; at += 400 * random()) {
    const pitch = 40 + Math.floor(48 * random())
    if ((free.get(pitch) ?? 0) > at) continue
    const end = at + 11 + (random() < 0.2 ? 6000 : 800) * random()
    notes.push({ pitch, velocity: 1 + Math.floor(127 * random()), start: at, end })
    free.set(pitch, end)
  }
  return notes
}

const fill = (options: Partial<FillOptions> & { readonly notes: readonly Note[] }) =>
  fillGap({ network, layout: LAYOUT, seed: 1, candidates: 3, from: 10_000, to: 14_005, ...options })

const key = ({ pitch, velocity, start, end }: Note) => `${pitch} ${velocity} ${start} ${end}`

describe('a filled gap', () => {
  test.each(SEEDS)(
    'leaves all notes outside it as they were, but for those that ring far into it (%i)',
    (seed) => {
      const notes = performanceOf(seed)
      const filled = fill({ notes, seed }).notes
      const outside = notes.filter(({ start }) => start < 10_000 || start >= 14_005)
      const still = new Set(filled.map(key))
      for (const note of outside) {
        if (note.start < 10_000 && note.end > 13_000) {
          const kept = filled.find(({ pitch, start }) => pitch === note.pitch && start === note.start)
          expect(kept?.end).toBeLessThanOrEqual(note.end)
          expect(kept?.velocity).toBe(note.velocity)
        } else expect(still).toContain(key(note))
      }
      expect(filled.filter(({ start }) => start < 10_000 || start >= 14_005)).toHaveLength(outside.length)
    },
  )

  test.each(SEEDS)('has no two notes of a pitch that overlap, and none without length (%i)', (seed) => {
    const last = new Map<number, number>()
    const { notes, played } = fill({ notes: performanceOf(seed), seed })
    expect(played).toBeGreaterThan(0)
    for (const { pitch, start, end } of notes) {
      expect(start).toBeGreaterThanOrEqual(last.get(pitch) ?? 0)
      expect(end).toBeGreaterThan(start)
      last.set(pitch, end)
    }
  })

  test('ends its notes within 3 s after the first note that follows it', () => {
    const notes = performanceOf(4)
    const { notes: filled } = fill({ notes })
    const joint = notes.find(({ start }) => start >= 14_005)!.start
    const inside = filled.filter(({ start }) => start >= 10_000 && start < 14_005)
    expect(inside.length).toBeGreaterThan(0)
    for (const { end } of inside) expect(end).toBeLessThanOrEqual(joint + 3010)
  })

  test('is the same for a seed, and another for another', () => {
    const notes = performanceOf(5)
    expect(fill({ notes })).toEqual(fill({ notes }))
    expect(fill({ notes, seed: 2 }).notes).not.toEqual(fill({ notes }).notes)
  })

  test("doesn't depend on what was in it", () => {
    const notes = performanceOf(6)
    const emptied = notes.filter(({ start }) => start < 10_000 || start >= 14_005)
    expect(fill({ notes })).toEqual(fill({ notes: emptied }))
  })

  test('keeps a way that is no less likely than the median one', () => {
    for (const seed of SEEDS.slice(0, 4)) {
      const { nats, medianNats } = fill({ notes: performanceOf(seed), seed, candidates: 8, to: 13_000 })
      expect(nats).toBeLessThanOrEqual(medianNats)
    }
  })

  test('is filled from silence where nothing is before it', () => {
    const notes = performanceOf(7)
    const { notes: filled, played } = fill({ notes, from: 0, to: 5000 })
    expect(played).toBeGreaterThan(0)
    expect(filled.filter(({ start }) => start >= 5000)).toEqual(notes.filter(({ start }) => start >= 5000))
  })

  test('reaches over a long silence to the note that follows it', () => {
    const last = { pitch: 60, velocity: 64, start: 90_000, end: 91_000 }
    const { notes } = fill({ notes: [...performanceOf(7), last], from: 29_000, to: 32_000 })
    expect(notes.at(-1)).toEqual(last)
    expect(notes.filter(({ start }) => start >= 32_000)).toEqual([last])
  })

  test('reports all of its progress once', () => {
    const shares: number[] = []
    fillGap(
      { network, layout: LAYOUT, seed: 1, candidates: 2, notes: performanceOf(8), from: 3000, to: 15_000 },
      (share) => shares.push(share),
    )
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
  })
})

describe('the rules of a gap', () => {
  test.each(SEEDS)('have the network hear both sides as they are (%i)', (seed) => {
    const gap = cutGap(performanceOf(seed), 10_000, 14_005)
    const settings = {
      temperature: 1,
      pitchTemperature: 1,
      timingTemperature: 1,
      dynamicsTemperature: 1,
      topP: 1,
    }
    const policy = new GapPolicy(gap, gapOutlook(gap, LAYOUT), settings)
    const going = beginContinuation({ network, policy, seed })
    for (const event of gap.heard) going.hear(event)
    while (!policy.isOver(going.moment)) going.sample()
    const heard = decodePerformance(going.events())
    const binned = (velocity: number) => binVelocity(velocityBin(velocity))
    const known = [
      ...gap.left.filter(({ pitch, end }) => gap.endsBy[pitch] === 0 || end < gap.from),
      ...gap.right,
    ].map((note) => ({ ...note, velocity: binned(note.velocity) }))
    for (const note of known) expect(heard).toContainEqual(note)
    const rest = heard.filter(({ start }) => start > gap.from && start < gap.joint)
    for (const { start } of rest) expect(start).toBeLessThan(gap.until)
  })
})

describe('what the network is told of a gap', () => {
  /** Notes of one pitch, `apart` ms from each other. */
  const even = (pitch: number, from: number, to: number, apart: number): Note[] =>
    Array.from({ length: Math.ceil((to - from) / apart) }, (_, n) => {
      const start = from + n * apart
      return { pitch, velocity: 64, start, end: start + 50 }
    })
  const notes = [...even(60, 0, 20_000, 500), ...even(66, 30_000, 50_000, 100)]
  const SIZE = 17
  const at = (table: Float32Array, index: number) =>
    [2000, 2300, 2500, 2700, 2990].map((step) => table[step * SIZE + index]!)

  test('turns little by little from what is before it to what is after it', () => {
    const table = gapOutlook(cutGap(notes, 20_000, 30_000), LAYOUT)!
    for (const rising of [at(table, 0), at(table, 1 + 6)]) {
      expect(rising).toEqual([...rising].sort((a, b) => a - b))
      expect(rising[0]).toBeLessThan(rising[4]! / 1.5)
    }
    const falling = at(table, 1)
    expect(falling).toEqual([...falling].sort((a, b) => b - a))
    // Density 2 before and 10 after, as the layout writes it.
    expect(table[1000 * SIZE]).toBeCloseTo(Math.log2(3) / 5, 1)
    expect(table[3000 * SIZE]).toBeCloseTo(Math.log2(11) / 5, 1)
  })

  test('is nothing where neither side has a second of music', () => {
    const few = [...even(60, 0, 500, 500), ...even(66, 3000, 3500, 500)]
    expect(gapOutlook(cutGap(few, 600, 2600), LAYOUT)).toBeNull()
    expect(fill({ notes: few, from: 600, to: 2600 }).notes.length).toBeGreaterThan(1)
  })
})

describe('a gap that cannot be filled is refused', () => {
  const notes = [...performanceOf(9), { pitch: 60, velocity: 64, start: 130_000, end: 131_000 }]
  test.each([
    [14_000, 10_000, /ends \(10 s\) before it begins \(14 s\)/],
    [10_000, 10_000, /before it begins/],
    [10_000, 10_050, /too short/],
    [0, 121_000, /A gap of 121 s is too long: up to 120 s/],
    [140_000, 150_000, /There is no music at 140 s/],
    [-5000, 50, /There is no music at -5 s/],
    [20_000, 131_000, /nothing follows the gap.*rubato generate --prompt FILE/],
  ])('from %i to %i ms', (from, to, sentence) => {
    expect(() => fill({ notes, from, to })).toThrow(sentence)
  })

  test('without notes', () => {
    expect(() => fill({ notes: [] })).toThrow(/no notes/)
  })
})
