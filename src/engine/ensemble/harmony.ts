import { PITCH_COUNT } from '../language/events.js'
import { INTERVALS, type IntervalName } from '../language/intervals.js'
import type { Pitch } from '../units.js'

/**
 * Writes into `open` [128] the pitches that may be added to `key`: those of `allowed` [128] within the intervals, but none of
 * the `taken` [128], and (but where intervals are free) none that rubs on one of the `voices` added before it. All as in history.
 * Allocates nothing.
 */
export function openVoices(
  open: Uint8Array,
  key: Pitch,
  intervals: IntervalName,
  allowed: Uint8Array,
  taken: Uint8Array,
  voices: readonly Pitch[] = [],
): void {
  open.fill(0)
  for (const interval of INTERVALS[intervals]) {
    for (const pitch of [key - interval, key + interval]) {
      if (pitch < 0 || pitch >= PITCH_COUNT) continue
      if (allowed[pitch] === 1 && taken[pitch] === 0) open[pitch] = 1
    }
  }
  if (intervals === 'free') return
  for (const voice of voices) {
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) if (rubs(pitch - voice)) open[pitch] = 0
  }
}

/** A minor second, a major seventh, or one of them and octaves. */
function rubs(semitones: number): boolean {
  const within = Math.abs(semitones) % 12
  return within === 1 || within === 11
}
