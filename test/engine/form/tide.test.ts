import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import {
  copyTide,
  firstTide,
  leanToCentre,
  type Played,
  passTide,
  type Tide,
  tideTemperature,
} from '../../../src/engine/form/tide.js'
import { noteOn, timeShift } from '../../../src/engine/language/events.js'
import type { Densities } from '../../../src/engine/language/idiom.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import { createMask, guardSilence } from '../../../src/engine/sampling/event-mask.js'
import { LAYOUT, scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

const played = (clock: number, pitchClasses: readonly number[] = [], recentDensity = 0): Played => ({
  clock,
  recentPitchClasses: Float64Array.from({ length: 12 }, (_, pc) => (pitchClasses.includes(pc) ? 1 : 0)),
  recentDensity,
})

/** The tides of a quarter of an hour with a breath every second. */
function tidesOf(seed: number, densities?: Densities): Tide[] {
  const tide = firstTide(seed, densities)
  const tides: Tide[] = []
  for (let clock = 0; clock < 90_000; clock += 100) {
    const before = tide.stretch
    passTide(tide, played(clock), 100)
    if (tide.stretch > before) tides.push({ ...tide })
  }
  return tides
}

const C_MAJOR = [0, 2, 4, 5, 7, 9, 11]

describe('the tide', () => {
  test('changes its aims every 40 to 120 s, and aims at what people play', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const tides = tidesOf(seed)
      expect(tides.length).toBeGreaterThanOrEqual(7)
      for (const [i, { until, density }] of tides.entries()) {
        const begun = i === 0 ? 0 : (tides[i - 1]?.until ?? 0)
        expect(until - begun).toBeGreaterThanOrEqual(4000)
        expect(until - begun).toBeLessThanOrEqual(12_100)
        expect(density).toBeGreaterThanOrEqual(3.3)
        expect(density).toBeLessThanOrEqual(16.4)
      }
      expect(new Set(tides.map(({ density }) => density)).size).toBeGreaterThan(4)
    }
  })

  test("aims at the densities of the model's own training data", () => {
    const densities = [0.6, 0.7, 1.2, 2.1, 3.3, 4.5, 5.1]
    const tides = [1, 2, 3, 4, 5].flatMap((seed) => tidesOf(seed, densities))
    const aims = tides.map(({ density }) => density)
    expect(Math.min(...aims)).toBeGreaterThanOrEqual(0.6)
    expect(Math.max(...aims)).toBeLessThanOrEqual(5.1)
    const under = aims.filter((aim) => aim < 2.1).length / aims.length
    expect(under).toBeGreaterThan(0.25)
    expect(under).toBeLessThan(0.75)
    // A density is sparse in relation to the model's own densities.
    expect(tideTemperature({ ...firstTide(1, densities), density: 0.6 })).toBe(0.8)
    expect(tideTemperature({ ...firstTide(1, densities), density: 5.1 })).toBe(1)
  })

  test('is the same for the same seed, and differs for another', () => {
    expect(tidesOf(7)).toEqual(tidesOf(7))
    expect(tidesOf(7)).not.toEqual(tidesOf(8))
  })

  test('waits for a breath to change, but not longer than 20 s', () => {
    const tide = firstTide(1)
    passTide(tide, played(0), 0)
    const { until } = tide
    passTide(tide, played(until + 1900), 24)
    expect(tide.stretch).toBe(1)
    const atBreath = { ...tide }
    passTide(atBreath, played(until + 1900), 25)
    expect(atBreath.stretch).toBe(2)
    passTide(tide, played(until + 2000), 0)
    expect(tide.stretch).toBe(2)
  })

  test('begins with the density and key of what was played before', () => {
    const tide = firstTide(3)
    passTide(tide, played(0, C_MAJOR, 6), 0)
    const weights = new Float64Array(12)
    leanToCentre(weights, tide)
    expect(tide.density).toBe(6)
    expect([...weights.keys()].filter((pc) => weights[pc] === 1)).toEqual(C_MAJOR)
  })

  test('goes on to a key that shares at least five notes with the key that is played', () => {
    for (let seed = 0; seed < 50; seed++) {
      const tide = firstTide(seed)
      passTide(tide, played(0, C_MAJOR, 6), 0)
      passTide(tide, played(tide.until, C_MAJOR, 6), 100)
      const weights = new Float64Array(12)
      leanToCentre(weights, tide)
      const shared = C_MAJOR.filter((pc) => weights[pc] === 1)
      expect(shared.length).toBeGreaterThanOrEqual(5)
    }
  })

  test('is copied with all its fields', () => {
    const from = tidesOf(5).at(-1) ?? firstTide(0)
    const to = firstTide(0)
    copyTide(from, to)
    expect(to).toEqual(from)
  })

  test('has no effect when it is off, or when density and key are set', () => {
    const render20 = (controls: object) =>
      render(
        {
          network: shippedNetwork('tiny'),
          layout: LAYOUT,
          seed: 4,
          controls: { ...defaultControls(), ...controls },
        },
        20_000,
      )
    const set = { density: 8, key: 'D' }
    expect(render20({ ...set, tide: true })).toEqual(render20({ ...set, tide: false }))
    expect(render20({ tide: true })).not.toEqual(render20({ tide: false }))
  })

  test('is part of a moment: going back to the moment goes back to its aims', () => {
    const once = startPerformance(shippedNetwork('tiny'), 5)
    once.pianist.advance(200_000)
    const rewound = startPerformance(shippedNetwork('tiny'), 5)
    for (let at = 0; at <= 200_000; at += 900) {
      rewound.pianist.advance(at)
      rewound.pianist.plan.rewind(at)
    }
    rewound.pianist.advance(200_000)
    expect(rewound.events).toEqual(once.events)
    expect(once.pianist.plan.open().moment.tide.stretch).toBeGreaterThan(1)
  })
})

describe('the guard of silence', () => {
  /** A network that would wait for ever after a note at the start. */
  const silent = () =>
    scriptedNetwork(
      () =>
        new Map([
          [timeShift(100), 1],
          [noteOn(60), 0.0001],
        ]),
    )
  const longestWait = (controls: object) => {
    const messages: number[] = []
    const pianist = createPianist({
      network: silent(),
      layout: LAYOUT,
      seed: 1,
      controls: { ...defaultControls(), topP: 1, ...controls },
      emit: (message) => {
        if (message.kind === 'note-on') messages.push(message.due)
      },
    })
    pianist.apply({ kind: 'command', command: { type: 'play' } })
    pianist.advance(60_000)
    // Only the limit of 12 s ends a note here, so that there are 15.5 s from strike to strike.
    return Math.max(...[...messages, 60_000].map((at, i) => at - (messages[i - 1] ?? 0)))
  }

  test('lets no silence last longer than 3.5 s if nobody steers', () => {
    expect(longestWait({})).toBeLessThanOrEqual(15_500)
  })

  test('does nothing if few notes are asked for, or if the tide is off', () => {
    expect(longestWait({ density: 0.5 })).toBeGreaterThan(20_000)
    expect(longestWait({ tide: false })).toBeGreaterThan(20_000)
  })

  test('masks nothing if no note may be struck', () => {
    const { pianist } = startPerformance(shippedNetwork('tiny'), 1)
    const moment = { ...pianist.plan.open().moment, clock: 10_000, silentFrom: 0, sounding: 0, sinceShift: 0 }
    const shut = createMask().fill(0, 0, 128)
    const before = shut.slice()
    guardSilence(shut, moment)
    expect(shut).toEqual(before)
    const open = createMask()
    guardSilence(open, moment)
    expect(open.subarray(256, 356).every((allowed) => allowed === 0)).toBe(true)
  })
})
