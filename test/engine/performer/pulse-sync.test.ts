import { expect, test } from 'vitest'
import { type BandClock, createBandClock } from '../../../src/engine/clock/band-clock.js'
import { createPlanClock } from '../../../src/engine/clock/plan-clock.js'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { createPulseSync } from '../../../src/engine/performer/pulse-sync.js'
import { createPianist, type Pianist } from '../../../src/engine/pianist/pianist.js'
import type { LoggedInput } from '../../../src/engine/surface/inputs.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

/** A playing pianist whose music follows the beat of a Link session, or not. */
function follow({ isFollowed = true, step = 'ms' as 'ms' | 'beat' } = {}) {
  const inputs: LoggedInput[] = []
  const pianist: Pianist = createPianist({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 12,
    controls: defaultControls(),
    emit: () => {},
    onInput: (input) => inputs.push(input),
  })
  Object.defineProperty(pianist.ensemble, 'followsPulse', { get: () => state.isFollowed })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  const state = { isFollowed }
  const band: BandClock = createBandClock({
    sync: 'link',
    controls: defaultControls,
    isFollowed: () => state.isFollowed,
    emit: () => {},
  })
  const sync = createPulseSync(band, createPlanClock(), pianist, step, () => {})
  const told = () => inputs.flatMap(({ input }) => (input.kind === 'pulse' ? [input.pulse] : []))
  return { band, sync, state, told }
}

test('the pulse is told once, and anew only when it has moved by more than a clock’s jitter', () => {
  const { band, sync, told } = follow()
  sync.sync(900)
  expect(told()).toEqual([])
  band.receive({ kind: 'timeline', at: 1000, beat: 2, tempo: 120 })
  sync.sync(1000)
  sync.sync(1300)
  band.receive({ kind: 'timeline', at: 1502, beat: 3, tempo: 120 })
  sync.sync(1600)
  expect(told()).toEqual([{ at: 0, beatMs: 500 }])
  band.receive({ kind: 'timeline', at: 2004, beat: 4, tempo: 120 })
  sync.sync(2004)
  expect(told().at(-1)).toEqual({ at: 4, beatMs: 500 })
  band.receive({ kind: 'timeline', at: 3004, beat: 6, tempo: 125 })
  sync.sync(3004)
  expect(told()).toHaveLength(3)
  expect(told().at(-1)?.beatMs).toBe(480)
})

test('music that follows no beat is told none, and music that follows it no more is told so', () => {
  const { band, sync, state, told } = follow({ isFollowed: false })
  band.receive({ kind: 'timeline', at: 1000, beat: 2, tempo: 120 })
  sync.sync(1000)
  expect(told()).toEqual([])
  state.isFollowed = true
  sync.sync(1100)
  state.isFollowed = false
  sync.sync(1200)
  sync.sync(1300)
  expect(told()).toEqual([{ at: 0, beatMs: 500 }, null])
})

test('where steps are fractions of a beat, a beat lasts 480 ms of plan time and begins with a step', () => {
  const { band, sync, told } = follow({ step: 'beat' })
  band.receive({ kind: 'timeline', at: 1003, beat: 2, tempo: 125 })
  sync.sync(1003)
  expect(told()).toEqual([{ at: 40, beatMs: 480 }])
})
