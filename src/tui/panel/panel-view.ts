import type { ModeName } from '../../engine/controls/controls.js'
import type { ChordPlace } from '../../engine/surface/snapshot.js'
import type { InputState } from '../input/input-handler.js'
import type { Octave } from '../terminal/note-names.js'
import type { Theme } from '../terminal/theme.js'
import type { ControlView } from './control-text.js'
import type { MeterView } from './meter-lines.js'

/** The state of the pianist: `waking` until it is ready, `listening` while the player has the floor. */
export type PlayState = 'waking' | 'counting' | 'playing' | 'listening' | 'ending' | 'paused'

/** Everything that the panel shows, as plain data that stays equal while nothing changes. */
export interface PanelView {
  readonly state: PlayState
  readonly mode: ModeName
  /** Tempo, bar and beat as text; null without a clock. */
  readonly beat: string | null
  /** The chords that the music keeps to; null for none. */
  readonly chords: ChordPlace | null
  /** Who plays along and what is heard, as text; null where that goes without saying. */
  readonly mix: string | null
  readonly input: InputState
  readonly controls: ControlView
  readonly meters: MeterView
  readonly undoable: number
  /** The latest notices, the last one at the end. */
  readonly notices: readonly string[]
  /** The present frames per second where a slow terminal has lowered them, else null. */
  readonly slowedTo: number | null
}

/** Colours, signs and names of pitches. */
export interface PanelStyle {
  readonly theme: Theme
  readonly octave: Octave
}
