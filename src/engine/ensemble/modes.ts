import type { ModeName } from '../controls/controls.js'
import type { Mode } from './mode.js'
import { ANSWER } from './modes/answer.js'
import { CONTINUE } from './modes/continue.js'
import { DUET } from './modes/duet.js'
import { FOLLOW } from './modes/follow.js'
import { HARMONIZE } from './modes/harmonize.js'
import { SOLO } from './modes/solo.js'

/** A mode for each name that the control table knows. */
export type Modes = Readonly<Record<ModeName, Mode>>

/** The modes of the program. */
export const MODE_OF: Modes = {
  solo: SOLO,
  follow: FOLLOW,
  duet: DUET,
  answer: ANSWER,
  continue: CONTINUE,
  harmonize: HARMONIZE,
}
