import type { Pitch, Steps } from '../units.js'
import type { ExpectedNote } from './expected-notes.js'

/** The dominant comes this long after the cadence has begun: a shorter time runs into it, a longer one leaves a hole before it. */
const LEAD: Steps = 40

/** From the dominant to the tonic: broader than the music before, as pianists slow down before the end. */
const BROADENING: Steps = 95

/** How far a chord of the cadence may be spread. */
const SPREAD: Steps = 5

/** How long the last chord sounds: shorter breaks off, longer keeps whoever asked for the end waiting. */
export const RING: Steps = 220

/** Lowest and highest pitch near which the melody of a cadence ends: lower the chords are muddy, higher they part from the bass. */
const LOWEST_TOP: Pitch = 60
const HIGHEST_TOP: Pitch = 79

/** Lowest pitch of the tonic in the bass: a higher one meets the upper voices, a lower one growls. */
const LOWEST_BASS: Pitch = 28

/**
 * The chords of a full cadence in key `centre` (0-11 major, 12-23 minor), a dominant seventh and the tonic, in five voices.
 * The leading note rises and the seventh falls, and the melody ends on the tonic that is nearest to `melody`.
 */
export function cadenceNotes(centre: number, melody: Pitch): ExpectedNote[] {
  const tonic = centre % 12
  const third = centre >= 12 ? 3 : 4
  const bass = LOWEST_BASS + ((tonic - LOWEST_BASS + 120) % 12)
  const wanted = Math.min(Math.max(melody, LOWEST_TOP), HIGHEST_TOP)
  const top = wanted + (((tonic - wanted + 126) % 12) - 6)
  const dominant = [bass + (bass > LOWEST_BASS + 6 ? -5 : 7), top - 10, top - 7, top - 5, top - 1]
  const final = [bass, top - 12, top - 12 + third, top - 5, top]
  return [...chordAt(LEAD, dominant), ...chordAt(LEAD + BROADENING, final)]
}

function chordAt(onset: Steps, pitches: readonly Pitch[]): ExpectedNote[] {
  const highest = Math.max(...pitches)
  return pitches.map((pitch) => ({
    onset,
    pitch,
    strength: 1,
    tolerance: SPREAD,
    isMelody: pitch === highest,
  }))
}
