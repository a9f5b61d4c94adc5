/**
 * `rubato/engine`: the pianist without a program around it, for games, pieces, batch jobs and research. Nothing in here
 * reads a clock, a file or a port: you hand over the bytes of a model and ask for the music up to a time.
 * `examples/headless.ts` plays ten seconds of music this way, `examples/your-own-mode.ts` with a mode of its own.
 *
 * To play in real time, ask for a little more than the clock says (20 ms, say), again and again, and send each message at
 * its `due`; what is asked for later still follows the player and the controls. Where you need a network, a clock or an
 * output of your own, take the parts below that `openPianist` is made of.
 *
 * @module
 */

/** The table of all controls, with their ranges, and the values of controls. */
export {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
  type ControlValue,
  defaultControls,
} from './controls/controls.js'
/** A way of playing together, and what it may know of the playing: for a mode of your own, as in `examples/your-own-mode.ts`. */
export type { Ensemble, Lead, Mode } from './ensemble/mode.js'
/** The modes of the program, by name; a table of your own can take their place in the options of a pianist. */
export { MODE_OF, type Modes } from './ensemble/modes.js'
/** The first step after a time in ms: what a mode begins when the pianist has taken the floor begins there. */
export { clockAfter } from './ensemble/turns.js'
/** Chords as plain values, for the command `set-progression`. */
export { type Chord, type ChordSpan, chordOf, type Progression } from './language/chords.js'
/** The 388 events that a network chooses from: a mode's `mask` says which of them may come next. */
export {
  EVENT_COUNT,
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  isVelocity,
  MAX_SHIFT,
  noteOff,
  noteOn,
  PITCH_COUNT,
  shiftSteps,
  timeShift,
  velocityEvent,
} from './language/events.js'
/** The messages that the pianist sends, and those that can be played to it. */
export type { HeardMessage, TimedMessage } from './language/messages.js'
/** Reads a model from its bytes, and tells the pianist how to read the model's events. */
export { languageOf, type ModelSpec, parseModelSpec, parseWeights, type Weights } from './model/model.js'
/** A network that computes the model, on WebAssembly or plain JavaScript. */
export { type BackendChoice, createNetwork, type PrecisionChoice } from './network/create-network.js'
export type { Network } from './network/network.js'
/** Messages as notes with a start and an end. */
export {
  type CollectedChange,
  type CollectedNote,
  createNoteCollector,
  type NoteCollector,
} from './offline/note-collector.js'
export { type OpenPianist, type OpenPianistOptions, openPianist } from './offline/open-pianist.js'
/** The pianist itself, over any network. */
export { createPianist, type Pianist } from './pianist/pianist.js'
export type { PianistOptions } from './pianist/pianist-options.js'
/** The error for input that can't be used; its message is a sentence for the user. */
export { Refused } from './refused.js'
/** Where the music stands before an event, as a mode sees it. */
export { type Moment, SILENT } from './sampling/moment.js'
/** The commands that a control surface may give. */
export type { Command } from './surface/commands.js'
/** The length of a step of the event clock, in ms. */
export { STEP_MS } from './units.js'
