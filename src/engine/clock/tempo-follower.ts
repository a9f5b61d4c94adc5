import type { Ms } from '../units.js'
import { TICKS_PER_QUARTER } from './clock-generator.js'

/** Follows a MIDI clock: its tempo and its place in the song, without its jitter. Times are those of the ticks. Never throws. */
export interface TempoFollower {
  /** A tick that arrived at `at`. */
  tick(at: Ms): void
  /** The next tick is the song's first. */
  start(): void
  /** The song goes on with the next tick from where it stands. */
  continue(): void
  /** The song stands; ticks may go on. */
  stop(): void
  /** The song stands at `sixteenths` (song position pointer, MIDI 1.0: MIDI beats of 6 ticks). */
  locate(sixteenths: number): void
  /** Quarter notes a minute; undefined before there are some ticks, and when they have stopped by `now`. */
  tempo(now: Ms): number | undefined
  /** Place in the song at `at`, in quarter notes; undefined without a tempo, and while the song stands. */
  positionAt(at: Ms): number | undefined
  /** The first multiple of `quarters` after `at`; undefined as the place is. */
  nextMultiple(quarters: number, at: Ms): Ms | undefined
}

/** Ticks closer together or further apart are no tempo (10 to 400 BPM): a heap after a stall, or two clocks at once. */
const SHORTEST_PERIOD_MS: Ms = 6.25
const LONGEST_PERIOD_MS: Ms = 250
/** No tick for this long, or for four of them, means that the clock has stopped. Shorter: a hiccup stops the band. */
const GONE_MS: Ms = 250
/** A tempo is told from so many ticks on: fewer are mostly jitter. */
const LEAST_TICKS = 6
/**
 * The loop remembers so many ticks at most (two bars): more takes longer to follow a change of tempo, fewer leaves more of
 * the jitter in it (at 3 ms: 0.05 BPM of 180).
 */
const LONGEST_MEMORY = 192
/** And so many at least while it follows a change: fewer and every tick's jitter is taken for one. */
const SHORTEST_MEMORY = 10
/** The mean lag of the last ticks that is taken for a change of tempo: smaller shortens the memory for mere jitter. */
const LAG_MS: Ms = 2.2
/** The mean is over this many ticks or so. */
const LAG_TICKS = 12
/** How fast the memory shortens, a tick. */
const SHORTEN = 0.85
/** A tick this far off, in ticks and at least in ms, is held up or early by an accident, and tells nothing of the tempo. */
const ACCIDENT_TICKS = 0.75
const ACCIDENT_MS: Ms = 12
/**
 * From so many ticks on there are accidents: before, a clock that comes in the steps of an audio buffer (23 ms at 44.1 kHz)
 * would be taken at the wrong tempo for good, since what corrects it looked like one. Longer: an early stumble is believed.
 */
const SETTLED_TICKS = 48
/** So many of them in a row are no accident: the clock is found anew. */
const MOST_ACCIDENTS = 4

function isPeriod(ms: Ms): boolean {
  return ms >= SHORTEST_PERIOD_MS && ms <= LONGEST_PERIOD_MS
}

/** Whether two waits may be of one tempo, jitter and all. */
function isLike(wait: Ms, period: Ms): boolean {
  return wait > period / 2 && wait < 2 * period
}

/**
 * A loop of second order over the ticks' times: phase and period are corrected by each tick's error, with the gains of a
 * least-squares line through the last n ticks (the growing-memory g-h filter; Brookner 1998, "Tracking and Kalman Filtering
 * Made Easy", 1.10), where n grows to two bars while the tempo holds and shrinks while the ticks lag to one side.
 */
export function createTempoFollower(): TempoFollower {
  /** The last tick's arrival, and where the loop puts it. */
  let arrived = Number.NEGATIVE_INFINITY
  let phase: Ms = 0
  let period: Ms = Number.NaN
  let memory = 0
  let ticks = 0
  let lag: Ms = 0
  let accidents: Ms[] = []
  /** Number of the last tick in the song. */
  let place = -1
  /** Most devices that are joined late have long sent their start: ticks alone run as well, until a stop is heard. */
  let running = true
  /** Ticks of the song since it began or went on. */
  let songTicks = 0

  function begin(at: Ms): void {
    phase = at
    period = Number.NaN
    memory = 1
    ticks = 1
    lag = 0
    accidents = []
  }

  const isGone = (at: Ms) => at - arrived > Math.max(GONE_MS, 4 * (Number.isNaN(period) ? 0 : period))

  function tick(at: Ms): void {
    if (isGone(at)) begin(at)
    else if (Number.isNaN(period)) measure(at)
    else follow(at)
    arrived = at
    if (!running) return
    place++
    songTicks++
  }

  /** The first step. What comes in a heap tells nothing: the clock begins with the last of it. */
  function measure(at: Ms): void {
    if (!isPeriod(at - arrived)) {
      begin(at)
      return
    }
    period = at - arrived
    phase = at
    memory = 2
    ticks++
  }

  function follow(at: Ms): void {
    const error = at - (phase + period)
    ticks++
    phase += period
    // Before the loop knows its tempo nothing is off it.
    const isAccident = Math.abs(error) > Math.max(ACCIDENT_MS, ACCIDENT_TICKS * period)
    if (isAccident && memory >= SHORTEST_MEMORY && ticks >= SETTLED_TICKS) {
      accidents.push(at)
      if (accidents.length >= MOST_ACCIDENTS) findAnew()
      return
    }
    accidents = []
    lag += (error - lag) / LAG_TICKS
    memory = Math.min(LONGEST_MEMORY, memory + 1)
    if (Math.abs(lag) > LAG_MS) memory = Math.max(SHORTEST_MEMORY, memory * SHORTEN)
    const n = Math.max(1, memory - 1)
    phase += (error * 2 * (2 * n + 1)) / ((n + 1) * (n + 2))
    const next = period + (error * 6) / ((n + 1) * (n + 2))
    period = Math.min(LONGEST_PERIOD_MS, Math.max(SHORTEST_PERIOD_MS, next))
  }

  /** The last ticks agree on another time: another tempo, or ticks were lost, which the song has gone through all the same. */
  function findAnew(): void {
    const first = accidents[0] ?? phase
    const last = accidents.at(-1) ?? phase
    const found = (last - first) / (accidents.length - 1)
    const lost = Math.round((last - phase) / period)
    // What was held up and comes in a heap says where the clock is, and no tempo.
    const isEven = accidents.every((at, n) => n === 0 || isLike(at - (accidents[n - 1] ?? at), found))
    const isHeap = !isPeriod(found) || !isEven
    const isSameTempo = isHeap || Math.abs(found / period - 1) < 0.1
    // What was missing before the song began or went on is not missing in it.
    if (isSameTempo && !isHeap && lost > 0 && songTicks > accidents.length) place += lost
    phase = last
    if (!isSameTempo) period = found
    memory = isSameTempo ? memory : SHORTEST_MEMORY
    lag = 0
    accidents = []
  }

  const hasTempo = (at: Ms) => ticks >= LEAST_TICKS && !isGone(at)

  function positionAt(at: Ms): number | undefined {
    if (!running || place < 0 || !hasTempo(at)) return undefined
    return (place + (at - phase) / period) / TICKS_PER_QUARTER
  }

  return {
    tick,
    start: () => {
      running = true
      place = -1
      songTicks = 0
    },
    continue: () => {
      running = true
      songTicks = 0
    },
    stop: () => {
      running = false
    },
    locate: (sixteenths) => {
      place = 6 * sixteenths - 1
    },
    tempo: (now) => (hasTempo(now) ? 60_000 / (TICKS_PER_QUARTER * period) : undefined),
    positionAt,
    nextMultiple: (quarters, at) => {
      const position = positionAt(at)
      if (position === undefined) return undefined
      const next = quarters * (Math.floor(position / quarters + 1e-9) + 1)
      return at + (next - position) * TICKS_PER_QUARTER * period
    },
  }
}
