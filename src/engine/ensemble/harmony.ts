import { PITCH_COUNT } from '../language/events.js'
import { INTERVALS, type IntervalName } from '../language/intervals.js'
import type { Pitch } from '../units.js'

/**
 * Writes into `open` [128] which pitches may be added to `key`. They are the pitches of `allowed` [128] at one of the
 * `intervals` from the key that are not `taken` [128] and, unless the intervals are `free`, clash with none of the `voices`
 * added to the key before. All pitches are those of history.
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
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) if (clashes(pitch - voice)) open[pitch] = 0
  }
}

/** Whether an interval is a minor second or a major seventh, octaves aside. */
function clashes(semitones: number): boolean {
  const within = Math.abs(semitones) % 12
  return within === 1 || within === 11
}
