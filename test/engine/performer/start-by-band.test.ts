import { expect, test } from 'vitest'
import { defaultControls, withControl } from '../../../src/engine/controls/controls.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { Ms } from '../../../src/engine/units.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

const BEAT_MS: Ms = 500

/** A performer in a Link session at 120 BPM whose beat 0 is at 0 ms; it is paused, at 1000 ms. */
function join(quantise: 'off' | 'bar' = 'off') {
  let now: Ms = 1000
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 12,
    controls: withControl(defaultControls(), 'quantise', quantise),
    sync: 'link',
    emit: () => {},
  })
  performer.receiveClock({ kind: 'timeline', at: 0, beat: 0, tempo: 120 })
  return {
    performer,
    command: (command: Command, by: 'band' | 'keys') =>
      performer.receive({ kind: 'command', command, by, at: now }),
    /** Lets time pass until `end`. @returns when the music began to play, if it did */
    runUntil: (end: Ms) => {
      let began: Ms | undefined
      while (now < end) {
        const wake = performer.tick(now)
        if (!performer.pianist.paused) began ??= now
        now = Math.min(end, Math.max(now + 0.5, wake))
      }
      return began
    },
  }
}

test('a start by the band begins with its next bar', () => {
  const { command, runUntil } = join()
  command({ type: 'play' }, 'band')
  const began = runUntil(5000)
  // It is applied a horizon of 20 ms ahead.
  expect(began).toBeGreaterThanOrEqual(4 * BEAT_MS - 20)
  expect(began).toBeLessThan(4 * BEAT_MS - 15)
})

test('a start by the player begins at once', () => {
  const { command, runUntil } = join()
  command({ type: 'play' }, 'keys')
  expect(runUntil(1500)).toBeLessThan(1010)
})

test('a stop takes back a start that waits for its bar', () => {
  const { command, runUntil } = join()
  command({ type: 'play' }, 'band')
  runUntil(1200)
  command({ type: 'pause' }, 'band')
  expect(runUntil(9000)).toBeUndefined()
})

test('a tempo that the band has already is shown at once, whatever waits for bars', () => {
  const { performer, command, runUntil } = join('bar')
  command({ type: 'set', control: 'tempo', value: 99 }, 'band')
  command({ type: 'set', control: 'density', value: 3 }, 'keys')
  runUntil(1100)
  expect([performer.pianist.controls.tempo, performer.pianist.controls.density]).toEqual([99, null])
  expect(performer.snapshot(1100).setBy.tempo).toBe('band')
})
