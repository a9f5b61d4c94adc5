import { describe, expect, test } from 'vitest'
import { melodyOf } from '../../../src/engine/form/voices.js'
import { encodeSteps, type StepNote } from '../../../src/engine/language/performance.js'
import { type RestyleOptions, restyle } from '../../../src/engine/restyle/restyle.js'
import { transposed } from '../../../src/engine/restyle/transposition.js'
import { gramOf } from '../../../src/engine/style/gram.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const { spec } = readModel(modelFolder('tiny'))
const note = (pitch: number, start: number, end: number, velocity = 64): StepNote => ({
  pitch,
  velocity,
  start,
  end,
})

/** A tune in the right hand over a bass and broken chords. */
const CONTENT = [72, 74, 76, 77, 79, 77, 76, 74, 72].flatMap((pitch, n) => [
  note(48 - (n % 3), 50 * n, 50 * n + 45),
  note(pitch, 50 * n, 50 * n + 48),
  note(60, 50 * n + 25, 50 * n + 45),
])

/** Notes by chance, some `wait` steps apart. */
function styleOf(seed: number, wait: number): StepNote[] {
  const next = randomNumbers(seed)
  return Array.from({ length: 60 }, (_, n) =>
    note(40 + Math.floor(40 * next()), n * wait, n * wait + 2 * wait, 30 + Math.floor(80 * next())),
  )
}

const SETTINGS = { spec, content: CONTENT, style: styleOf(1, 12), balance: 0.7, seed: 1, beam: 3 }
const play = (changes: Partial<RestyleOptions> = {}) =>
  restyle({
    network: shippedNetwork('tiny'),
    ear: shippedNetwork('tiny'),
    ...SETTINGS,
    mayTranspose: false,
    ...changes,
  })

describe('music in another manner', () => {
  test('has every note of the melody once, within 20 ms, and no other note is heard as melody', () => {
    const asked = melodyOf(CONTENT)
    for (let seed = 1; seed <= 8; seed++) {
      const melody = melodyOf(play({ seed, beam: 1, balance: (seed % 4) / 3 }).notes)
      expect(melody.map(({ pitch }) => pitch)).toEqual(asked.map(({ pitch }) => pitch))
      for (const [n, { start }] of asked.entries())
        expect(Math.abs(melody[n]!.start - start)).toBeLessThanOrEqual(2)
    }
  })

  test('is the same for the same seed, and other music for another', () => {
    expect(play()).toEqual(play())
    expect(play({ seed: 2 }).notes).not.toEqual(play().notes)
  })

  test('does not depend on the style at balance 0, and keeps its key', () => {
    const plain = play({ balance: 0, mayTranspose: true })
    const other = play({ balance: 0, mayTranspose: true, style: styleOf(2, 40) })
    expect(other.notes).toEqual(plain.notes)
    expect(other.contentLoss).toBe(plain.contentLoss)
    expect(plain.transposition).toBe(0)
    expect(play({ style: styleOf(2, 40) }).notes).not.toEqual(play().notes)
  })

  test('keeps the melody where it moves to another key', () => {
    const style = transposed(CONTENT, 4)
    const { notes, transposition } = play({ style, mayTranspose: true, balance: 1 })
    const asked = melodyOf(transposed(CONTENT, transposition))
    expect(melodyOf(notes).map(({ pitch }) => pitch)).toEqual(asked.map(({ pitch }) => pitch))
  })

  test('of more ways, the one kept is nearer to the style in the mean of many seeds', () => {
    const mean = (beam: number) => {
      let sum = 0
      for (let seed = 1; seed <= 8; seed++) sum += play({ seed, beam, balance: 1 }).styleLoss
      return sum / 8
    }
    expect(mean(8)).toBeLessThan(mean(1))
  })

  test('says the style loss that a listener to its notes finds', () => {
    const ear = shippedNetwork('tiny')
    const reference = gramOf(ear, spec.network, encodeSteps(SETTINGS.style))
    let apart = 0
    for (let seed = 1; seed <= 8; seed++) {
      const { notes, styleLoss } = play({ seed })
      apart += Math.abs(gramOf(ear, spec.network, encodeSteps(notes)).distance(reference) - styleLoss)
    }
    // Events of one step may come in another order than that of a file, which the tiny model hears a good deal of.
    expect(apart / 8).toBeLessThan(0.2)
  })

  test('reports its progress up to the end', () => {
    const shares: number[] = []
    restyle(
      {
        network: shippedNetwork('tiny'),
        ear: shippedNetwork('tiny'),
        ...SETTINGS,
        mayTranspose: false,
      },
      (share) => shares.push(share),
    )
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  })

  test('refuses a conditioning layout that it does not know', () => {
    expect(() => play({ spec: { ...spec, conditioning: 'none-0' } })).toThrow(/isn't known here/)
  })
})
