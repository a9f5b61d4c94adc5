import { KEY_NAMES } from '../../engine/language/scales.js'
import type { Pitch } from '../../engine/units.js'

/** What middle C (60) is called: C3 as Yamaha and Live have it, C4 as Roland, Logic's other setting and physicists. */
export type Octave = 'C3' | 'C4'

export function octaveOf(pitch: Pitch, octave: Octave): number {
  return Math.floor(pitch / 12) - (octave === 'C3' ? 2 : 1)
}

/** A tonic 0-11 by its name. */
export function tonicName(tonic: number): string {
  return KEY_NAMES[(tonic % 12) + 1] ?? ''
}

/** A pitch by its name: 60 is `C3`, or `C4`. */
export function pitchName(pitch: Pitch, octave: Octave): string {
  return `${tonicName(pitch)}${octaveOf(pitch, octave)}`
}

/** Whether a pitch is a black key. */
export function isBlack(pitch: Pitch): boolean {
  return [1, 3, 6, 8, 10].includes(pitch % 12)
}
