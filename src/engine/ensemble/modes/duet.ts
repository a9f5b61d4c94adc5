import { PITCH_COUNT } from '../../language/events.js'
import type { Ms } from '../../units.js'
import { type Ensemble, fadingShare, type Mode, NO_LEAD } from '../mode.js'

/**
 * The player's harmony counts in full for this long after the player's last note, and then fades within the time of the
 * control `fade`. Shorter drops the harmony in a rest, longer still follows the chord before.
 */
const PRESENT_MS: Ms = 4000

/**
 * The factor of the control `balance`: at balance 1 the pianist plays half as densely against a busy player, and twice as
 * densely in the player's pauses.
 */
const MOST_BALANCE = 2

/** A player of this many notes a second is busy: two hands in eighth notes. */
const BUSY = 8

/**
 * Note-ons per second that the pianist plays by itself if the control `density` is auto: a calm hand. More crowds the
 * player; less leaves the duet to the player.
 */
const OWN_DENSITY = 6

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
    weights: ensemble.player.played,
  }),
  density: ({ controls: { density, balance }, player }, at) => {
    if (density === null && balance === 0) return null
    // The network receives both players' notes as one piece, so it is asked for the density of both together.
    const others = player.densityAt(at)
    const busy = Math.min(1, others / BUSY)
    return (density ?? OWN_DENSITY) * MOST_BALANCE ** (balance * (1 - 2 * busy)) + others
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
