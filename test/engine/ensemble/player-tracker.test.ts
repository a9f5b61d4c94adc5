import { describe, expect, test } from 'vitest'
import { PlayerTracker } from '../../../src/engine/ensemble/player-tracker.js'
import type { HeardMessage } from '../../../src/engine/language/messages.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

const FADE_MS = 8000

const on = (pitch: number, at: number, velocity = 80, channel = 0): HeardMessage => ({
  kind: 'note-on',
  at,
  channel,
  pitch,
  velocity,
})
const off = (pitch: number, at: number, channel = 0): HeardMessage => ({
  kind: 'note-off',
  at,
  channel,
  pitch,
  velocity: 0,
})
const cc = (controller: number, value: number, at: number, channel = 0): HeardMessage => ({
  kind: 'control-change',
  at,
  channel,
  controller,
  value,
})

function trackerAfter(...messages: HeardMessage[]) {
  const tracker = new PlayerTracker()
  for (const message of messages) tracker.receive(message)
  return tracker
}

describe('held keys', () => {
  test('held keys become weights by pitch class', () => {
    const { weights } = trackerAfter(on(60, 0), on(64, 1), on(72, 2))
    expect([...weights]).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  })

  test('the sustain pedal holds released keys until it lifts', () => {
    const tracker = trackerAfter(on(60, 0), cc(64, 127, 1), off(60, 2))
    expect(tracker.held()).toEqual([60])
    tracker.receive(cc(64, 0, 3))
    expect(tracker.held()).toEqual([])
  })

  test.each([120, 123])('CC%i releases the keys of its channel and no other', (controller) => {
    const tracker = trackerAfter(
      on(60, 0),
      on(62, 0, 80, 1),
      cc(64, 127, 0),
      off(60, 1),
      cc(controller, 0, 2),
    )
    expect(tracker.held()).toEqual([62])
  })

  test('the share of held keys is 1 while any are held, and 0 from 8 s after the last release', () => {
    const tracker = trackerAfter(on(60, 0))
    expect(tracker.share(100_000, FADE_MS)).toBe(1)
    tracker.receive(off(60, 1000))
    expect(tracker.share(1000, FADE_MS)).toBe(1)
    expect(tracker.share(1000 + FADE_MS / 2, FADE_MS)).toBe(0.5)
    expect(tracker.share(1000 + FADE_MS, FADE_MS)).toBe(0)
    expect([...tracker.weights][0]).toBe(1)
  })
})

describe('loudness and density', () => {
  test('loudness is the mean of the last strikes', () => {
    expect(trackerAfter(on(60, 0, 40), on(62, 100, 60)).loudness).toBe(50)
    expect(trackerAfter(on(60, 0, 40), on(62, 4000, 60)).loudness).toBe(60)
  })

  test('density counts strikes a second, and a single chord gives no density', () => {
    expect(trackerAfter(on(60, 0), on(64, 5), on(67, 10)).density).toBe(0)
    const scale = Array.from({ length: 20 }, (_, i) => on(60 + i, i * 125))
    expect(trackerAfter(...scale).density).toBeCloseTo(8, 5)
  })
})

describe('playing steers', () => {
  test('the music follows held keys, and the controls stay as they are', () => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), 4)
    performance.pianist.advance(4000)
    for (const pitch of [61, 66, 70]) performance.hear(on(pitch, 3990, 100))
    performance.pianist.advance(24_000)
    const pitches = performance.messages.flatMap((message) =>
      message.kind === 'note-on' && message.due > 4000 ? [message.pitch % 12] : [],
    )
    const share = (of: number[]) => of.filter((pc) => [1, 6, 10].includes(pc)).length / of.length
    expect(share(pitches)).toBeGreaterThan(0.6)
    expect(performance.pianist.controls).toMatchObject({ pitchWeights: null, density: null, dynamics: null })
  })

  test('CC1 sets dynamics (0 is auto), CC74 temperature', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 4)
    performance.hear(cc(1, 127, 0))
    performance.hear(cc(74, 0, 0))
    expect(performance.pianist.controls).toMatchObject({ dynamics: 127, temperature: 0.1 })
    performance.hear(cc(1, 0, 0))
    expect(performance.pianist.controls.dynamics).toBeNull()
  })

  test('CC66 held stops new notes; a pause by command outlives it', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 4)
    performance.pianist.advance(2000)
    performance.hear(cc(66, 127, 1990))
    expect(performance.pianist.paused).toBe(true)
    performance.hear(cc(66, 0, 1990))
    expect(performance.pianist.paused).toBe(false)
    performance.hear(cc(66, 127, 1990))
    performance.command({ type: 'pause' })
    performance.hear(cc(66, 0, 1990))
    expect(performance.pianist.paused).toBe(true)
  })

  test('play overrides a pedal that was never lifted; panic releases everything that was held', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 4)
    performance.pianist.advance(2000)
    performance.hear(on(60, 1990))
    performance.hear(cc(64, 127, 1990))
    performance.hear(cc(66, 127, 1990))
    expect(performance.pianist.paused).toBe(true)
    performance.command({ type: 'play' })
    expect(performance.pianist.paused).toBe(false)
    performance.command({ type: 'panic' })
    expect(performance.pianist.ensemble.player.held()).toEqual([])
    expect(performance.pianist.ensemble.player.share(2000, FADE_MS)).toBe(0)
    expect(performance.pianist.ensemble.player.isSostenutoDown).toBe(false)
  })
})
