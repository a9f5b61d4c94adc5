import { PITCH_COUNT } from './events.js'
import type { Pitch } from './units.js'

/** Semitones, up or down, that a note added to a key may lie from it. */
const INTERVALS = {
  /** Anything but unisons and seconds, within a twelfth. */
  free: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  consonant: [3, 4, 5, 7, 8, 9, 12, 15, 16, 19],
  thirds: [3, 4, 8, 9, 15, 16],
  open: [5, 7, 12, 17, 19],
} as const satisfies Record<string, readonly number[]>

export type IntervalName = keyof typeof INTERVALS
export const INTERVAL_NAMES = Object.keys(INTERVALS) as [IntervalName, ...IntervalName[]]

/**
 * Writes into `open` [128] the pitches that may be added to `key`: those of `allowed` [128] within the intervals, but none of
 * the `taken` [128]. All as in history. Allocates nothing.
 */
export function openVoices(
  open: Uint8Array,
  key: Pitch,
  intervals: IntervalName,
  allowed: Uint8Array,
  taken: Uint8Array,
): void {
  open.fill(0)
  for (const interval of INTERVALS[intervals]) {
    for (const pitch of [key - interval, key + interval]) {
      if (pitch < 0 || pitch >= PITCH_COUNT) continue
      if (allowed[pitch] === 1 && taken[pitch] === 0) open[pitch] = 1
    }
  }
}
