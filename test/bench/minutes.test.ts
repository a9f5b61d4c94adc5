import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readMinutes, writeMinutes } from '../../bench/minute-file.js'
import {
  countSilences,
  distinctFragments,
  MEASURE_NAMES,
  type MinuteFigures,
  mean,
  measureMinutes,
  median,
  pitchClassEntropy,
  scoreMinutes,
  standardDeviation,
} from '../../bench/minute-measures.js'
import {
  edgesOf,
  measuresOutside,
  mediansOf,
  outsideByTurns,
  outsideOf,
  rangesOf,
} from '../../bench/minute-ranges.js'
import { EVENT_COUNT, timeShift } from '../../src/engine/language/events.js'
import type { StepNote } from '../../src/engine/language/performance.js'
import { evaluate } from '../../src/engine/offline/evaluate.js'
import { loggingNetwork } from '../helpers/networks.js'

const MINUTE = 6000

function note(start: number, end: number, pitch = 60, velocity = 64): StepNote {
  return { pitch, velocity, start, end }
}

/** The figures of a minute in which every measure is `value`. */
function minuteOf(value: number | null): MinuteFigures {
  return Object.fromEntries(MEASURE_NAMES.map((name) => [name, value])) as MinuteFigures
}

const minutesOf = (values: readonly number[]) => values.map(minuteOf)
const countedTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

describe('statistics', () => {
  test('mean and standard deviation are of the values themselves', () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5)
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2)
  })

  test('a median is one of the values', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([10, 2])).toBe(2)
  })

  test('of no values is null', () => {
    expect([mean([]), standardDeviation([]), median([]), pitchClassEntropy([])]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  test('pitch classes alike in number have log2 of their number in bits, in any octave', () => {
    expect(pitchClassEntropy([60, 72, 36])).toBe(0)
    expect(pitchClassEntropy([60, 67, 72, 79])).toBe(1)
    expect(pitchClassEntropy([60, 60, 62, 64])).toBe(1.5)
    expect(pitchClassEntropy(countedTo(24))).toBeCloseTo(Math.log2(12), 12)
  })
})

describe('distinct fragments', () => {
  test('of a trill are two, one from each of its notes', () => {
    // 20 notes have 19 intervals (+2, -2, ...), which are 12 fragments of 8.
    expect(distinctFragments(countedTo(20).map((n) => 60 + 2 * (n % 2)))).toBe(2 / 12)
  })

  test('are all fragments where no interval comes twice', () => {
    expect(distinctFragments(countedTo(15).map((n) => (n * (n + 1)) / 2))).toBe(1)
  })

  test('stay the same under transposition', () => {
    // Nine notes and the same nine a fourth higher: of the 10 fragments the last equals the first.
    const melody = [60, 61, 63, 66, 70, 69, 67, 64, 60]
    expect(distinctFragments([...melody, ...melody.map((pitch) => pitch + 5)])).toBe(9 / 10)
  })

  test('need nine notes', () => {
    expect(distinctFragments([1, 2, 3, 4, 5, 6, 7, 8])).toBeNull()
    expect(distinctFragments([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(1)
  })
})

describe('the minutes of a performance', () => {
  test('have the notes that start in them, with their whole length', () => {
    const notes = [
      note(0, 100, 60, 40),
      note(5999, 6299, 62, 60),
      note(6000, 6200, 64, 90),
      note(6100, 12000),
    ]
    const [first, second, third] = measureMinutes(notes, [
      { events: 4, nats: 10 },
      { events: 2, nats: 3 },
    ])
    expect(first).toEqual({
      nats: 2.5,
      density: 2 / 60,
      velocity: 50,
      velocitySpread: 10,
      fragments: null,
      pitchClasses: 1,
      noteLength: 1,
      silence: 58.99,
    })
    expect(second).toMatchObject({ nats: 1.5, density: 2 / 60, velocity: 77, noteLength: 2, silence: 0 })
    expect(third).toBeUndefined()
  })

  test('are whole: a rest of less than a minute is left out', () => {
    expect(measureMinutes([note(0, MINUTE - 1)], [])).toHaveLength(0)
    expect(measureMinutes([note(0, MINUTE)], [])).toHaveLength(1)
    expect(measureMinutes([note(0, 100), note(2 * MINUTE - 1, 3 * MINUTE - 1)], [])).toHaveLength(2)
    expect(measureMinutes([], [])).toEqual([])
  })

  test('each have the whole of a silence that spans them, and none while a note still sounds', () => {
    const silences = (notes: readonly StepNote[]) => measureMinutes(notes, []).map(({ silence }) => silence)
    // The silence lasts from 50 s to 190 s and covers the whole second and third minute.
    expect(silences([note(0, 5000), note(19_000, 24_000)])).toEqual([140, 140, 140, 140])
    expect(silences([note(0, 24_000), note(100, 200), note(19_000, 19_100)])).toEqual([0, 0, 0, 0])
    // A silence that ends when the second minute begins belongs to the first alone.
    expect(silences([note(0, 5900), note(6000, 12_000)])).toEqual([1, 0])
    expect(silences([note(0, 6000), note(6100, 12_000)])).toEqual([0, 1])
    // Of several silences in a minute the longest counts.
    expect(silences([note(0, 100), note(150, 1000), note(1200, 6000)])).toEqual([2])
  })

  test('without notes have no figures but density and silence', () => {
    const [, empty] = measureMinutes([note(0, 6000), note(12_000, 18_000)], [])
    expect(empty).toEqual({ ...minuteOf(null), density: 0, silence: 60 })
  })
})

describe('the score of each minute', () => {
  /** A network that gives all events the same probability, but after `sure` gives `right` probability 1. */
  const networkSure = (sure: number, right: number) =>
    loggingNetwork(1, (logits, event) => {
      if (event === sure) logits[right] = 1000
    })

  test('is that of its events, from one run over the whole performance', () => {
    const { network, log } = networkSure(60, 188)
    const second = timeShift(100)
    const events = [60, ...Array.from({ length: 60 }, () => second), 60, 188]
    const scores = scoreMinutes(network, events)
    expect(log).toEqual(['reset', 'condition 0', 355, ...events.slice(0, -1)])
    expect(scores.map(({ events: count }) => count)).toEqual([61, 2])
    // The time shift after 60 had probability 0, the note-off after it probability 1.
    expect(scores[0]?.nats).toBeCloseTo(60 * Math.log(EVENT_COUNT) + 1000, 6)
    expect(scores[1]?.nats).toBeCloseTo(Math.log(EVENT_COUNT), 6)
  })

  test('adds up to that of the whole performance', () => {
    const { network } = networkSure(60, 188)
    const events = countedTo(1000).map((n) => (n * n * 31) % EVENT_COUNT)
    const scores = scoreMinutes(network, events)
    expect(scores.length).toBeGreaterThan(2)
    const whole = evaluate(network, events)
    expect(scores.reduce((sum, score) => sum + score.events, 0)).toBe(whole.events)
    expect(scores.reduce((sum, score) => sum + score.nats, 0)).toBeCloseTo(whole.nats, 6)
  })

  test('counts a time shift in the minute in which it begins', () => {
    const { network } = networkSure(0, 0)
    const events = [60, ...Array.from({ length: 59 }, () => timeShift(100)), timeShift(99), timeShift(1), 60]
    expect(scoreMinutes(network, events).map(({ events: count }) => count)).toEqual([62, 1])
    expect(scoreMinutes(network, [])).toEqual([])
  })
})

describe('ranges of a reference', () => {
  test('reach from the 1st to the 99th percentile', () => {
    expect(rangesOf(minutesOf(countedTo(200))).nats).toEqual([2, 198])
    expect(rangesOf([...minutesOf(countedTo(200)), minuteOf(null)]).nats).toEqual([2, 198])
  })

  test('include their own ends, and figures that are null', () => {
    const ranges = rangesOf(minutesOf(countedTo(200)))
    expect(measuresOutside({ ...minuteOf(2), silence: 198 }, ranges)).toEqual([])
    expect(measuresOutside({ ...minuteOf(null), nats: 1, silence: 199 }, ranges)).toEqual(['nats', 'silence'])
  })

  test('count a minute once, however many of its measures are outside', () => {
    const ranges = rangesOf(minutesOf(countedTo(200)))
    const { each, any } = outsideOf(
      [minuteOf(1), { ...minuteOf(50), nats: 500 }, ...minutesOf([60, 70])],
      ranges,
    )
    expect(any).toBe(0.5)
    expect(each).toMatchObject({ nats: 0.5, density: 0.25, silence: 0.25 })
    expect(outsideOf([], ranges).any).toBe(0)
  })

  test('by turns compare each file with the other files alone', () => {
    const files = [
      { path: 'a', minutes: minutesOf([1, 2, 3]) },
      { path: 'b', minutes: minutesOf([2, 3, 4, 9]) },
    ]
    // In file a only 1 lies outside the range 2 to 9 of file b; in b, 4 and 9 lie outside the range 1 to 3 of a.
    expect(outsideByTurns(files).any).toBe(3 / 7)
  })
})

describe('start and end of a performance', () => {
  test('are the medians of its first and last ten minutes', () => {
    const edges = edgesOf([{ path: 'a', minutes: minutesOf(countedTo(25)) }])
    expect(edges).toEqual({ first: minuteOf(5), last: minuteOf(20) })
  })

  test('of a file under twenty minutes are not used', () => {
    expect(edgesOf([{ path: 'a', minutes: minutesOf(countedTo(19)) }])).toBeNull()
  })

  test('have medians that leave out null', () => {
    expect(mediansOf([minuteOf(3), minuteOf(null)])).toEqual(minuteOf(3))
  })
})

describe('saved minutes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rubato-minutes-'))
  const path = join(folder, 'minutes.json')
  afterAll(() => rmSync(folder, { recursive: true }))

  test('are read as they were written', () => {
    const files = [
      { path: 'a.mid', minutes: [minuteOf(0.1), minuteOf(null)] },
      { path: 'b.mid', minutes: [] },
    ]
    writeMinutes(path, files)
    expect(readMinutes(path)).toEqual(files)
  })

  test.each(['', '{}', '[1]', '[null]', '[{"path":"a","minutes":[{}]}]', '[{"minutes":[]}]'])(
    'are not taken from %j',
    (text) => {
      writeFileSync(path, text)
      expect(() => readMinutes(path)).toThrow(/--against and --save/)
    },
  )
})

describe('silences', () => {
  test('are counted between notes, not where another note still sounds', () => {
    const notes = [note(0, 100), note(400, 500), note(450, 900), note(1100, 1200), note(1460, 1500)]
    expect(countSilences(notes, 250)).toBe(2)
    expect(countSilences(notes, 300)).toBe(1)
    expect(countSilences([], 250)).toBe(0)
  })
})
