import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { EnsembleState } from '../../../src/engine/ensemble/ensemble.js'
import { MODE_OF } from '../../../src/engine/ensemble/modes.js'
import { Steering } from '../../../src/engine/pianist/steering.js'
import { LAYOUT } from '../../helpers/networks.js'

/** A duet that avoids the player's hands, and its steering. */
function duet() {
  const controls = { ...defaultControls(), mode: 'duet' as const, avoid: true }
  const ensemble = new EnsembleState(MODE_OF, controls, 1)
  return { ensemble, steering: new Steering(LAYOUT, ensemble) }
}

const MIDDLE_C = { kind: 'note-on', at: 1000, channel: 0, pitch: 60, velocity: 80 } as const

describe('the note-ons that steering allows', () => {
  test('follow a key at once: its register is closed in a duet that avoids the hands', () => {
    const { ensemble, steering } = duet()
    expect(steering.noteOns[60]).toBe(1)
    ensemble.receive(MIDDLE_C)
    expect(steering.noteOns[60]).toBe(0)
  })

  test('follow the controls', () => {
    const { ensemble, steering } = duet()
    ensemble.controls = { ...ensemble.controls, register: [70, 80] }
    expect([steering.noteOns[69], steering.noteOns[70]]).toEqual([0, 1])
  })

  test('are open again once a panic has forgotten the hands', () => {
    const { ensemble, steering } = duet()
    ensemble.receive(MIDDLE_C)
    ensemble.forget()
    expect(steering.noteOns[60]).toBe(1)
  })
})
