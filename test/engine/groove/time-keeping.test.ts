import { describe, expect, test } from 'vitest'
import { completed, keepsTime, repeatable, type Stroke } from '../../../src/engine/groove/time-keeping.js'

const bar = (...strokes: (readonly [pitch: number, at: number])[]): Stroke[] =>
  strokes.map(([pitch, at]) => ({ pitch, at }))

const HATS = bar([42, 0], [42, 48], [42, 96], [42, 144])
const ROCK = [...bar([36, 0], [38, 48], [36, 96], [38, 144]), ...HATS]

describe('a bar that keeps time', () => {
  test('has kick on 1, backbeats on 2 and 4, and time on hi-hat or ride', () => {
    expect(keepsTime(ROCK)).toBe(true)
    expect(keepsTime([...bar([35, -3], [37, 50], [40, 140]), ...HATS])).toBe(true)
    expect(keepsTime(ROCK.filter(({ at }) => at !== 144))).toBe(false)
    expect(keepsTime([...bar([36, 12], [38, 48], [38, 144]), ...HATS])).toBe(false)
    expect(keepsTime(bar([36, 0], [38, 48], [38, 144]))).toBe(false)
  })

  test('has no run on the toms', () => {
    expect(keepsTime([...ROCK, ...bar([45, 150], [47, 160])])).toBe(true)
    expect(keepsTime([...ROCK, ...bar([45, 150], [47, 160], [43, 170])])).toBe(false)
  })

  test('is remembered without its crashes, each drum once at a place', () => {
    expect(repeatable([...bar([49, 0], [36, 0], [38, 48], [38, 50]), ...HATS.slice(0, 1)])).toEqual(
      bar([36, 0], [42, 0], [38, 48]),
    )
  })

  test('is completed with what it lacks, and with nothing else', () => {
    expect(completed(HATS).filter(({ pitch }) => pitch !== 42)).toEqual(bar([36, 0], [38, 48], [38, 144]))
    expect(completed(ROCK.toSorted((a, b) => a.at - b.at || a.pitch - b.pitch))).toHaveLength(ROCK.length)
  })
})
