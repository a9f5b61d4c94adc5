import type { Mode } from '../../engine/controls/controls.js'
import type { InputState } from '../input/input-handler.js'
import type { Octave } from '../terminal/note-names.js'
import type { Theme } from '../terminal/theme.js'
import type { ControlView } from './control-text.js'
import type { MeterView } from './meter-lines.js'

/** How it plays; `waking` before the pianist is there, `listening` while the player has the floor. */
export type PlayState = 'waking' | 'playing' | 'listening' | 'ending' | 'paused'

/** All that the panel shows: plain data, the same while nothing changes. */
export interface PanelView {
  readonly state: PlayState
  readonly mode: Mode
  /** Tempo and place in the song, in words; null without a clock. */
  readonly beat: string | null
  readonly input: InputState
  readonly controls: ControlView
  readonly meters: MeterView
  readonly undoable: number
  /** What was said lately, the last at the end. */
  readonly notices: readonly string[]
  /** Frames a second that the terminal was too slow for less than; null where all is well. */
  readonly slowedTo: number | null
}

/** How it is shown. */
export interface PanelStyle {
  readonly theme: Theme
  readonly octave: Octave
}
