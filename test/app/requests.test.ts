import { beforeEach, expect, test, vi } from 'vitest'
import { createRequests } from '../../src/app/requests.js'
import { type Controls, defaultControls } from '../../src/engine/controls/controls.js'
import { drummersControls } from '../../src/engine/controls/parts.js'
import type { Command } from '../../src/engine/surface/commands.js'
import type { Presets } from '../../src/io/config/presets.js'

/** Requests to a pianist and a drummer who obey at once. */
function setUp({ hasDrummer = true } = {}) {
  const band: { piano: Controls; drums: Controls } = {
    piano: defaultControls(),
    drums: drummersControls(defaultControls()),
  }
  const applied: Record<keyof typeof band, Command[]> = { piano: [], drums: [] }
  const obey = (player: keyof typeof band) => (command: Command) => {
    applied[player].push(command)
    if (command.type === 'set') band[player] = { ...band[player], [command.control]: command.value }
    if (command.type === 'set-some') band[player] = { ...band[player], ...command.controls }
  }
  let kept: Presets = {}
  const requests = createRequests({
    presets: { 3: { name: 'Loud', controls: { dynamics: 100 } } },
    savePresets: (presets) => {
      kept = presets
    },
    captures: '.',
    capture: { receiveSent: () => {}, receiveHeard: () => {}, captured: () => null },
    order: obey('piano'),
    orderDrums: hasDrummer ? obey('drums') : undefined,
    panic: () => {},
    learn: () => ({ ok: true, sentence: null }),
    controls: () => band.piano,
    idle: { balance: 'strokes have no length' },
    drumsControls: () => (hasDrummer ? band.drums : undefined),
  })
  return { requests, band, applied, kept: () => kept }
}

let now = 0
vi.mock('../../src/io/clock.js', () => ({ now: () => now }))
beforeEach(() => {
  now = 0
})

test('a preset changes what it holds and nothing else; one that is stored holds the music, not the rig', () => {
  const { requests, band, kept } = setUp()
  band.piano = { ...band.piano, mode: 'duet', tempo: 90, channel: 3 }
  requests.ask({ type: 'recall', preset: 3 }, 'keys')
  expect(band.piano).toEqual({ ...defaultControls(), mode: 'duet', tempo: 90, channel: 3, dynamics: 100 })
  requests.ask({ type: 'store', preset: 4 }, 'keys')
  const stored = kept()[4]?.controls
  expect(stored).toMatchObject({ mode: 'duet', dynamics: 100 })
  for (const name of ['tempo', 'channel', 'delay', 'clockOffset']) expect(stored).not.toHaveProperty(name)
})

test('a program that sets what does nothing is told why', () => {
  const { requests } = setUp()
  const set = { type: 'set', control: 'balance', value: 0.2 } as const
  expect(requests.ask(set, 'web')).toEqual({
    ok: true,
    sentence: 'It does nothing now: strokes have no length.',
  })
  expect(requests.ask(set, 'keys')).toEqual({ ok: true, sentence: null })
})

test('time is shared with the drummer, the rest is each one’s own', () => {
  const { requests, band, applied } = setUp()
  requests.ask({ type: 'set', control: 'tempo', value: 90 }, 'keys')
  requests.ask({ type: 'set', control: 'density', value: 12 }, 'keys')
  requests.ask({ type: 'set-some', controls: { quantise: 'bar', temperature: 0.8 } }, 'web')
  requests.ask({ type: 'drums', command: { type: 'set', control: 'density', value: 4 } }, 'keys')
  requests.ask({ type: 'pause' }, 'keys')
  expect(band.drums).toMatchObject({ tempo: 90, quantise: 'bar', density: 4, temperature: 1, channel: 10 })
  expect(band.piano).toMatchObject({ tempo: 90, quantise: 'bar', density: 12, temperature: 0.8 })
  expect(applied.drums.at(-1)).toEqual({ type: 'pause' })
  expect(
    requests.ask({ type: 'drums', command: { type: 'set', control: 'mode', value: 'duet' } }, 'web'),
  ).toEqual({
    ok: false,
    reason: 'A drummer has no mode of his own.',
  })
})

test('where the times have come apart by another road, the drummer follows, but not while one is on its way', () => {
  const { requests, band } = setUp()
  band.piano = { ...band.piano, tempo: 77 }
  requests.keepTogether()
  now = 200
  requests.keepTogether()
  expect(band.drums.tempo).toBe(120)
  now = 400
  requests.keepTogether()
  expect(band.drums.tempo).toBe(77)
})
