import type { Ms } from '../../engine/units.js'

/** Whose MIDI clock counts where several ports send one: a tempo made of two would be none. Never throws. */
export interface ClockChoice {
  /** Whether a message of this status from `port` counts. All that isn't of the clock does. */
  hears(port: string, status: number, at: Ms): boolean
}

const TICK = 0xf8
const SONG_POSITION = 0xf2
const START = 0xfa
const STOP = 0xfc

/** A clock that hasn't ticked for so long has left: shorter takes a hiccup for it, longer leaves the band without one. */
const GONE_MS: Ms = 1000

/** The first that ticks counts until it ticks no more. Until any does, every port's transport is heard. */
export function createClockChoice(): ClockChoice {
  let chosen: string | null = null
  let tickedAt: Ms = Number.NEGATIVE_INFINITY

  return {
    hears: (port, status, at) => {
      const isTransport = status === SONG_POSITION || (status >= START && status <= STOP)
      if (status !== TICK && !isTransport) return true
      if (at - tickedAt > GONE_MS) chosen = null
      if (status === TICK && (chosen ?? port) === port) {
        chosen = port
        tickedAt = at
      }
      return chosen === null || chosen === port
    },
  }
}
