import type { Controls } from '../controls/controls.js'
import type { Modes } from '../ensemble/modes.js'
import type { Idiom } from '../language/idiom.js'
import type { Network } from '../network/network.js'
import type { LoggedInput } from '../surface/inputs.js'
import type { SequencerOptions } from './sequencer.js'

/** The options of a pianist. */
export interface PianistOptions extends Idiom, SequencerOptions {
  readonly network: Network
  /** The model's conditioning layout. */
  readonly layout: string
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly controls: Controls
  /** The ways of playing together, if not those of the program. */
  readonly modes?: Modes
  /** Called with each input as it is applied: the music is a function of these, the seed and the first controls alone. */
  readonly onInput?: (logged: LoggedInput) => void
  /** Whether a MIDI start or continue plays, and a stop ends. Default false. */
  readonly followTransport?: boolean
}
