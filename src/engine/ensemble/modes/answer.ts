import type { Mode } from '../mode.js'

/**
 * An answer may go this many semitones beyond the phrase's range on both sides. Without this margin, a phrase of a single
 * key would leave the answer a single note; a wide margin would leave the phrase's register.
 */
const ANSWER_MARGIN = 5

/** When the player pauses, the pianist answers with a phrase of about the same length, register, harmony, loudness and density. */
export const ANSWER: Mode = {
  firstFloor: 'player',
  sharesHistory: true,
  listens: true,
  passesTurns: true,
  answersPhrases: true,
  harmonizesKeys: false,
  keysAreUrgent: false,
  createLead: (ensemble) => ({
    get isPresent() {
      return ensemble.floor === 'pianist' && ensemble.phrase.length > 0
    },
    share: () => 1,
    weights: ensemble.phrase.weights,
    get loudness() {
      return ensemble.phrase.loudness
    },
    get density() {
      return ensemble.phrase.densityUntil(ensemble.player.liftedAt)
    },
    get range() {
      const [low, high] = ensemble.phrase.range
      return [low - ANSWER_MARGIN, high + ANSWER_MARGIN] as const
    },
  }),
}
