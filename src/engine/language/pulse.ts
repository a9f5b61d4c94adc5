import type { Ms } from '../units.js'

/** The beat of a song in plan time, at one tempo. A beat is a quarter note. */
export interface Pulse {
  /** Plan time of beat 0 of the song, where a bar begins; it may lie before plan time 0. */
  readonly at: Ms
  /** The length of a beat, above 0. */
  readonly beatMs: Ms
}

/** The place in the song at plan time `at`, in beats. */
export function beatAt(pulse: Pulse, at: Ms): number {
  return (at - pulse.at) / pulse.beatMs
}

/** Plan time of a place in the song, given in beats. */
export function timeOf(pulse: Pulse, beat: number): Ms {
  return pulse.at + beat * pulse.beatMs
}
