import { describe, expect, test } from 'vitest'
import { isTimeShift, shiftSteps } from '../../../src/engine/language/events.js'
import { quantize, type StepNote } from '../../../src/engine/language/performance.js'
import { CONDITIONING_LAYOUTS } from '../../../src/engine/model/conditioning.js'
import { comingNotes } from '../../../src/engine/offline/performance-conditioning.js'
import { readMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { randomNumbers } from '../../helpers/random-numbers.js'
import { dataPath, noReference, reference } from '../../helpers/reference.js'

const note = (pitch: number, start: number, velocity = 64): StepNote => ({
  pitch,
  velocity,
  start,
  end: start + 10,
})

describe('what is to come', () => {
  test('is counted from this step on, 3 s for density and loudness, 5 s for pitch classes', () => {
    const coming = comingNotes([
      note(60, 0, 40),
      note(64, 0, 60),
      note(67, 299, 80),
      note(72, 300),
      note(73, 499),
    ])
    const now = coming(0)
    expect(now.density).toBe(1)
    expect(now.velocity).toBe(60)
    expect(now.hasPitchWeights).toBe(true)
    expect([...now.pitchWeights]).toEqual([2, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0])
    const next = coming(1)
    expect(next.density).toBe(2 / 3)
    expect(next.velocity).toBe(72)
    expect([...next.pitchWeights]).toEqual([1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  })

  test('is silence after the last note: all three groups are given and 0', () => {
    const coming = comingNotes([note(60, 0)])
    expect(coming(1)).toMatchObject({ density: 0, velocity: 0, hasPitchWeights: true })
    expect([...coming(2).pitchWeights]).toEqual(new Array(12).fill(0))
  })

  test('is the same whatever steps were asked for before', () => {
    const random = randomNumbers(7)
    const notes = Array.from({ length: 400 }, () =>
      note(Math.floor(random() * 128), Math.floor(random() * 4000), 1 + Math.floor(random() * 127)),
    ).sort((a, b) => a.start - b.start)
    const walking = comingNotes(notes)
    for (let at = 0; at <= 4100; at += 1 + Math.floor(random() * 60)) {
      const { density, velocity, hasPitchWeights, pitchWeights } = comingNotes(notes)(at)
      const walked = walking(at)
      expect(walked.density).toBe(density)
      expect(walked.velocity).toBe(velocity)
      expect(walked.hasPitchWeights).toBe(hasPitchWeights)
      expect([...walked.pitchWeights]).toEqual([...pitchWeights])
    }
  })

  test.skipIf(noReference !== null)(
    `is what rubato-piano was given${noReference ? ` (skipped: ${noReference})` : ''}`,
    async () => {
      const { file, events, steps } = reference!.sequence
      const coming = comingNotes(quantize((await readMidiFile(dataPath(file))).notes))
      const vector = new Float32Array(17)
      let clock = 0
      let compared = 0
      for (const [n, event] of events.entries()) {
        CONDITIONING_LAYOUTS.get('rubato-17')!.fill(vector, coming(clock), clock)
        for (const [i, expected] of steps[n]?.conditioning.entries() ?? []) {
          expect(vector[i]).toBeCloseTo(expected, 6)
          compared++
        }
        if (isTimeShift(event)) clock += shiftSteps(event)
      }
      expect(compared).toBe(5 * 17)
    },
  )
})
