import type { Chord } from '../src/engine/language/chords.js'
import type { CollectedNote } from '../src/engine/offline/note-collector.js'
import type { Ms } from '../src/engine/units.js'

/** A chord, or no chord, that is in force for a time. */
export interface ChordStretch {
  readonly chord: Chord | null
  readonly from: Ms
  readonly until: Ms
}

/**
 * The share of note-on time, from each key's strike to its release, that lies in the chord in force at that time. Time at which no
 * chord is in force doesn't count.
 */
export function shareInChord(notes: readonly CollectedNote[], stretches: readonly ChordStretch[]): number {
  let inChord = 0
  let all = 0
  for (const { chord, from, until } of stretches) {
    if (!chord) continue
    for (const { pitch, start, end } of notes) {
      const time = Math.min(end, until) - Math.max(start, from)
      if (time <= 0) continue
      all += time
      if (((chord.tones >> (pitch % 12)) & 1) === 1) inChord += time
    }
  }
  return inChord / all
}
