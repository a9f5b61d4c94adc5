import { STATUS } from '../../engine/language/midi-status.js'
import type { Ms } from '../../engine/units.js'

/**
 * How long a device that sends active sensing may be silent before it counts as gone. Such a device sends something at least
 * every 300 ms (MIDI 1.0, active sensing); the 30 ms more are for messages that are held up on the way. Shorter: a busy
 * machine is taken for a pulled cable. Longer: the notes of a pulled keyboard hang longer.
 */
const SILENT_MS: Ms = 330

/**
 * Active sensing of one input. A device that has sent an active sensing message once and then falls silent for too long is
 * gone (somebody pulled its cable), and the keys it held must be lifted. Never throws.
 */
export interface ActiveSensing {
  /** Records that a message, of any kind, arrived. @returns whether this device sends active sensing. */
  record(bytes: ArrayLike<number>, at: Ms): boolean
  /** Whether the device is found gone at `now`. True once, then false until the device sends active sensing again. */
  isGone(now: Ms): boolean
}

/**
 * The watch over one device from which nothing has arrived yet. It never finds the device gone before the device's first
 * active-sensing message: many keyboards send none, and are silent for hours while nobody plays.
 */
export function createActiveSensing(): ActiveSensing {
  let senses = false
  let last: Ms = 0

  return {
    record: (bytes, at) => {
      last = at
      if (bytes[0] === STATUS.activeSensing) senses = true
      return senses
    },
    isGone: (now) => {
      if (!senses || now - last <= SILENT_MS) return false
      senses = false
      return true
    },
  }
}
