import { aptness, followedDeviation, type Loudness } from '../form/score.js'
import { binVelocity, EVENT_COUNT, eventBin, isVelocity, noteOn, VELOCITY } from '../language/events.js'
import type { Velocity } from '../units.js'
import { type Moment, momentVelocity } from './moment.js'

/**
 * How far the network's next velocity usually is from the one in force (standard deviation). With less, notes that are louder or softer
 * than the last are struck late, because a strike seems less likely than a wait; with more they are early.
 */
const USUAL_CHANGE: Velocity = 12

/** The least likely change counts as this likely, so that a note that nothing has prepared isn't forced to be struck at once. */
const LEAST_EXPECTED = 1e-2

/**
 * Multiplies `weights` [388] by how well velocities fit what the score expects of the notes that are due: together with the
 * network's own distribution a product of experts (Hinton 2002). Strikes become hardly more or less likely beside waits. Without
 * expected loudness changes nothing. Allocates nothing.
 */
export function weighByLoudness(weights: Float64Array, moment: Moment): void {
  const { place, previous } = moment
  const chord = place.score?.chords[place.chord]
  if (!chord?.loudness || place.outstanding === 0) return
  const { pitches, loudness } = chord
  const now = momentVelocity(moment)
  const isChosen = isVelocity(previous)
  for (let n = 0; n < pitches.length; n++) {
    const pitch = pitches[n]!
    const among = isChosen ? 1 : usualFit(now, loudness[n]!)
    if (place.due[pitch] === 1)
      weights[noteOn(pitch)] = (weights[noteOn(pitch)]! * aptness(now, loudness[n]!)) / among
  }
  if (isChosen) return
  for (let event = VELOCITY; event < EVENT_COUNT; event++) {
    const velocity = binVelocity(eventBin(event))
    let sum = 0
    for (let n = 0; n < pitches.length; n++) {
      if (place.due[pitches[n]!] === 1) sum += aptness(velocity, loudness[n]!) / usualFit(now, loudness[n]!)
    }
    weights[event] = (weights[event]! * sum) / place.outstanding
  }
}

/** The mean of {@link aptness} where velocities lie as usual about the one in force, `now`: the product of two normal distributions. */
function usualFit(now: Velocity, loudness: Loudness): number {
  const { mean } = loudness
  const deviation = followedDeviation(loudness)
  const variance = deviation ** 2 + USUAL_CHANGE ** 2
  return Math.max(
    (deviation / Math.sqrt(variance)) * Math.exp(-((now - mean) ** 2) / (2 * variance)),
    LEAST_EXPECTED,
  )
}
