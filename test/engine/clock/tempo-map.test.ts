import { describe, expect, it } from 'vitest'
import {
  type BeatReport,
  createTempoMap,
  tempoMapOf,
  wholeBars,
} from '../../../src/engine/clock/tempo-map.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** A report of a song that runs at `tempo` and was at its beat 0 at `start`. */
const song = (at: number, start: number, tempo: number, beatsPerBar = 4): BeatReport => ({
  at,
  beat: { tempo, position: ((at - start) * tempo) / 60_000 },
  beatsPerBar,
})
const silence = (at: number): BeatReport => ({ at, beat: null, beatsPerBar: 4 })

describe('a tempo map', () => {
  it('has 120 beats a minute from its beginning where no beat is reported', () => {
    const map = createTempoMap()
    for (const at of [0, 100, 5000]) map.report(silence(at))
    map.begin(1000)
    expect([500, 1000, 1250, 3000].map(map.beatAt, map)).toEqual([0, 0, 0.5, 4])
    expect(map.stretches).toHaveLength(1)
    expect(map.meters).toEqual([{ beat: 0, sixteenths: 16 }])
  })

  it('begins with the bar in which its first message lies', () => {
    const map = createTempoMap()
    map.report(song(10_000, 1000, 96))
    // Beats last 625 ms: at 9500 the song is at 13.6, 1.6 beats into its bar.
    map.begin(9500)
    expect(map.beatAt(9500)).toBeCloseTo(1.6, 9)
    expect(map.beatAt(9500 + 2.4 * 625)).toBeCloseTo(4, 9)
    expect(map.stretches).toEqual([{ at: 9500 - 1000, beat: 0, beatMs: 625 }])
  })

  it('has a first note that comes a hair before its song on the first beat, without a leap of tempo', () => {
    const map = createTempoMap()
    map.report(song(1050, 1010, 96))
    map.begin(1000)
    map.report(song(1116, 1010, 96))
    expect(map.stretches).toEqual([{ at: 1010, beat: 0, beatMs: 625 }])
    expect([1000, 1010, 1635].map(map.beatAt, map)).toEqual([0, 0, 1])
  })

  it('writes no change of tempo for a beat that goes on as reported, with its bars where they were', () => {
    const map = createTempoMap()
    map.report(song(66, 0, 140, 3))
    map.begin(66)
    for (let at = 132; at < 100_000; at += 66) map.report(song(at, 0, 140, 3))
    expect(map.stretches).toHaveLength(1)
    expect(map.meters).toEqual([{ beat: 0, sixteenths: 12 }])
    expect(map.beatAt(300 * (60_000 / 140))).toBeCloseTo(300, 6)
  })

  it('bends exactly where the tempo changed between two reports', () => {
    const map = createTempoMap()
    map.report(song(0, 0, 120))
    map.begin(0)
    map.report(song(1960, 0, 120))
    // 120 up to 2000 (beat 4), 90 from there on.
    map.report({ at: 2026, beat: { tempo: 90, position: 4 + (26 * 90) / 60_000 }, beatsPerBar: 4 })
    expect(map.beatAt(2000)).toBeCloseTo(4, 9)
    expect(map.beatAt(2000 + 60_000 / 90)).toBeCloseTo(5, 9)
  })

  it('has the bars of a song that starts after other music: the bar before is of odd length', () => {
    const map = createTempoMap()
    map.report(silence(0))
    map.begin(100)
    for (let at = 200; at < 5300; at += 66) map.report(silence(at))
    for (let at = 5400; at < 20_000; at += 66) map.report(song(at, 5333, 100))
    const start = map.beatAt(5333)
    const [first, odd, bars] = map.meters
    expect([first?.beat, first?.sixteenths, bars?.beat, bars?.sixteenths]).toEqual([0, 16, start, 16])
    expect(odd!.beat % 4).toBe(0)
    expect(start - odd!.beat).toBe(odd!.sixteenths / 4)
    // What was played before lies where it lay, to less than a sixteenth.
    expect(Math.abs(start - (5333 - 100) / 500)).toBeLessThan(0.25)
    for (const beat of [1, 4, 17]) expect(map.beatAt(5333 + beat * 600)).toBeCloseTo(start + beat, 6)
  })

  it('has the bars of a song that begins anew, jumps or changes its bar, and takes no leap of whole bars for one', () => {
    const map = createTempoMap()
    map.report(song(0, 0, 120))
    map.begin(0)
    for (let at = 66; at < 9000; at += 66) map.report(song(at, 0, 120))
    expect(map.meters).toHaveLength(1)
    // A song position that is two bars on.
    for (let at = 9066; at < 12_000; at += 66) map.report(song(at, -4000, 120))
    expect([map.meters.length, map.stretches.length]).toEqual([1, 1])
    const checkBar = (start: number, bar: number) => {
      const last = map.meters.at(-1)!
      const bars = (map.beatAt(start) - last.beat) / bar
      expect(bars).toBeCloseTo(Math.round(bars), 6)
      expect(last.sixteenths).toBe(4 * bar)
    }
    for (let at = 12_066; at < 14_000; at += 66) map.report(silence(at))
    for (let at = 14_150; at < 16_000; at += 66) map.report(song(at, 14_111, 120))
    checkBar(14_111, 4)
    for (let at = 16_066; at < 18_000; at += 66) map.report(song(at, 13_300, 120))
    checkBar(13_300 + 6000, 4)
    for (let at = 18_066; at < 20_000; at += 66) map.report(song(at, 13_300, 120, 3))
    checkBar(13_300 + 7500, 3)
  })

  it('never goes back, and its tempo stays within what programs take, whatever is reported', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomNumbers(seed)
      const map = createTempoMap()
      let at = 0
      map.report(silence(at))
      map.begin(5)
      for (let n = 0; n < 200; n++) {
        at += 5 + 120 * random()
        map.report(random() < 0.2 ? silence(at) : song(at, at - 20_000 * random(), 20 + 280 * random()))
      }
      let last = -1
      for (let time = 0; time < at; time += 7) {
        const beat = map.beatAt(time)
        expect(beat).toBeGreaterThanOrEqual(last)
        last = beat
      }
      for (const { beatMs } of map.stretches) expect(beatMs).toBeGreaterThan(0)
      expect(map.meters.every(({ sixteenths }) => sixteenths >= 1 && sixteenths <= 16)).toBe(true)
    }
  })

  it('made of all reports at once holds each of them until the next', () => {
    const map = tempoMapOf(
      [song(0, 0, 120), { at: 3000, beat: { tempo: 60, position: 6 }, beatsPerBar: 4 }],
      1000,
    )
    expect([1000, 3000, 4000, 9000].map(map.beatAt, map)).toEqual(
      [2, 6, 7, 12].map((beat) => expect.closeTo(beat, 9)),
    )
  })
})

describe('a tempo map of all reports at once', () => {
  it('has a bar exactly where a song begins anew after a pause', () => {
    const map = tempoMapOf([song(1000, 1000, 120), song(7300, 7300, 96)], 1000)
    const { beat } = map.meters.at(-1)!
    expect(map.beatAt(7300)).toBeCloseTo(beat, 9)
    expect(map.beatAt(7300 + 625)).toBeCloseTo(beat + 1, 9)
    expect(map.beatAt(3000)).toBe(4)
  })
})

describe('the whole bars between two times', () => {
  it('begin with the first bar and end with the last that is over', () => {
    const reports = Array.from({ length: 300 }, (_, n) => song(66 * n, 0, 120))
    const [from, to] = wholeBars(reports, 3000, 17_999)
    expect([from, to]).toEqual([expect.closeTo(4000, 6), expect.closeTo(16_000, 6)])
  })

  it('are all of the time where no song runs, or no bar is over', () => {
    expect(wholeBars([], 1000, 5000)).toEqual([1000, 5000])
    expect(wholeBars([song(100, 0, 60)], 1000, 3900)).toEqual([1000, 3900])
    const begun = [silence(0), ...Array.from({ length: 300 }, (_, n) => song(6000 + 66 * n, 6000, 120))]
    expect(wholeBars(begun, 1000, 9000)).toEqual([1000, expect.closeTo(8000, 6)])
  })
})
