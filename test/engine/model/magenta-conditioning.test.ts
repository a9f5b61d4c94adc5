import { describe, expect, test } from 'vitest'
import { CONDITIONING_LAYOUTS } from '../../../src/engine/model/conditioning.js'
import { emptyRequest } from '../../../src/engine/model/conditioning-request.js'
import { unsupportedControls } from '../../../src/engine/pianist/unsupported-controls.js'

function filled(
  layout: string,
  asked: { density?: number; pitches?: readonly number[] },
  place = 0,
): number[] {
  const { size, fill } = CONDITIONING_LAYOUTS.get(layout)!
  const request = emptyRequest()
  request.density = asked.density ?? null
  request.hasPitchWeights = asked.pitches !== undefined
  if (asked.pitches) request.pitchWeights.set(asked.pitches)
  const vector = new Float32Array(size).fill(7)
  fill(vector, request, place)
  return [...vector]
}

const hot = (size: number, at: number) => Array.from({ length: size }, (_, n) => (n === at ? 1 : 0))
const EVEN = new Array(12).fill(Math.fround(1 / 12))
const C_AND_G = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
const HALVES = C_AND_G.map((weight) => weight / 2)

describe("Magenta's layouts", () => {
  test.each([
    [0, 0],
    [0.99, 0],
    [1, 1],
    [3.9, 2],
    [4, 3],
    [15, 4],
    [16, 5],
    [63, 6],
    [64, 7],
    [200, 7],
  ])('density %f is bin %i', (density, bin) => {
    expect(filled('magenta-density', { density })).toEqual(hot(8, bin))
  })

  test("a group that is not asked for gets the default of Magenta's own generator: 15 notes a second, even pitches", () => {
    expect(filled('magenta-density', {})).toEqual(hot(8, 4))
    expect(filled('magenta-pitch', {})).toEqual(EVEN)
    expect(filled('magenta-both', { density: 2 })).toEqual([...hot(8, 2), ...EVEN])
    expect(filled('magenta-both', { pitches: C_AND_G })).toEqual([...hot(8, 4), ...HALVES])
  })

  test('the optional layout has a flag for asking for nothing at all', () => {
    expect(filled('magenta-optional', {})).toEqual(hot(21, 0))
    expect(filled('magenta-optional', { density: 2, pitches: C_AND_G })).toEqual([0, ...hot(8, 2), ...HALVES])
  })

  test('a model without conditioning has nothing to fill', () => {
    expect(filled('magenta-none', { density: 3 })).toEqual([])
  })
})

test('the drums always receive the place in the bar', () => {
  const atBar = filled('beat-14', {})
  expect(atBar).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
  const onSecondBeat = filled('beat-14', { density: 3 }, 48)
  expect(onSecondBeat[0]).toBeCloseTo(2 / 5, 6)
  expect(onSecondBeat[2]).toBe(1)
  // A quarter of the bar, half of the half bar, and whole beats, eighths and sixteenths.
  for (const [index, expected] of [1, 0, 0, -1, 0, 1, 0, 1, 0, 1].entries())
    expect(onSecondBeat[4 + index]).toBeCloseTo(expected, 6)
  expect(filled('beat-14', {}, -144).slice(4)).toEqual(
    filled('beat-14', {}, 48)
      .slice(4)
      .map((x) => expect.closeTo(x, 6)),
  )
})

describe('controls that a model has no use for', () => {
  const OF_DRUMS = ['steady', 'fills']

  test('the shipped pianist has a use for all of them but a drummer’s', () => {
    expect(Object.keys(unsupportedControls('rubato-17', true))).toEqual(OF_DRUMS)
  })

  test.each([
    [
      'magenta-none',
      true,
      ['density', 'balance', 'pitchWeights', 'dynamics', 'key', 'scale', 'tide', 'guidance'],
    ],
    ['magenta-density', true, ['pitchWeights', 'dynamics', 'key', 'scale', 'tide', 'guidance']],
    ['magenta-pitch', true, ['density', 'balance', 'dynamics', 'tide', 'guidance']],
    ['magenta-both', true, ['dynamics', 'guidance']],
    ['magenta-optional', true, ['dynamics', 'guidance']],
    [
      'beat-14',
      false,
      [
        'pitchWeights',
        'tide',
        'guidance',
        'polyphony',
        'articulation',
        'pedal',
        'memory',
        'form',
        'styleStrength',
      ],
    ],
    ['beat-chord-39', true, ['pitchWeights', 'key', 'scale', 'tide', 'guidance', 'memory', 'form']],
  ])('%s', (layout, hasEnds, names) => {
    const unsupported = unsupportedControls(layout, hasEnds)
    expect(Object.keys(unsupported).sort()).toEqual([...names, ...(hasEnds ? OF_DRUMS : [])].sort())
    for (const why of Object.values(unsupported)) expect(why).toMatch(/^[a-z].*[^.]$/)
  })
})
