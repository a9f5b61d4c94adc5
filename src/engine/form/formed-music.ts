import type { FormName } from '../language/forms.js'
import type { Steps } from '../units.js'
import type { Expecting } from './expected-notes.js'
import type { FormState } from './form-state.js'
import { findCentre } from './key-finding.js'
import type { Theme } from './themes.js'
import type { Tide } from './tide.js'

/** What is asked of the form from outside. It stays the same for all moments until it is changed, just before the plan is drawn again. */
export interface FormAims {
  /** The control `memory`, 0-1; at 0 the music has no form. */
  readonly memory: number
  /** The control `form`. */
  readonly form: FormName
  /** The key asked for by hand, as a centre in pitches of history; null where the music chooses. */
  readonly centre: number | null
  /** The density asked for by hand, in note-ons per second; null where the music chooses. */
  readonly density: number | null
  /** How strictly themes keep to the time of a beat: the strength of the grid, 0-1; 0 without one. */
  readonly inTime: number
  /** Half a cell of that grid, at its widest. */
  readonly halfCell: Steps
  /** Whether the tide leads the key. */
  readonly hasTide: boolean
  /** The newest theme given from outside: marked by the player, played by the player, or from a file; null for none. */
  readonly given: Theme | null
  /** Number of themes given so far, so that each is adopted once. */
  readonly givenCount: number
  /** The event clock from which the music comes to an end with a cadence; Infinity where it goes on. */
  readonly endFrom: Steps
}

/** The parts of a moment that the form reads and moves. */
export interface FormedMusic {
  readonly clock: Steps
  readonly tide: Tide
  readonly form: FormState
  readonly expecting: Expecting
  readonly recentPitchClasses: Float64Array
  readonly recentDensity: number
  /** Number of pitches that sound. */
  readonly sounding: number
}

/**
 * The run of random numbers that choose sections, themes and their variations. The runs of performances count up from 0 and
 * never get here.
 */
export const FORM_RUN = 0xfffffffd

/** The key in force: the one asked for by hand, else the tide's, else the one heard. */
export function centreInForce({ tide, recentPitchClasses }: FormedMusic, aims: FormAims): number {
  if (aims.centre !== null) return aims.centre
  if (aims.hasTide && tide.stretch > 0) return tide.centre
  return Math.max(0, findCentre(recentPitchClasses))
}
