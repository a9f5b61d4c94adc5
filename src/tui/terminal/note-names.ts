import { KEY_NAMES } from '../../engine/language/scales.js'
import type { Pitch } from '../../engine/units.js'

/** The name of middle C (60): C3 as Yamaha and Ableton Live call it, or C4 as Roland and physicists do. */
export type Octave = 'C3' | 'C4'

export function octaveOf(pitch: Pitch, octave: Octave): number {
  return Math.floor(pitch / 12) - (octave === 'C3' ? 2 : 1)
}

/** The name of a tonic 0-11. */
export function tonicName(tonic: number): string {
  return KEY_NAMES[(tonic % 12) + 1] ?? ''
}

/** The name of a pitch: 60 is `C3` or `C4`. */
export function pitchName(pitch: Pitch, octave: Octave): string {
  return `${tonicName(pitch)}${octaveOf(pitch, octave)}`
}

/** Whether a pitch is a black key. */
export function isBlack(pitch: Pitch): boolean {
  return [1, 3, 6, 8, 10].includes(pitch % 12)
}
