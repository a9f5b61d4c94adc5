import type { Ms } from '../../units.js'
import { fadingShare, type Mode, NO_LEAD } from '../mode.js'

/**
 * The influence of the player's loudness and density fades within this time after the pianist has taken over. Shorter
 * breaks with the player's music; longer holds the pianist back from going its own way.
 */
const HANDS_FADE_MS: Ms = 8000

/** The pianist takes over from the player when asked to, and goes on until the player plays again. */
export const CONTINUE: Mode = {
  firstFloor: 'player',
  sharesHistory: true,
  listens: true,
  passesTurns: true,
  answersPhrases: false,
  harmonizesKeys: false,
  keysAreUrgent: false,
  createLead: (ensemble) => ({
    ...NO_LEAD,
    get isPresent() {
      return ensemble.floor === 'pianist' && ensemble.phrase.length > 0
    },
    // A moment that is drawn again may lie before the pianist took over: the share is 1 there.
    share: (at) => fadingShare(at - ensemble.tookAt, HANDS_FADE_MS),
    get loudness() {
      return ensemble.player.loudness
    },
    get density() {
      return ensemble.player.density
    },
  }),
}
