import { expect, test } from 'vitest'
import { Learning } from '../../src/app/controllers/learning.js'
import { type ControlledPerformer, Performers } from '../../src/app/performers.js'
import { Requests } from '../../src/app/requests.js'
import { type Controls, defaultControls } from '../../src/engine/controls/controls.js'
import { drummersControls, type PartName } from '../../src/engine/controls/parts.js'
import type { Command } from '../../src/engine/surface/commands.js'
import type { Presets } from '../../src/io/config/presets.js'
import { handClock } from '../helpers/hand-clock.js'

/** Requests to a pianist, and a drummer if there is one, who carry out commands at once. */
function setUp({ hasDrummer = true } = {}) {
  const controls: Record<PartName, Controls> = {
    piano: defaultControls(),
    drums: drummersControls(defaultControls()),
  }
  const applied: Record<PartName, Command[]> = { piano: [], drums: [] }
  const member = (part: PartName): ControlledPerformer => ({
    send: (command) => {
      applied[part].push(command)
      if (command.type === 'set') controls[part] = { ...controls[part], [command.control]: command.value }
      if (command.type === 'set-some') controls[part] = { ...controls[part], ...command.controls }
    },
    controls: () => controls[part],
  })
  const clock = handClock()
  const performers = new Performers(member('piano'), hasDrummer ? member('drums') : null, clock.now)
  let saved: Presets = {}
  const requests = new Requests({
    presets: { 3: { name: 'Loud', controls: { dynamics: 100 } } },
    savePresets: (presets) => {
      saved = presets
    },
    captures: '.',
    capture: { receiveSent: () => {}, receiveHeard: () => {}, captured: () => null },
    performers,
    panic: () => {},
    learning: new Learning(),
    controls: () => controls.piano,
    unsupported: { balance: 'strokes have no length' },
    clock,
  })
  return { requests, performers, clock, controls, applied, saved: () => saved }
}

test('a preset changes the controls that it contains and no others; a stored preset contains the controls of the music, not of the rig', () => {
  const { requests, controls, saved } = setUp()
  controls.piano = { ...controls.piano, mode: 'duet', tempo: 90, channel: 3 }
  requests.ask({ type: 'recall', preset: 3 }, 'keys')
  expect(controls.piano).toEqual({ ...defaultControls(), mode: 'duet', tempo: 90, channel: 3, dynamics: 100 })
  requests.ask({ type: 'store', preset: 4 }, 'keys')
  const stored = saved()[4]?.controls
  expect(stored).toMatchObject({ mode: 'duet', dynamics: 100 })
  for (const name of ['tempo', 'channel', 'delay', 'clockOffset']) expect(stored).not.toHaveProperty(name)
})

test('a preset is reached in the time of the control glide, and a control that is set meanwhile stays as set', () => {
  const { requests, clock, controls } = setUp()
  controls.piano = { ...controls.piano, dynamics: 50, glide: 2 }
  requests.ask({ type: 'recall', preset: 3 }, 'keys')
  clock.advance(1000)
  expect(controls.piano.dynamics).toBe(75)
  requests.leaveToHand('dynamics')
  clock.advance(5000)
  expect(controls.piano.dynamics).toBe(75)
})

test('a client on the WebSocket that sets a control without effect receives the reason', () => {
  const { requests } = setUp()
  const set = { type: 'set', control: 'balance', value: 0.2 } as const
  expect(requests.ask(set, 'web')).toEqual({
    ok: true,
    sentence: 'Balance does nothing now: strokes have no length.',
  })
  expect(requests.ask(set, 'keys')).toEqual({ ok: true, sentence: null })
})

test('pianist and drummer share the controls of time and the transport; all other controls belong to one of them', () => {
  const { requests, controls, applied } = setUp()
  requests.ask({ type: 'set', control: 'tempo', value: 90 }, 'keys')
  requests.ask({ type: 'set', control: 'density', value: 12 }, 'keys')
  requests.ask({ type: 'set-some', controls: { quantise: 'bar', temperature: 0.8 } }, 'web')
  requests.ask({ type: 'drums', command: { type: 'set', control: 'density', value: 4 } }, 'keys')
  requests.ask({ type: 'pause' }, 'keys')
  expect(controls.drums).toMatchObject({
    tempo: 90,
    quantise: 'bar',
    density: 4,
    temperature: 1,
    channel: 10,
  })
  expect(controls.piano).toMatchObject({ tempo: 90, quantise: 'bar', density: 12, temperature: 0.8 })
  expect(applied.drums.at(-1)).toEqual({ type: 'pause' })
  expect(
    requests.ask({ type: 'drums', command: { type: 'set', control: 'mode', value: 'duet' } }, 'web'),
  ).toEqual({
    ok: false,
    reason: 'A drummer has no mode of his own.',
  })
})

test('where tempo or meter differ for a while, the drummer gets the pianist’s; a short difference changes nothing', () => {
  const { performers, clock, controls } = setUp()
  controls.piano = { ...controls.piano, tempo: 77 }
  performers.syncTime()
  clock.advance(200)
  performers.syncTime()
  expect(controls.drums.tempo).toBe(120)
  clock.advance(200)
  performers.syncTime()
  expect(controls.drums.tempo).toBe(77)
})

test('a request to learn is answered with what to do, and a request to stop with the news that learning has ended', () => {
  const { requests } = setUp()
  const ask = (control: 'density' | null) => requests.ask({ type: 'learn', control }, 'keys')
  expect(ask(null)).toEqual({ ok: true, sentence: null })
  expect(ask('density')).toEqual({
    ok: true,
    sentence: 'Move a knob, or press a key or pedal, for Density.',
  })
  expect(ask(null)).toEqual({ ok: true, sentence: 'Learning has ended.' })
})
