import { expect, test } from 'vitest'
import { gridFigures } from '../../bench/grid-measures.js'

const PULSE = { at: 0, beatMs: 600 }
const notesAt = (...starts: number[]) =>
  starts.map((start) => ({ pitch: 60, velocity: 64, start, end: start + 100, channel: 0 }))

test('onsets on the points of a grid have vector strength 1, and those between them cancel one another', () => {
  expect(gridFigures(notesAt(0, 300, 600, 1500), PULSE, 2, 50).vectorStrength).toBeCloseTo(1, 9)
  expect(gridFigures(notesAt(0, 150, 300, 450), PULSE, 2, 50).vectorStrength).toBeCloseTo(0, 9)
  expect(gridFigures(notesAt(0, 198, 396, 498, 600), PULSE, 4, 66).vectorStrength).toBeCloseTo(1, 9)
})

test('the place of the off-beats is the mean of the onsets nearest to the second eighth', () => {
  expect(gridFigures(notesAt(0, 396, 600, 996), PULSE, 2, 66).offBeat).toBeCloseTo(66, 9)
  expect(gridFigures(notesAt(0, 150, 300, 900), PULSE, 4, 50).offBeat).toBeCloseTo(50, 9)
})

test('notes within 35 ms of a first one are one chord', () => {
  expect(gridFigures(notesAt(0, 20, 35, 70, 500, 600, 610), PULSE, 4, 50).chords).toBe(2)
})
