import type { Ms } from '../engine/units.js'

/** Readings for the offset below; the best of them is off by well under 10 us even when one is interrupted. */
const READINGS = 25

/**
 * `performance.now()` counts from the start of *its thread*, `process.hrtime` from one point for the whole process.
 * Measured once: asking hrtime each time makes a BigInt, and in a spin that is garbage for the collector.
 */
function measureOffset(): Ms {
  let best = 0
  let narrowest = Number.POSITIVE_INFINITY
  for (let i = 0; i < READINGS; i++) {
    const before = performance.now()
    const shared = Number(process.hrtime.bigint()) / 1e6
    const after = performance.now()
    if (after - before < narrowest) {
      narrowest = after - before
      best = shared - (before + after) / 2
    }
  }
  return best
}

const OFFSET = measureOffset()

/** Process time: one monotonic clock for all threads. Neither blocks nor throws. */
export function now(): Ms {
  return performance.now() + OFFSET
}

/**
 * Sleeps until `deadline` (process time) or until `words[index]` is no longer `expected`. The system's wait is left
 * `spin` ms early and the rest is spun, since waits return late. Read `expected` *before* looking at the inboxes:
 * then nothing that comes in between is slept over. Blocks the thread; allocates nothing.
 *
 * @returns true when the word changed, false when the deadline came.
 */
export function sleepUntil(
  words: Int32Array,
  index: number,
  expected: number,
  deadline: Ms,
  spin: Ms,
): boolean {
  for (;;) {
    const rest = deadline - spin - now()
    if (rest <= 0) break
    if (Atomics.wait(words, index, expected, rest) !== 'timed-out') return true
  }
  return spinUntil(words, index, expected, deadline)
}

/**
 * A spin looks at its word for about this long between two readings of the clock. A reading makes 32 bytes of garbage
 * (until Node 24): one at each look is 0.5 MB for a millisecond, and the collector then runs, for 0.2 to 4 ms, just
 * where a note is due. Longer makes notes late by half of it.
 */
const LEAST_SPELL: Ms = 0.005
const MOST_SPELL: Ms = 0.01
/** A bound for code that loses its compiled form: 0.25 ms then, once. */
const MOST_LOOKS = 8192
/** Looks in a spell on this thread, found while spinning: it doubles as the code gets compiled. */
let looks = 64

function spinUntil(words: Int32Array, index: number, expected: number, deadline: Ms): boolean {
  let before = now()
  while (before < deadline) {
    for (let look = 0; look < looks; look++) if (Atomics.load(words, index) !== expected) return true
    const after = now()
    if (after - before < LEAST_SPELL) looks = Math.min(MOST_LOOKS, looks * 2)
    else if (after - before > MOST_SPELL) looks = Math.max(1, looks >> 1)
    before = after
  }
  return Atomics.load(words, index) !== expected
}

/** Rings the bell at `words[index]`: a `sleepUntil` on it returns, now or when it is next entered. Never blocks. */
export function wake(words: Int32Array, index: number): void {
  Atomics.add(words, index, 1)
  Atomics.notify(words, index)
}

/** The wait's own lateness is measured over this many waits of {@link TRIAL_MS}: about 0.1 s at start. */
const TRIALS = 40
const TRIAL_MS: Ms = 2
/** Less, and the median note is late by what the wait rounds up; nothing is gained. */
const LEAST_SPIN: Ms = 0.2
/** More buys nothing (the tail is the scheduler's, and it preempts a spin too) and costs a core at fast passages. */
const MOST_SPIN: Ms = 3
/** Windows' waits are whole ticks of its 15.6 ms timer. */
const WINDOWS_SPIN: Ms = 16

/** How early this thread must leave its waits: p95 of how late they return here, 0.2-3 ms. Blocks about 0.1 s. */
export function measureSpinMargin(platform: NodeJS.Platform = process.platform): Ms {
  if (platform === 'win32') return WINDOWS_SPIN
  const word = new Int32Array(new SharedArrayBuffer(4))
  const late: Ms[] = []
  for (let i = 0; i < TRIALS; i++) {
    const deadline = now() + TRIAL_MS
    Atomics.wait(word, 0, 0, TRIAL_MS)
    late.push(now() - deadline)
  }
  late.sort((a, b) => a - b)
  const p95 = late[Math.floor(TRIALS * 0.95)]!
  return Math.min(MOST_SPIN, Math.max(LEAST_SPIN, p95))
}
