import type { Pitch, Steps } from '../units.js'

/** How many strikes are remembered: fewer can't tell a dense passage from its last chord, more cost each copy of a moment. */
const REMEMBERED = 16

/** The pianist's own last strikes: those of the player in the same history are left out. Oldest first. */
export interface OwnStrikes {
  readonly clocks: Int32Array
  readonly pitches: Uint8Array
  /** How many there are; the first so many places are filled. */
  length: number
}

export function noStrikes(): OwnStrikes {
  return { clocks: new Int32Array(REMEMBERED), pitches: new Uint8Array(REMEMBERED), length: 0 }
}

/** Adds a strike; the oldest is forgotten where there is no room. Allocates nothing. */
export function rememberStrike(own: OwnStrikes, clock: Steps, pitch: Pitch): void {
  if (own.length === REMEMBERED) {
    own.clocks.copyWithin(0, 1)
    own.pitches.copyWithin(0, 1)
    own.length--
  }
  own.clocks[own.length] = clock
  own.pitches[own.length] = pitch
  own.length++
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyStrikes(from: OwnStrikes, to: OwnStrikes): void {
  to.clocks.set(from.clocks)
  to.pitches.set(from.pitches)
  to.length = from.length
}

/** Moves every strike later by `by` steps (below 0: earlier). Allocates nothing. */
export function shiftStrikes(own: OwnStrikes, by: Steps): void {
  for (let n = 0; n < own.length; n++) own.clocks[n] = own.clocks[n]! + by
}
