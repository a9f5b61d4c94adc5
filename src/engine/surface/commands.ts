import type { ControlChanges, ControlName, ControlValue } from '../controls/controls.js'
import { type PartName, untouchedOf } from '../controls/parts.js'
import type { Ms } from '../units.js'

/** What a face may ask of the pianist. */
export type Command =
  | { readonly type: 'set'; readonly control: ControlName; readonly value: ControlValue }
  /** Several controls at once: a preset, a step of its glide, or a reset. */
  | { readonly type: 'set-some'; readonly controls: ControlChanges }
  /** The controls as they were before the last change, whoever made it. */
  | { readonly type: 'undo' }
  /** Go on after a pause, or begin. */
  | { readonly type: 'play' }
  /** No new note-on; what sounds ends as planned within 1 s. */
  | { readonly type: 'pause' }
  /** Play to the next breath, at most 4 s, then pause. */
  | { readonly type: 'end' }
  /** Everything silent at once, the plan dropped, paused. */
  | { readonly type: 'panic' }
  /** Back to 4 s ago, or `back` ms (with a clock the last bar), and on from there differently. */
  | { readonly type: 'again'; readonly back?: Ms }
  /** In a mode of turns: the pianist plays now, from what it has heard; if it has the floor, it gives it back. */
  | { readonly type: 'take-over' }
  /** Notes end, the memory is wiped, a new performance begins. */
  | { readonly type: 'forget' }

/** Presets are numbered as the keys that recall them. */
export type PresetNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** What a face may ask of the drummer alone; all else he does with the pianist. */
export type DrumsCommand = Extract<Command, { type: 'set' | 'set-some' | 'undo' }>

/** What a face may ask of the program: a command to the pianist, or something of what stands around it. */
export type Request =
  | Command
  /** Write the last 2 minutes of what was played into a MIDI file. */
  | { readonly type: 'capture' }
  | { readonly type: 'recall'; readonly preset: PresetNumber }
  /** The next knob or key that is moved is to move this control of that player; null takes it back. */
  | { readonly type: 'learn'; readonly control: ControlName | null; readonly part?: PartName }
  /** To the drummer who plays along alone. */
  | { readonly type: 'drums'; readonly command: DrumsCommand }
  /** Keep the controls as they stand. */
  | { readonly type: 'store'; readonly preset: PresetNumber }

/** The request that `player` obeys `command`. */
export function requestTo(part: PartName, command: DrumsCommand): Request {
  return part === 'drums' ? { type: 'drums', command } : command
}

/** The request that sets the controls of `part` back to what they are when nobody has touched them. */
export function resetOf(part: PartName): Request {
  return requestTo(part, { type: 'set-some', controls: untouchedOf(part) })
}

/** Why a request to the drummer is refused where none plays along. */
export const NO_DRUMMER = 'No drummer plays along; start Rubato with --drums.'

/** What became of a request: done, with a sentence where there is something to tell; or not, and why. */
export type Answer =
  | { readonly ok: true; readonly sentence: string | null }
  | { readonly ok: false; readonly reason: string }
