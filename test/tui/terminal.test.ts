import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../src/engine/controls.js'
import type { Meters, Snapshot } from '../../src/engine/snapshot.js'
import { KEY_BINDINGS, keyActions } from '../../src/tui/key-bindings.js'
import { statusLine } from '../../src/tui/status-line.js'

const snapshot: Snapshot = {
  paused: false,
  ending: false,
  controls: defaultControls(),
  planned: 412.4,
  position: 9000,
  held: [],
  heardWeights: null,
  slips: 0,
  slippedMs: 0,
  rewinds: 3,
  steps: 99,
}
const meters: Meters = {
  output: 'on Rubato',
  inputs: ['Rubato in'],
  realtime: { on: true, reason: 'Real-time priority.' },
  backend: 'wasm',
  model: 'rubato-piano',
  seed: 1,
  notes: 120,
  sounding: 3,
  lateness: { p50: 0.04, p99: 0.31, max: 1 },
  dropped: 0,
  lost: 0,
  echoes: 0,
  restarts: 0,
  problem: null,
}

describe('the status line', () => {
  test('says how it stands, and fits the width', () => {
    expect(statusLine(snapshot, meters, 200)).toBe(
      '|> playing on Rubato  120 notes, 3 sounding  late p50 0.04 p99 0.31 ms  plan 412 ms  space pause  ! panic  q quit',
    )
    expect(statusLine({ ...snapshot, paused: true, slips: 2, held: [60] }, meters, 200)).toMatch(
      /^\|\| paused.*2 slips {2}1 keys held/,
    )
    for (const width of [1, 40, 79]) expect(statusLine(snapshot, meters, width)).toHaveLength(width)
    expect(statusLine(undefined, meters, 80)).toContain('waking')
  })
})

describe('the keys', () => {
  test('no two share a key, and each says what it does', () => {
    expect(new Set(KEY_BINDINGS.map(({ key }) => key)).size).toBe(KEY_BINDINGS.length)
    for (const { help } of KEY_BINDINGS) expect(help.length).toBeGreaterThan(3)
  })

  test('space pauses and goes on; fast keys arrive as one string; others mean nothing', () => {
    expect(keyActions(' ', snapshot)).toEqual([{ type: 'pause' }])
    expect(keyActions(' ', { ...snapshot, paused: true })).toEqual([{ type: 'play' }])
    expect(keyActions('z!éq', snapshot)).toEqual([{ type: 'panic' }, { type: 'quit' }])
    expect(keyActions('\x03\x1a', undefined)).toEqual([{ type: 'interrupt' }, { type: 'suspend' }])
  })
})
