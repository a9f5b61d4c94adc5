import { type Pitch, STEPS_PER_BEAT, type Steps, type Velocity } from '../src/engine/units.js'
import type { Song } from './told-chords.js'

/** A note-on of music in beats. */
export interface Onset {
  readonly at: Steps
  readonly pitch: Pitch
  readonly velocity: Velocity
}

const BAR: Steps = 4 * STEPS_PER_BEAT
const SIXTEENTH: Steps = STEPS_PER_BEAT / 4

/** How far from a place a note-on still counts as on it, 1/16 of a beat: people's chords spread by less, a triplet is further. */
const NEAR: Steps = STEPS_PER_BEAT / 16

/**
 * The shares of note-ons near a beat, near the eighth between two beats, and near the other sixteenths; and the vector strength
 * on sixteenths (1 where all lie at one phase of them, 0 where they are spread). Of note-ons spread evenly 7 of 48 are near a beat.
 */
export function onBeats(onsets: readonly Onset[]): {
  readonly beat: number
  readonly eighth: number
  readonly sixteenth: number
  readonly strength: number
} {
  const counts = [0, 0, 0, 0]
  let [sines, cosines] = [0, 0]
  for (const { at } of onsets) {
    const nearest = Math.round(at / SIXTEENTH)
    if (Math.abs(at - nearest * SIXTEENTH) <= NEAR) counts[nearest % 4]!++
    const angle = (2 * Math.PI * at) / SIXTEENTH
    sines += Math.sin(angle)
    cosines += Math.cos(angle)
  }
  const [beat, first, eighth, last] = counts.map((count) => count / onsets.length) as [
    number,
    number,
    number,
    number,
  ]
  return { beat, eighth, sixteenth: first + last, strength: Math.hypot(sines, cosines) / onsets.length }
}

/**
 * The share of note-ons that are tones of the chord in force, where there is one; and the share of bars with notes near their
 * beginning whose lowest note there is the bass of the chord.
 */
export function onChords(
  songs: readonly Song[],
  bars: number,
): { readonly tones: number; readonly bass: number; readonly notes: number } {
  let [tones, notes, basses, begun] = [0, 0, 0, 0]
  for (const { notes: onsets, chordAt } of songs) {
    const lowest = new Map<number, Pitch>()
    for (const { at, pitch } of onsets) {
      const chord = chordAt(at)
      if (at >= bars * BAR || chord === null) continue
      notes++
      tones += (chord.tones >> (pitch % 12)) & 1
      const bar = Math.round(at / BAR)
      if (Math.abs(at - bar * BAR) <= NEAR) lowest.set(bar, Math.min(lowest.get(bar) ?? 127, pitch))
    }
    for (const [bar, pitch] of lowest) {
      const chord = chordAt(bar * BAR)
      if (chord === null) continue
      begun++
      if (chord.bass === pitch % 12) basses++
    }
  }
  return { tones: tones / notes, bass: basses / begun, notes }
}
