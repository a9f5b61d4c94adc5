import type { LatenessFigures } from '../../engine/surface/meters.js'
import type { Ms } from '../../engine/units.js'

/** How many messages the percentiles are of. Fewer: p99 jumps. More: it changes long after lateness has grown. */
const WINDOW = 2000

/** How many seconds are shown one by one: a minute of them fits a terminal's width. */
const SECONDS = 60

/** How late the last messages were sent. */
interface LatenessRecord {
  /** Records that a message was sent `lateness` ms late at process time `at`. */
  add(lateness: Ms, at: Ms): void
  /** The figures at process time `at`, all 0 before the first message. Allocates and sorts: not for a hot loop. */
  figures(at: Ms): LatenessFigures
}

/** A record of no messages. */
export function createLatenessRecord(): LatenessRecord {
  const last = new Float64Array(WINDOW)
  let count = 0
  let max = 0
  /** The worst lateness of each second, the newest at `second` modulo SECONDS. */
  const worst = new Float64Array(SECONDS)
  let second = 0

  function goTo(at: Ms): void {
    const next = Math.max(second, Math.floor(at / 1000))
    for (let passed = Math.max(second, next - SECONDS) + 1; passed <= next; passed++)
      worst[passed % SECONDS] = 0
    second = next
  }

  return {
    add: (lateness, at) => {
      last[count % WINDOW] = lateness
      max = Math.max(max, lateness)
      count++
      goTo(at)
      worst[second % SECONDS] = Math.max(worst[second % SECONDS] ?? 0, lateness)
    },
    figures: (at) => {
      goTo(at)
      const seconds = Array.from(worst, (_, i) => worst[(second + 1 + i) % SECONDS] ?? 0)
      const sorted = last.slice(0, Math.min(count, WINDOW)).sort()
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max, seconds }
    },
  }
}

/** The least of the ascending values that a `share` (0-1) of them doesn't exceed (nearest rank); 0 without values. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
