import { describe, expect, test } from 'vitest'
import { cadenceNotes } from '../../../src/engine/form/cadence.js'
import { themeOf, themeOfPassage, varied } from '../../../src/engine/form/themes.js'

/** Twelve notes of C major, up and down, with a bass C under the first. */
const SCALE = [60, 62, 64, 65, 67, 69, 71, 72, 71, 67, 64, 60].map((pitch, n) => ({ onset: 30 * n, pitch }))
const NOTES = [{ onset: 0, pitch: 48 }, ...SCALE]
const theme = themeOf(NOTES, 360)!
const same = { centre: theme.centre, stretch: 1, melody: 1, accompaniment: 0.5 }

describe('a theme', () => {
  test('has a key, a density, and the highest note of each chord as its melody', () => {
    expect(theme.centre).toBe(0)
    expect(theme.density).toBeCloseTo(13 / 3.6)
    expect(theme.notes.filter(({ isMelody }) => !isMelody).map(({ pitch }) => pitch)).toEqual([48])
  })

  test('begins with its first note, however late that was struck', () => {
    const late = themeOf(
      NOTES.map((note) => ({ ...note, onset: note.onset + 70 })),
      430,
    )!
    expect(late.notes.map(({ onset }) => onset)).toEqual(theme.notes.map(({ onset }) => onset))
  })

  test('needs a dozen notes', () => {
    expect(themeOf(NOTES.slice(0, 11), 360)).toBeUndefined()
    expect(themeOf([], 0)).toBeUndefined()
  })

  test('is made of a passage, whose strikes are newest first', () => {
    let last = null
    for (const { onset, pitch } of NOTES) last = { pitch, at: onset, before: last }
    expect(themeOfPassage({ last: last!, length: 360 })).toEqual(theme)
  })

  test('returns in another key by the shortest way, at most six semitones down and five up', () => {
    for (let centre = 0; centre < 12; centre++) {
      const shifts = varied(theme, { ...same, centre }).map(({ pitch }, n) => pitch - NOTES[n]!.pitch)
      expect(new Set(shifts).size).toBe(1)
      expect((shifts[0]! + 12) % 12).toBe(centre)
      expect(Math.abs(shifts[0]!)).toBeLessThanOrEqual(6)
    }
  })

  test('has its third, sixth and seventh lowered in minor', () => {
    const inMinor = varied(theme, { ...same, centre: 12 })
    expect(new Set(inMinor.map(({ pitch }) => pitch % 12))).toEqual(new Set([0, 2, 3, 5, 7, 8, 10]))
  })

  test('keeps the strengths of melody and accompaniment apart, and its times stretched', () => {
    const slower = varied(theme, { ...same, stretch: 1.2 })
    expect(slower.map(({ strength }) => strength)).toEqual([0.5, ...SCALE.map(() => 1)])
    expect(slower.at(-1)!.onset).toBe(396)
  })

  test('leaves out notes beyond the keyboard', () => {
    const high = themeOf(
      SCALE.map(({ onset, pitch }) => ({ onset, pitch: pitch + 55 })),
      360,
    )!
    const moved = varied(high, { ...same, centre: (high.centre + 5) % 12 })
    expect(moved.length).toBeLessThan(12)
    expect(moved.every(({ pitch }) => pitch >= 0 && pitch <= 127)).toBe(true)
  })
})

describe('a cadence', () => {
  const chords = (centre: number, melody = 67) => {
    const notes = cadenceNotes(centre, melody)
    return [notes.slice(0, 5), notes.slice(5)].map((chord) => chord.map(({ pitch }) => pitch))
  }

  test.each(Array.from({ length: 24 }, (_, centre) => centre))(
    'in key %i is a dominant seventh and the tonic',
    (centre) => {
      const [dominant, tonic] = chords(centre)
      const degrees = (chord: readonly number[]) => new Set(chord.map((pitch) => (pitch - centre + 240) % 12))
      expect(degrees(dominant!)).toEqual(new Set([7, 11, 2, 5]))
      expect(degrees(tonic!)).toEqual(new Set([0, centre >= 12 ? 3 : 4, 7]))
    },
  )

  test('has its root in the bass, its melody rises from the leading note to the tonic, and no voice jumps', () => {
    for (let centre = 0; centre < 24; centre++) {
      for (const melody of [0, 55, 64, 77, 127]) {
        const [dominant, tonic] = chords(centre, melody)
        expect(Math.min(...tonic!) % 12).toBe(centre % 12)
        expect(Math.max(...tonic!) - Math.max(...dominant!)).toBe(1)
        const inner = dominant!.slice(1).map((pitch, n) => Math.abs(pitch - tonic![n + 1]!))
        expect(Math.max(...inner)).toBeLessThanOrEqual(3)
        expect(new Set([...dominant!, ...tonic!]).size).toBe(9)
      }
    }
  })
})
