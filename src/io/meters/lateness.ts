import type { LatenessFigures } from '../../engine/surface/meters.js'
import type { Ms } from '../../engine/units.js'

/** Messages that the percentiles look back on: fewer makes p99 jump, more hides that things got worse. */
const WINDOW = 2000

/** Seconds that are looked back on one by one: a minute fits a terminal's width. */
const SECONDS = 60

/** Keeps the lateness of the last messages. */
export interface LatenessRecord {
  /** `at`: process time when the message left. */
  add(lateness: Ms, at: Ms): void
  /** At process time `at`. Allocates a sorted copy: not for a hot loop. All 0 before the first message. */
  figures(at: Ms): LatenessFigures
}

export function createLatenessRecord(): LatenessRecord {
  const last = new Float64Array(WINDOW)
  let count = 0
  let max = 0
  /** The worst by second, the newest at `second` modulo SECONDS. */
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

/** The value that `share` 0-1 of the ascending values don't exceed (nearest rank); 0 of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
