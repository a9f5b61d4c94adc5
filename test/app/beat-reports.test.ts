import { describe, expect, it } from 'vitest'
import { createBeatReports } from '../../src/app/beat-reports.js'
import type { BeatReport } from '../../src/engine/clock/tempo-map.js'
import { defaultControls } from '../../src/engine/controls/controls.js'
import type { Beat } from '../../src/engine/surface/snapshot.js'

const beat = (at: number, position: number | null): Beat => ({ tempo: 100, position, at, source: 'ours' })

function setUp() {
  const beats: Record<'pianist' | 'drummer', Beat | null> = { pianist: null, drummer: null }
  const told: BeatReport[] = []
  const controls = { ...defaultControls(), beatsPerBar: 3 }
  const report = createBeatReports(
    () => ({ beat: beats.pianist, controls }),
    () => ({ beat: beats.drummer, controls }),
    (next) => told.push(next),
  )
  return { beats, told, report }
}

describe('reports of the beat', () => {
  it("are one for each snapshot that has news, of the drummer's beat where the pianist has none", () => {
    const { beats, told, report } = setUp()
    beats.pianist = beat(1000, 4)
    beats.drummer = beat(1010, 5)
    report(1020)
    report(1040)
    beats.pianist = beat(1066, null)
    beats.drummer = beat(1076, 5.5)
    report(1090)
    expect(told).toEqual([
      { at: 1000, beat: beat(1000, 4), beatsPerBar: 3 },
      { at: 1076, beat: beat(1076, 5.5), beatsPerBar: 3 },
    ])
  })

  it('tell that there is no song only of a time that the snapshot is surely later than', () => {
    const { told, report } = setUp()
    report(1000)
    report(1020)
    expect(told.map(({ at, beat: none }) => [at, none])).toEqual([
      [800, null],
      [820, null],
    ])
  })
})
