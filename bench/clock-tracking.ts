import { TempoFollower } from '../src/engine/clock/tempo-follower.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { printTable, type Row, round } from './table.js'

/** Standard deviation of the time at which each tick arrives. */
const JITTER_MS: Ms = 3
const SEEDS = 20
const TWO_BARS = 8

/** How the tempo of a test clock changes. */
interface Course {
  readonly title: string
  readonly seconds: number
  /** The tempo in quarter notes a minute, by seconds from the start. */
  readonly tempo: (seconds: number) => number
}

const COURSES: readonly Course[] = [
  ...[60, 90, 120, 180].map((tempo) => ({ title: `${tempo} BPM`, seconds: 60, tempo: () => tempo })),
  { title: '60 to 180 BPM in 60 s', seconds: 60, tempo: (at) => 60 + 2 * at },
  { title: '180 to 60 BPM in 60 s', seconds: 60, tempo: (at) => 180 - 2 * at },
  { title: '120, then 90 from 30 s on', seconds: 60, tempo: (at) => (at < 30 ? 120 : 90) },
]

/** A random number from the standard normal distribution (Box and Muller 1958). */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())

/** Measures how well a MIDI clock with jitter is followed. Time is simulated, so the run doesn't last `seconds`. */
export async function clockTracking(): Promise<readonly Row[]> {
  const rows = COURSES.map(measure)
  printTable(`A MIDI clock with ${JITTER_MS} ms of jitter (sd), ${SEEDS} times each`, rows)
  return rows
}

function measure({ title, seconds, tempo }: Course): Row {
  const settled: number[] = []
  const tempi: number[] = []
  const phases: Ms[] = []
  const stops: Ms[] = []
  for (let seed = 0; seed < SEEDS; seed++) {
    const follower = new TempoFollower()
    follower.start()
    let now: Ms = 0
    let heard: Ms = 0
    for (let tick = 0; now < 1000 * seconds; tick++) {
      // Ticks arrive in order, as over a cable.
      heard = Math.max(heard, now + JITTER_MS * normal())
      follower.tick(heard)
      const actual = tempo(now / 1000)
      const error = Math.abs((follower.tempo(heard) ?? Number.POSITIVE_INFINITY) - actual)
      if (tick === 24 * TWO_BARS) settled.push(error)
      if (tick >= 24 * TWO_BARS) {
        tempi.push(error)
        const position = follower.positionAt(now) ?? Number.POSITIVE_INFINITY
        phases.push((Math.abs(position - tick / 24) * 60_000) / actual)
      }
      now += 60_000 / (24 * actual)
    }
    let stopped = heard
    while (follower.tempo(stopped) !== undefined) stopped += 1
    stops.push(stopped - heard)
  }
  const at = (values: number[], share: number, digits: number) =>
    round(
      percentile(
        values.sort((a, b) => a - b),
        share,
      ),
      digits,
    )
  return {
    clock: title,
    'BPM off after 2 bars, max': at(settled, 1, 3),
    'BPM off p95': at(tempi, 0.95, 3),
    'phase off p50 ms': at(phases, 0.5, 2),
    'p95 ms': at(phases, 0.95, 2),
    'max ms': at(phases, 1, 2),
    'stop seen after ms': at(stops, 1, 0),
  }
}
