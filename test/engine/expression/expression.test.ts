import { describe, expect, test } from 'vitest'
import { foretellLoudness, parseExpression } from '../../../src/engine/expression/expression-network.js'
import { FEATURES, scoreFeatures } from '../../../src/engine/expression/score-features.js'
import { notesOfScore, type ScoreNote, scoreOf } from '../../../src/engine/form/score.js'
import { Refused } from '../../../src/engine/refused.js'
import { readExpression } from '../../../src/io/models/expression-files.js'
import { randomNumbers } from '../../helpers/random-numbers.js'
import { type TensorToWrite, writeSafetensors } from '../../helpers/safetensors-writer.js'

const LAYERS = 10

/** Weights of two units; all are 0 but those that are given. */
function weights(given: Readonly<Record<string, readonly number[]>> = {}): Uint8Array {
  const shapes: Record<string, readonly number[]> = {
    'input.weight': [FEATURES, 2],
    'input.bias': [2],
    'output.weight': [2, 2],
    'output.bias': [2],
  }
  for (let n = 0; n < LAYERS; n++) {
    shapes[`layer.${n}.weight`] = [6, 2]
    shapes[`layer.${n}.bias`] = [2]
  }
  const tensors: Record<string, TensorToWrite> = {}
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((a, b) => a * b)
    tensors[name] = { shape, values: given[name] ?? new Array<number>(size).fill(0) }
  }
  return writeSafetensors(tensors, 'F32')
}

/** A tune over a bass, by chance. */
function notesBy(seed: number, count = 200): ScoreNote[] {
  const random = randomNumbers(seed)
  let onset = 0
  return Array.from({ length: count }, () => {
    if (random() < 0.7) onset += 12 * (1 + Math.floor(3 * random()))
    return {
      onset,
      pitch: 30 + Math.floor(60 * random()),
      length: 12 * (1 + Math.floor(4 * random())),
    }
  })
}

const loudnessOf = (notes: readonly ScoreNote[]) =>
  notesOfScore(foretellLoudness(readExpression(), scoreOf(notes, 0.5))).map(({ loudness }) => loudness!)

describe('what is told of a score', () => {
  test('has a row for each note, of numbers of ordinary size', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const score = scoreOf(notesBy(seed), 0)
      const features = scoreFeatures(score)
      expect(features).toHaveLength(notesOfScore(score).length * FEATURES)
      expect(features.every((value) => Math.abs(value) < 10)).toBe(true)
    }
  })
})

describe('a network of expression', () => {
  test('foretells what its output says where nothing moves it', () => {
    const network = parseExpression(weights({ 'output.bias': [0.5, Math.log(0.5)] }))
    const { chords } = foretellLoudness(network, scoreOf([{ onset: 0, pitch: 60, length: 10 }], 0))
    expect(chords).toEqual([
      { onset: 0, pitches: [60], lengths: [10], loudness: [{ mean: 74, deviation: 10 }] },
    ])
  })

  test('hears the notes before and after a note at the distance of each layer', () => {
    const onlyFirst = [1, ...new Array<number>(2 * FEATURES - 1).fill(0)]
    // The third layer sees two notes' four neighbours; it passes on what the note after has, and nothing else.
    const after = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    const network = parseExpression(
      weights({ 'input.weight': onlyFirst, 'layer.2.weight': after, 'output.weight': [1, 0, 0, 0] }),
    )
    const tune = Array.from({ length: 9 }, (_, n) => ({
      onset: 10 * n,
      pitch: n === 6 ? 80 : 64,
      length: 10,
    }))
    const means = notesOfScore(foretellLoudness(network, scoreOf(tune, 0))).map(
      ({ loudness }) => loudness!.mean,
    )
    expect(means).toEqual([64, 64, 84, 64, 64, 64, 84, 64, 64])
  })

  test('keeps its numbers within what velocities are', () => {
    const network = parseExpression(weights({ 'output.bias': [60, 60] }))
    const { chords } = foretellLoudness(network, scoreOf(notesBy(1, 5), 0))
    for (const { loudness } of chords)
      for (const each of loudness!) expect(each).toEqual({ mean: 127, deviation: 30 })
  })

  test('refuses other weights, with a sentence', () => {
    expect(() => parseExpression(new Uint8Array(3))).toThrow(Refused)
    expect(() => parseExpression(writeSafetensors({ a: { shape: [1], values: [0] } }))).toThrow(Refused)
    expect(() => parseExpression(weights({ 'layer.3.bias': [0, Number.NaN] }))).toThrow(/layer.3.bias/)
    expect(() => readExpression('/nowhere')).toThrow(/weights.safetensors/)
  })
})

describe('the network of expression that comes with Rubato', () => {
  test('has a melody louder than the chords under it', () => {
    const notes = Array.from({ length: 64 }, (_, n) => [
      { onset: 24 * n, pitch: 76 + [0, 2, 4, 5][n % 4]!, length: 24 },
      ...[52, 55, 60].map((pitch) => ({ onset: 24 * n, pitch, length: 24 })),
    ]).flat()
    const loudness = loudnessOf(notes)
    const mean = (isTop: boolean) => {
      const own = loudness.filter((_, n) => (n % 4 === 3) === isTop).map((each) => each.mean)
      return own.reduce((a, b) => a + b, 0) / own.length
    }
    expect(mean(true)).toBeGreaterThan(mean(false) + 5)
  })

  test('foretells the same for the same score, wherever it begins', () => {
    const notes = notesBy(3)
    expect(loudnessOf(notes)).toEqual(loudnessOf(notes))
    expect(loudnessOf(notes.map((note) => ({ ...note, onset: note.onset + 500 })))).toEqual(loudnessOf(notes))
  })
})
