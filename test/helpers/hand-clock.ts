import type { Clock } from '../../src/app/clock.js'
import type { Ms } from '../../src/engine/units.js'

/** A clock that a test moves by hand. Timers tick while it is moved, each at exactly its time. */
export interface HandClock extends Clock {
  advance(ms: Ms): void
}

interface Timer {
  readonly period: Ms
  readonly tick: () => void
  next: Ms
}

/** A clock at time 0, on 2 January 2026 at 03:04:05. */
export function handClock(): HandClock {
  let time = 0
  const timers = new Set<Timer>()
  return {
    now: () => time,
    date: () => new Date(2026, 0, 2, 3, 4, 5),
    every: (period, tick) => {
      const timer: Timer = { period, tick, next: time + period }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: (ms) => {
      const end = time + ms
      for (;;) {
        const [first] = [...timers].sort((a, b) => a.next - b.next)
        if (!first || first.next > end) break
        time = first.next
        first.next += first.period
        first.tick()
      }
      time = end
    },
  }
}
