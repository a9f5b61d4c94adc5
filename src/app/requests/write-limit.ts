import type { Ms } from '../../engine/units.js'

/** What clients of the WebSocket may have written: `burst` at once, and then one in `rest`. */
interface Allowance {
  readonly burst: number
  readonly rest: Ms
}

/**
 * A capture holds two minutes of music: more of them than one in this time tell nothing new, and fill the disk. Presets are
 * small, and somebody may well store three sounds in a row.
 */
const ALLOWANCES = {
  capture: { burst: 1, rest: 5000 },
  store: { burst: 3, rest: 5000 },
} as const satisfies Record<string, Allowance>

/** Limits how often clients have files written, all of them together: writing holds up main. */
export class WriteLimit {
  /** For each request the time from which on nothing of its burst is used up. */
  readonly #fullAt = new Map<string, Ms>()

  /** Counts a request at `now`. @returns null if it may be carried out; the whole seconds to wait if not */
  count(request: keyof typeof ALLOWANCES, now: Ms): number | null {
    const { burst, rest } = ALLOWANCES[request]
    const fullAt = Math.max(now, this.#fullAt.get(request) ?? now)
    const wait = fullAt + rest - (now + burst * rest)
    if (wait > 0) return Math.ceil(wait / 1000)
    this.#fullAt.set(request, fullAt + rest)
    return null
  }
}
