import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls, withControl } from '../../../src/engine/controls/controls.js'
import { PendingControls } from '../../../src/engine/surface/pending-controls.js'

const PATIENCE = 400
const TOLD: Controls = { ...defaultControls(), temperature: 1 }

function pendingAfter(...values: readonly number[]): PendingControls {
  const pending = new PendingControls(PATIENCE)
  for (const value of values) pending.record('piano', TOLD, 'temperature', value, 0)
  return pending
}

describe('the controls as they will stand', () => {
  test('are those of the snapshot where nothing was asked for', () => {
    expect(new PendingControls(PATIENCE).expected('piano', TOLD, 0)).toEqual(TOLD)
  })

  test('have the value asked for last while the snapshot has the value before, or one asked for', () => {
    const pending = pendingAfter(1.1, 1.2)
    for (const told of [1, 1.1, 1.2]) {
      const controls = withControl(TOLD, 'temperature', told)
      expect(pending.expected('piano', controls, 10).temperature).toBe(1.2)
    }
  })

  test('are those of the snapshot once it has somebody else’s value, and stay so', () => {
    const pending = pendingAfter(1.1)
    const theirs = withControl(TOLD, 'temperature', 0.7)
    expect(pending.expected('piano', theirs, 10)).toEqual(theirs)
    expect(pending.expected('piano', TOLD, 20)).toEqual(TOLD)
  })

  test('are those of the snapshot when patience has run out', () => {
    const pending = pendingAfter(1.1)
    expect(pending.expected('piano', TOLD, PATIENCE - 1).temperature).toBe(1.1)
    expect(pending.expected('piano', TOLD, PATIENCE)).toEqual(TOLD)
  })

  test('wait longer than the longest bar where changes wait for beat or bar', () => {
    const told: Controls = { ...TOLD, quantise: 'bar' }
    const pending = new PendingControls(PATIENCE)
    pending.record('piano', told, 'temperature', 1.1, 0)
    const fourBeatsAt20Bpm = (4 * 60_000) / 20
    expect(pending.expected('piano', told, fourBeatsAt20Bpm).temperature).toBe(1.1)
    expect(pending.expected('piano', told, 2 * fourBeatsAt20Bpm)).toEqual(told)
  })

  test('recognise a range in another snapshot, where it is a copy', () => {
    const told: Controls = { ...TOLD, register: [40, 80] }
    const pending = new PendingControls(PATIENCE)
    pending.record('piano', told, 'register', [41, 80], 0)
    expect(pending.expected('piano', { ...told, register: [40, 80] }, 10).register).toEqual([41, 80])
  })

  test('are each part’s own', () => {
    expect(pendingAfter(1.1).expected('drums', TOLD, 10)).toEqual(TOLD)
  })

  test('are those of the snapshot after a clear', () => {
    const pending = pendingAfter(1.1)
    pending.clear()
    expect(pending.expected('piano', TOLD, 10)).toEqual(TOLD)
  })
})
