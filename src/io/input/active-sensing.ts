import type { Ms } from '../../engine/units.js'

const ACTIVE_SENSING = 0xfe
/** MIDI 1.0 has a device that senses send something every 300 ms; the slack is for what is held up on the way. */
const SILENT_MS: Ms = 330

/**
 * Active sensing of one input: a device that has once sent it, and then nothing for too long, is gone (a cable was pulled),
 * and what it held must be lifted. Never throws.
 */
export interface ActiveSensing {
  /** Takes in any message. @returns whether the device senses */
  record(bytes: ArrayLike<number>, at: Ms): boolean
  /** Whether it has just been found gone at `now`; once. */
  isGone(now: Ms): boolean
}

/** The sensing of a device that hasn't sent anything. */
export function createActiveSensing(): ActiveSensing {
  let senses = false
  let last: Ms = 0

  return {
    record: (bytes, at) => {
      last = at
      if (bytes[0] === ACTIVE_SENSING) senses = true
      return senses
    },
    isGone: (now) => {
      if (!senses || now - last <= SILENT_MS) return false
      senses = false
      return true
    },
  }
}
