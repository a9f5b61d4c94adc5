import { type Mode, NO_LEAD } from '../mode.js'

/** The pianist plays alone; the keyboard changes nothing. */
export const SOLO: Mode = {
  firstFloor: 'both',
  sharesHistory: false,
  listens: false,
  passesTurns: false,
  answersPhrases: false,
  harmonizesKeys: false,
  keysAreUrgent: false,
  createLead: () => NO_LEAD,
}
