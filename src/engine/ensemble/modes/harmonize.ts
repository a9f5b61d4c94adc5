import { type Mode, NO_LEAD } from '../mode.js'

/** The player plays; the pianist adds notes to each key and plays nothing by itself. */
export const HARMONIZE: Mode = {
  firstFloor: 'player',
  sharesHistory: true,
  listens: true,
  passesTurns: false,
  answersPhrases: false,
  harmonizesKeys: true,
  keysAreUrgent: true,
  createLead: () => NO_LEAD,
}
