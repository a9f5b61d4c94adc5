import { STATUS } from '../../engine/language/midi-status.js'
import type { Ms } from '../../engine/units.js'

/** Chooses one port where several send a MIDI clock: ticks of two clocks together make no tempo. Never throws. */
export interface ClockChoice {
  /**
   * Whether a message with this status byte from `port` is let through. Every message that is neither clock nor transport is.
   */
  accepts(port: string, status: number, at: Ms): boolean
}

/**
 * After this long without a tick a clock counts as gone, and another port may be chosen. Shorter: a hiccup of the clock
 * switches ports. Longer: the band is without a clock for longer.
 */
const GONE_MS: Ms = 1000

/**
 * A choice that stays with the first port that ticks until its clock is gone. Before any port ticks, transport from all ports
 * counts.
 */
export function createClockChoice(): ClockChoice {
  let chosen: string | null = null
  let tickedAt: Ms = Number.NEGATIVE_INFINITY

  return {
    accepts: (port, status, at) => {
      const isTick = status === STATUS.clock
      if (!isTick && !isTransport(status)) return true
      if (at - tickedAt > GONE_MS) chosen = null
      if (isTick && (chosen ?? port) === port) {
        chosen = port
        tickedAt = at
      }
      return chosen === null || chosen === port
    },
  }
}

function isTransport(status: number): boolean {
  return status === STATUS.songPosition || (status >= STATUS.start && status <= STATUS.stop)
}
