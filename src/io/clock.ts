import type { Ms } from '../engine/units.js'

/**
 * How many times {@link measureOffset} reads both clocks. The best of 25 readings is off by well under 10 us, even when some
 * are interrupted.
 */
const READINGS = 25

/**
 * The difference between the clocks of this thread and of the process: `performance.now()` counts from the start of *its
 * thread*, `process.hrtime` from one point for all threads. The difference is measured once, because each reading of hrtime
 * makes a BigInt, which is garbage, and a thread that spins reads its clock without pause.
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

/** Process time in ms: one monotonic clock for all threads. Never blocks nor throws. */
export function now(): Ms {
  return performance.now() + OFFSET
}

/**
 * Sleeps until `deadline` (process time) or until `words[index]` is no longer `expected`. The system's waits return late, so
 * the wait ends `spin` ms before the deadline and the thread spins for the rest. Read `expected` *before* you drain a ring:
 * otherwise the thread sleeps through a message that arrives in between. Blocks the thread; allocates nothing. @returns true
 * when the word changed, false when the deadline came.
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
 * A spin reads its word for 5 to 10 us between two readings of the clock; this is the least. Shorter: each reading of the
 * clock makes 32 bytes of garbage (until Node 24), up to 0.5 MB in a millisecond, and the collector then runs for 0.2 to 4 ms
 * just when a note is due. Longer: notes are late by half of this time.
 */
const LEAST_SPELL: Ms = 0.005
const MOST_SPELL: Ms = 0.01
/**
 * Most readings of the word between two readings of the clock. They take 0.25 ms if V8 drops the compiled code and runs the
 * loop slowly.
 */
const MOST_POLLS = 8192
/**
 * How often this thread reads the word between two readings of the clock. Adapts while spinning, because compiled code reads
 * faster.
 */
let polls = 64

function spinUntil(words: Int32Array, index: number, expected: number, deadline: Ms): boolean {
  let before = now()
  while (before < deadline) {
    for (let i = 0; i < polls; i++) if (Atomics.load(words, index) !== expected) return true
    const after = now()
    if (after - before < LEAST_SPELL) polls = Math.min(MOST_POLLS, polls * 2)
    else if (after - before > MOST_SPELL) polls = Math.max(1, polls >> 1)
    before = after
  }
  return Atomics.load(words, index) !== expected
}

/** Wakes the thread that sleeps on `words[index]`, or makes its next `sleepUntil` return at once. Never blocks. */
export function wake(words: Int32Array, index: number): void {
  Atomics.add(words, index, 1)
  Atomics.notify(words, index)
}

/**
 * How many waits of {@link TRIAL_MS} are timed to find out how late the system's waits return. All of them take about 0.1 s.
 */
const TRIALS = 40
const TRIAL_MS: Ms = 2
/** Shortest spin. A shorter one makes the median note late by the time to which the system rounds waits up. */
const LEAST_SPIN: Ms = 0.2
/**
 * Longest spin. A longer one takes a whole core and doesn't make the latest notes earlier, because the scheduler interrupts
 * spins too.
 */
const MOST_SPIN: Ms = 3
/** The spin on Windows, whose waits last whole ticks of a 15.6 ms timer. */
const WINDOWS_SPIN: Ms = 16

/** How early waits must end on this machine: the 95th percentile of their lateness, 0.2-3 ms. Blocks about 0.1 s. */
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
