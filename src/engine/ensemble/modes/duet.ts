import { PITCH_COUNT } from '../../language/events.js'
import type { Ms } from '../../units.js'
import { type Ensemble, fadingShare, type Mode, NO_LEAD } from '../mode.js'
import { loudnessNow } from '../playing-now.js'
import { balanceFactor, listen, listeningDensity, OWN_DENSITY, pauseShare } from './duet-listening.js'

/**
 * The player's harmony counts in full for this long after the player's last note, and then fades within the time of the
 * control `fade`. Shorter drops the harmony in a rest, longer still follows the chord before.
 */
const PRESENT_MS: Ms = 4000

/**
 * While the pianist listens, notes outside the player's chord are this much less likely, in nats, where they are allowed at all:
 * less makes every other note a passing note, more leaves none.
 */
const PUSH = 0.5

/**
 * Semitones that the pianist leaves free on both sides of the player's hands: fewer let the hands touch, more leave the
 * pianist less room.
 */
const AVOID_MARGIN = 2

/** The player's register is avoided only where at least this many pitches remain: with fewer the pianist would fall silent. */
const LEAST_LEFT = 12

/** Player and pianist play at the same time, two hands of one piece. */
export const DUET: Mode = {
  firstFloor: 'both',
  sharesHistory: true,
  listens: true,
  passesTurns: false,
  answersPhrases: false,
  harmonizesKeys: false,
  keysAreUrgent: false,
  createLead: (ensemble) => ({
    ...NO_LEAD,
    get isPresent() {
      return ensemble.heardAt > Number.NEGATIVE_INFINITY
    },
    share: (at) => fadingShare(at - ensemble.heardAt - PRESENT_MS, 1000 * ensemble.controls.fade),
    get weights() {
      return ensemble.controls.listen ? ensemble.player.chord.weights : ensemble.player.played
    },
    get loudness() {
      const { listen, dynamics } = ensemble.controls
      // What is set by hand comes first.
      return listen && dynamics === null ? loudnessNow(ensemble.player.strikes) : 0
    },
  }),
  density: (ensemble, at) => {
    const { density, balance } = ensemble.controls
    // The network receives both players' notes as one piece, so it is asked for the density of both together.
    const others = ensemble.player.densityAt(at)
    const pause = ensemble.controls.listen ? pauseShare(ensemble, at) : 1
    if (pause < 1) return listeningDensity(ensemble, at, pause) + others
    if (density === null && balance === 0) return null
    return (density ?? OWN_DENSITY) * balanceFactor(others, balance) + others
  },
  push: (ensemble, at) => (ensemble.controls.listen && pauseShare(ensemble, at) < 1 ? PUSH : 0),
  mask: (allowed, moment, ensemble) => {
    // A score that is given is played as it is, and percussion has no chords.
    if (ensemble.controls.listen && moment.hasEnds && !moment.place.score) listen(allowed, moment, ensemble)
  },
  limitNoteOns: (noteOns, ensemble) => {
    if (ensemble.controls.avoid) avoidHands(noteOns, ensemble)
  },
}

/** Closes the register that the player's hands are in. */
function avoidHands(noteOns: Uint8Array, { player, controls }: Ensemble): void {
  if (player.strikes.length === 0) return
  const pitches = player.strikes.map(({ pitch }) => pitch)
  const low = Math.min(...pitches) - AVOID_MARGIN - controls.transpose
  const high = Math.max(...pitches) + AVOID_MARGIN - controls.transpose
  const isLeft = (open: number, pitch: number) => open === 1 && (pitch < low || pitch > high)
  if (noteOns.reduce((left, open, pitch) => left + (isLeft(open, pitch) ? 1 : 0), 0) < LEAST_LEFT) return
  for (let pitch = Math.max(0, low); pitch <= Math.min(PITCH_COUNT - 1, high); pitch++) noteOns[pitch] = 0
}
