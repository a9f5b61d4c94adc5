import { describe, expect, test } from 'vitest'
import { moveKnob } from '../../../src/engine/mapping/soft-take-over.js'

const at = (share: number) => ({ share, isAuto: false })
const waiting = { share: 0.2, hasControl: false, controlShare: 0.5 }

describe('a knob that is moved', () => {
  test('jump: moves its control from anywhere', () => {
    expect(moveKnob('jump', undefined, 0.9, at(0.1)).target).toBe(0.9)
  })

  test('pickup: waits until it passes its control or comes near it', () => {
    expect(moveKnob('pickup', waiting, 0.4, at(0.5)).target).toBeNull()
    expect(moveKnob('pickup', waiting, 0.8, at(0.5)).target).toBe(0.8)
    expect(moveKnob('pickup', undefined, 0.505, at(0.5)).target).toBe(0.505)
  })

  test('pickup: holds its control until somebody else sets it', () => {
    const { knob } = moveKnob('pickup', waiting, 0.8, at(0.5))
    const held = { ...knob, controlShare: 0.8 }
    expect(moveKnob('pickup', held, 0.9, at(0.8)).target).toBe(0.9)
    expect(moveKnob('pickup', held, 0.9, at(0.3)).target).toBeNull()
  })

  test('scaled: reaches the end together with its control', () => {
    expect(moveKnob('scaled', waiting, 0.3, at(0.5)).target).toBeCloseTo(0.5 + (0.1 * 0.5) / 0.8, 9)
    expect(moveKnob('scaled', waiting, 0, at(0.5)).target).toBeCloseTo(0, 9)
  })

  test('a control that is auto is moved at once', () => {
    expect(moveKnob('pickup', undefined, 0.7, { share: 0, isAuto: true }).target).toBe(0.7)
  })
})
