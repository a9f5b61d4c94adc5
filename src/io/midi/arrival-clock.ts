import type { Ms } from '../../engine/units.js'

/**
 * How fast the driver's clock may run slow against ours, ms a ms. Smaller: stamps stay early after drift; larger: a
 * run of late callbacks pulls the stamps late with it. Crystals differ by under 100 ppm.
 */
const DRIFT = 1e-4
/** A stamp older than this is mistrusted (the machine slept, or deltas are wrong) and the clocks are matched anew. */
const MOST_DELAY_MS: Ms = 200

/**
 * Makes arrival times of a driver's delta times. The deltas are exact to each other, callbacks only ever late: so the
 * offset between the clocks is the *least* that was seen, let up by the drift. One for each open port.
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
    // A better match of the clocks would put this message before one already stamped; rounding, a hair after now.
    this.#last = Math.min(Math.max(this.#driver + this.#offset, this.#last), now)
    return this.#last
  }
}
