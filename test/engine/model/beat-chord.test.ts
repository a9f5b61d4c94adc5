import { describe, expect, test } from 'vitest'
import { layoutOf } from '../../../src/engine/model/conditioning.js'
import { type ConditioningRequest, emptyRequest } from '../../../src/engine/model/conditioning-request.js'

function filled(name: string, changes: Partial<ConditioningRequest>, place = 0): number[] {
  const { size, fill } = layoutOf(name)
  const target = new Float32Array(size).fill(9)
  fill(target, { ...emptyRequest(), ...changes }, place)
  return [...target]
}

const G_OVER_B = { hasChord: true, chordTones: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1), bass: 11 }

describe('layout beat-chord-39', () => {
  test('asks for nothing but a place in the bar where nothing is asked', () => {
    const vector = filled('beat-chord-39', {}, 100)
    expect(vector.slice(0, 29)).toEqual(new Array(29).fill(0))
    expect(vector.slice(29)).toEqual(filled('beat-14', {}, 100).slice(4))
  })

  test('holds the tones of the chord and its bass, each at its pitch class', () => {
    const vector = filled('beat-chord-39', G_OVER_B)
    const set = [...vector.entries()].filter(([index, value]) => index < 29 && value !== 0)
    expect(set).toEqual([2 + 2, 2 + 7, 2 + 11, 14 + 11, 28].map((index) => [index, 1]))
  })

  test('tells a rest from a chord that nobody tells', () => {
    const rest = filled('beat-chord-39', { hasChord: true })
    expect(rest.slice(0, 29)).toEqual([...new Array(28).fill(0), 1])
    expect(filled('beat-chord-39', { ...G_OVER_B, hasChord: false })).toEqual(filled('beat-chord-39', {}))
  })

  test('holds density and dynamics as beat-14 does', () => {
    const asked = { density: 7, velocity: 127 }
    const vector = filled('beat-chord-39', asked)
    expect([...vector.slice(0, 2), ...vector.slice(26, 28)]).toEqual(filled('beat-14', asked).slice(0, 4))
  })
})
