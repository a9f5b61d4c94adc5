import { MINUTE_MS, type Ms } from '../units.js'
import { multipleAfter, TICKS_PER_QUARTER } from './midi-clock.js'

/**
 * The shortest and the longest time between two ticks that give a tempo (400 and 10 BPM). Ticks outside these limits came
 * in a burst after a stall, or from two clocks.
 */
const SHORTEST_PERIOD_MS: Ms = 6.25
const LONGEST_PERIOD_MS: Ms = 250

/**
 * The clock counts as stopped when no tick has come for this long and for four periods. A shorter limit lets a hiccup stop
 * the band; a longer one lets the music play on after the clock has stopped.
 */
const GONE_MS: Ms = 250
const GONE_PERIODS = 4

/**
 * Number of ticks from which on a tempo is reported. The tempo of fewer ticks is mostly jitter; waiting for more ticks
 * delays the start.
 */
const LEAST_TICKS = 6

/**
 * The longest span of the loop, in ticks (two bars). A longer one takes longer to follow a change of tempo, a shorter one
 * leaves more of the jitter in the tempo (at 3 ms of jitter: 0.05 BPM of 180).
 */
const LONGEST_SPAN = 192

/**
 * The shortest span, in ticks, while the loop follows a change: with a shorter span the loop follows every tick's jitter,
 * with a longer one it follows the change late.
 */
const SHORTEST_SPAN = 10

/**
 * A mean lag of the last ticks above this counts as a change of tempo. A smaller limit shortens the span for mere jitter; a
 * larger one follows a change late.
 */
const LAG_MS: Ms = 2.2

/**
 * The approximate number of ticks over which the mean lag is taken: fewer regard jitter as a lag, more notice a change
 * late.
 */
const LAG_TICKS = 12

/**
 * The factor by which the span shrinks at each tick that lags: a smaller one lets single ticks shorten the span, a larger
 * one follows a change late.
 */
const SHRINK = 0.85

/**
 * A tick that is off by more than this many periods, and by more than this many ms, is an outlier: something has delayed or
 * hastened it, and it says nothing about the tempo.
 */
const OUTLIER_PERIODS = 0.75
const OUTLIER_MS: Ms = 12

/**
 * Ticks before which there are no outliers. With fewer, a clock that comes in the steps of an audio buffer (23 ms at
 * 44.1 kHz) could be followed at a wrong tempo for good, because the ticks that correct it would seem to be outliers; with
 * more, an early stumble changes the tempo.
 */
const SETTLED_TICKS = 48

/**
 * After this many outliers in a row the tempo is measured anew from them: fewer let a short disturbance change the tempo,
 * more follow a new tempo late.
 */
const MOST_OUTLIERS = 4

/**
 * A measured tempo that differs from the old one by less than this share counts as the old tempo: a smaller share regards
 * jitter as a new tempo, a larger one overlooks a small leap.
 */
const SAME_TEMPO = 0.1

/**
 * Follows a MIDI clock: finds its tempo and its place in the song without its jitter. Times are those at which the ticks
 * arrived. Never throws.
 *
 * A loop of second order over the ticks' times: each tick's error corrects phase and period with the gains of a
 * least-squares line through the last n ticks (the growing-memory g-h filter; Brookner 1998, "Tracking and Kalman Filtering
 * Made Easy", 1.10). The *span* n grows to two bars while the tempo holds, and shrinks while the ticks lag to one side.
 */
export class TempoFollower {
  /** The time at which the last tick arrived. */
  #arrived: Ms = Number.NEGATIVE_INFINITY
  /** The loop's estimate of the time of the last tick. */
  #phase: Ms = 0
  /** Time from one tick to the next; NaN before the first two ticks. */
  #period: Ms = Number.NaN
  #span = 0
  /** Number of ticks since the clock was last found. */
  #ticks = 0
  /** Running mean of the last ticks' deviations from the loop's estimates. */
  #lag: Ms = 0
  /** Arrival times of the latest ticks in a row that are outliers. */
  #outliers: Ms[] = []
  /** Number of the last tick in the song. */
  #place = -1
  /** Whether the song runs. True at first, because a device that is joined late has sent its start message long before. */
  #isRunning = true
  /** Number of ticks of the song since it started or continued. */
  #songTicks = 0

  /** A tick arrived at `at`. */
  tick(at: Ms): void {
    if (this.#isGone(at)) this.#begin(at)
    else if (Number.isNaN(this.#period)) this.#measure(at)
    else this.#follow(at)
    this.#arrived = at
    if (!this.#isRunning) return
    this.#place++
    this.#songTicks++
  }

  /** The song starts with the next tick. */
  start(): void {
    this.#isRunning = true
    this.#place = -1
    this.#songTicks = 0
  }

  /** The song goes on with the next tick from its place. */
  continue(): void {
    this.#isRunning = true
    this.#songTicks = 0
  }

  /** The song stops at its place, even if ticks go on. */
  stop(): void {
    this.#isRunning = false
  }

  /** Moves the song to `sixteenths` (song position pointer, MIDI 1.0: in MIDI beats of 6 ticks). */
  locate(sixteenths: number): void {
    this.#place = 6 * sixteenths - 1
  }

  /** The song is at place `quarters`, in quarter notes, at `at`: for one who joins when it has begun. */
  join(at: Ms, quarters: number): void {
    if (this.#hasTempo(at))
      this.#place = Math.round(quarters * TICKS_PER_QUARTER - (at - this.#phase) / this.#period)
  }

  /** Quarter notes a minute; undefined before there are enough ticks, and if the ticks have stopped by `now`. */
  tempo(now: Ms): number | undefined {
    return this.#hasTempo(now) ? MINUTE_MS / (TICKS_PER_QUARTER * this.#period) : undefined
  }

  /** The place in the song at `at`, in quarter notes; undefined if there is no tempo, or if the song has stopped. */
  positionAt(at: Ms): number | undefined {
    if (!this.#isRunning || this.#place < 0 || !this.#hasTempo(at)) return undefined
    return (this.#place + (at - this.#phase) / this.#period) / TICKS_PER_QUARTER
  }

  /** When, after `at`, the place in the song is next a multiple of `quarters` quarter notes; undefined if there is no place. */
  nextMultiple(quarters: number, at: Ms): Ms | undefined {
    const position = this.positionAt(at)
    if (position === undefined) return undefined
    return at + (multipleAfter(quarters, position) - position) * TICKS_PER_QUARTER * this.#period
  }

  #hasTempo(at: Ms): boolean {
    return this.#ticks >= LEAST_TICKS && !this.#isGone(at)
  }

  #isGone(at: Ms): boolean {
    const period = Number.isNaN(this.#period) ? 0 : this.#period
    return at - this.#arrived > Math.max(GONE_MS, GONE_PERIODS * period)
  }

  /** Forgets the tempo: the tick at `at` is the first tick of a new clock. */
  #begin(at: Ms): void {
    this.#phase = at
    this.#period = Number.NaN
    this.#span = 1
    this.#ticks = 1
    this.#lag = 0
    this.#outliers = []
  }

  /** Measures the first period. A burst of ticks has no period: the clock then begins anew with the last tick of the burst. */
  #measure(at: Ms): void {
    if (!isPeriod(at - this.#arrived)) {
      this.#begin(at)
      return
    }
    this.#period = at - this.#arrived
    this.#phase = at
    this.#span = 2
    this.#ticks++
  }

  /** Corrects phase and period by the error of the tick at `at`. */
  #follow(at: Ms): void {
    const error = at - (this.#phase + this.#period)
    this.#ticks++
    this.#phase += this.#period
    const isOff = Math.abs(error) > Math.max(OUTLIER_MS, OUTLIER_PERIODS * this.#period)
    if (isOff && this.#span >= SHORTEST_SPAN && this.#ticks >= SETTLED_TICKS) {
      this.#outliers.push(at)
      if (this.#outliers.length >= MOST_OUTLIERS) this.#followOutliers()
      return
    }
    this.#outliers = []
    this.#lag += (error - this.#lag) / LAG_TICKS
    this.#span = Math.min(LONGEST_SPAN, this.#span + 1)
    if (Math.abs(this.#lag) > LAG_MS) this.#span = Math.max(SHORTEST_SPAN, this.#span * SHRINK)
    const n = Math.max(1, this.#span - 1)
    this.#phase += (error * 2 * (2 * n + 1)) / ((n + 1) * (n + 2))
    const period = this.#period + (error * 6) / ((n + 1) * (n + 2))
    this.#period = Math.min(LONGEST_PERIOD_MS, Math.max(SHORTEST_PERIOD_MS, period))
  }

  /**
   * The last ticks were all outliers: either the tempo has changed, or ticks were lost and the song has moved on by as
   * many.
   */
  #followOutliers(): void {
    const outliers = this.#outliers
    const first = outliers[0] ?? this.#phase
    const last = outliers.at(-1) ?? this.#phase
    const period = (last - first) / (outliers.length - 1)
    const lost = Math.round((last - this.#phase) / this.#period)
    // Ticks that were held up and come in a burst say where the clock is, but nothing about its tempo.
    const isEven = outliers.every((at, n) => n === 0 || isSimilar(at - (outliers[n - 1] ?? at), period))
    const isBurst = !isPeriod(period) || !isEven
    const isSameTempo = isBurst || Math.abs(period / this.#period - 1) < SAME_TEMPO
    // Ticks that were lost before the song started or continued aren't part of it.
    if (isSameTempo && !isBurst && lost > 0 && this.#songTicks > outliers.length) this.#place += lost
    this.#phase = last
    if (!isSameTempo) {
      this.#period = period
      this.#span = SHORTEST_SPAN
    }
    this.#lag = 0
    this.#outliers = []
  }
}

function isPeriod(ms: Ms): boolean {
  return ms >= SHORTEST_PERIOD_MS && ms <= LONGEST_PERIOD_MS
}

/** Whether a wait between two ticks may, allowing for jitter, come from a clock of this period. */
function isSimilar(wait: Ms, period: Ms): boolean {
  return wait > period / 2 && wait < 2 * period
}
