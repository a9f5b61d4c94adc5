import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { EnsembleState } from '../../../src/engine/ensemble/ensemble.js'
import { MODE_OF } from '../../../src/engine/ensemble/modes.js'
import { chordOf } from '../../../src/engine/language/chords.js'
import { Steering } from '../../../src/engine/pianist/steering/steering.js'
import { firstMoment } from '../../../src/engine/sampling/moment.js'
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

/** The conditioning at step `clock` while A minor over C lasts 2 beats of 500 ms, and then nothing for 2 beats; a semitone higher sounds. */
function conditioned(layout: string, size: number, clock: number, chordLock: 'soft' | 'locked' = 'locked') {
  const controls = { ...defaultControls(), transpose: 1, tide: false, key: 'F#' as const, chordLock }
  const ensemble = new EnsembleState(MODE_OF, controls, 1)
  const steering = new Steering(layout, ensemble)
  const chord = chordOf(0b1000010001, 0)
  ensemble.chords.follow({ at: 0, beatMs: 500 }, 0)
  ensemble.chords.give(
    {
      spans: [
        { chord, beats: 2 },
        { chord: null, beats: 2 },
      ],
      beatsPerBar: 4,
    },
    0,
  )
  const target = new Float32Array(size)
  steering.condition(target, { ...firstMoment(clock), clock })
  return [...target]
}

describe('the chord in force', () => {
  test('is told to a model that knows chords, with its bass, in pitches of history; and that there is none', () => {
    const [now, later] = [conditioned('beat-chord-39', 39, 10), conditioned('beat-chord-39', 39, 150)]
    expect(now.slice(2, 14)).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1])
    expect(now.slice(14, 26).indexOf(1)).toBe(11)
    expect(now[28]).toBe(1)
    expect(later.slice(2, 26).every((value) => value === 0)).toBe(true)
    expect(later[28]).toBe(1)
  })

  test('is asked for as pitch classes of the coming seconds; a soft one leaves some to the key', () => {
    const locked = conditioned(LAYOUT, 17, 10)
    const soft = conditioned(LAYOUT, 17, 10, 'soft')
    for (const pc of [3, 8, 11]) {
      expect(locked[1 + pc]).toBeCloseTo(1 / 3)
      expect(soft[1 + pc]).toBeGreaterThan(0.28)
    }
    const beside = soft
      .slice(1, 13)
      .reduce((sum, share, pc) => sum + ([3, 8, 11].includes(pc) ? 0 : share), 0)
    expect(beside).toBeGreaterThan(0.05)
    expect(beside).toBeLessThan(0.16)
  })
})
