import type { Ms } from '../../engine/units.js'

/**
 * How much slower than ours the driver's clock may run, in ms per ms; crystals differ by under 100 ppm. Smaller: stamps
 * stay too early when the clocks drift apart. Larger: several late callbacks in a row make the stamps late as well.
 */
const DRIFT = 1e-4
/**
 * A stamp further back than this means that the machine slept or that deltas are wrong; then the two clocks are matched anew.
 */
const MOST_DELAY_MS: Ms = 200

/**
 * Makes arrival times from the delta times of a MIDI driver. The deltas are exact, but the callbacks that bring them are late
 * by as long as the event loop is busy. Therefore the offset between the driver's clock and ours is the *least* one seen,
 * raised slowly for clock drift. Each open port needs an ArrivalClock of its own.
 */
export class ArrivalClock {
  #driver: Ms = 0
  #offset = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  /** @param delta ms since the port's last message. @returns process time, never after `now` nor before the last. */
  stamp(delta: Ms, now: Ms): Ms {
    const elapsed = Number.isFinite(delta) && delta > 0 ? delta : 0
    this.#driver += elapsed
    this.#offset = Math.min(this.#offset + elapsed * DRIFT, now - this.#driver)
    if (now - (this.#driver + this.#offset) > MOST_DELAY_MS) this.#offset = now - this.#driver
    // A new offset could put this message before the one stamped last, and rounding could put it after `now`.
    this.#last = Math.min(Math.max(this.#driver + this.#offset, this.#last), now)
    return this.#last
  }
}
