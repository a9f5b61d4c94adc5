import type { Control } from './control-kinds.js'
import { DRUM_CONTROLS } from './table/drums.js'
import { EXPRESSION_CONTROLS } from './table/expression.js'
import { FORM_CONTROLS } from './table/form.js'
import { HARMONY_CONTROLS } from './table/harmony.js'
import { OUTPUT_CONTROLS } from './table/output.js'
import { PLAY_CONTROLS } from './table/play.js'
import { SAMPLING_CONTROLS } from './table/sampling.js'
import { TIME_CONTROLS } from './table/time.js'
import { TOGETHER_CONTROLS } from './table/together.js'

export { MODES, type ModeName } from './modes.js'

/**
 * The table of every control: command-line flags, validation, controller mapping, display and docs read it. Each control is
 * described in the file of its group (`table/`). The order here is the order in which all control surfaces show the
 * controls, and in which takes and docs list them.
 */
export const CONTROLS = {
  temperature: SAMPLING_CONTROLS.temperature,
  pitchTemperature: SAMPLING_CONTROLS.pitchTemperature,
  timingTemperature: SAMPLING_CONTROLS.timingTemperature,
  dynamicsTemperature: SAMPLING_CONTROLS.dynamicsTemperature,
  topP: SAMPLING_CONTROLS.topP,
  density: PLAY_CONTROLS.density,
  dynamics: PLAY_CONTROLS.dynamics,
  dynamicsRange: EXPRESSION_CONTROLS.dynamicsRange,
  pitchWeights: HARMONY_CONTROLS.pitchWeights,
  guidance: SAMPLING_CONTROLS.guidance,
  key: PLAY_CONTROLS.key,
  scale: PLAY_CONTROLS.scale,
  mode: PLAY_CONTROLS.mode,
  fade: TOGETHER_CONTROLS.fade,
  avoid: TOGETHER_CONTROLS.avoid,
  balance: TOGETHER_CONTROLS.balance,
  pause: TOGETHER_CONTROLS.pause,
  pauseBeats: TOGETHER_CONTROLS.pauseBeats,
  voices: TOGETHER_CONTROLS.voices,
  intervals: TOGETHER_CONTROLS.intervals,
  glide: TIME_CONTROLS.glide,
  tide: HARMONY_CONTROLS.tide,
  keyLock: HARMONY_CONTROLS.keyLock,
  register: PLAY_CONTROLS.register,
  listen: TOGETHER_CONTROLS.listen,
  memory: FORM_CONTROLS.memory,
  form: FORM_CONTROLS.form,
  chordLock: HARMONY_CONTROLS.chordLock,
  chordLatch: HARMONY_CONTROLS.chordLatch,
  styleStrength: EXPRESSION_CONTROLS.styleStrength,
  steady: DRUM_CONTROLS.steady,
  fills: DRUM_CONTROLS.fills,
  polyphony: EXPRESSION_CONTROLS.polyphony,
  grid: TIME_CONTROLS.grid,
  gridStrength: TIME_CONTROLS.gridStrength,
  swing: TIME_CONTROLS.swing,
  quantise: TIME_CONTROLS.quantise,
  beatsPerBar: TIME_CONTROLS.beatsPerBar,
  tempo: TIME_CONTROLS.tempo,
  clockOffset: TIME_CONTROLS.clockOffset,
  countIn: TIME_CONTROLS.countIn,
  articulation: EXPRESSION_CONTROLS.articulation,
  pedal: OUTPUT_CONTROLS.pedal,
  velocityMin: OUTPUT_CONTROLS.velocityMin,
  velocityMax: OUTPUT_CONTROLS.velocityMax,
  delay: OUTPUT_CONTROLS.delay,
  channel: OUTPUT_CONTROLS.channel,
  transpose: OUTPUT_CONTROLS.transpose,
} as const satisfies Record<string, Control>

export type ControlName = keyof typeof CONTROLS

/** The names of all controls, in the order of the table. */
export const CONTROL_NAMES = Object.keys(CONTROLS) as ControlName[]

/** The controls of the music: presets store them and a reset sets them back. Controls of the rig are left out. */
export const MUSIC_CONTROLS: readonly ControlName[] = CONTROL_NAMES.filter(
  (name) => !(CONTROLS[name] as Control).isRig,
)

/** The type of a control's value, from its row in the table. */
type ValueOf<C> = C extends { kind: 'number' }
  ? number
  : C extends { kind: 'auto-number' }
    ? number | null
    : C extends { kind: 'range' }
      ? readonly [low: number, high: number]
      : C extends { kind: 'choice'; options: readonly (infer Option)[] }
        ? Option
        : C extends { kind: 'switch' }
          ? boolean
          : readonly number[] | null

/** The settings of all controls at one moment. Replaced, never changed in place. */
export type Controls = { readonly [Name in ControlName]: ValueOf<(typeof CONTROLS)[Name]> }
export type ControlValue = Controls[ControlName]

/** New values for some controls; a control that is missing stays as it is. */
export type ControlChanges = Partial<Controls>

/** Every control at its default. */
export function defaultControls(): Controls {
  return Object.fromEntries(CONTROL_NAMES.map((name) => [name, CONTROLS[name].default])) as Controls
}

/** The values of all controls in a record that names none of them: a control that is newer than the record acts as if it weren't there. */
export function earlierControls(): Controls {
  const earlier = CONTROL_NAMES.flatMap((name) => {
    const control: Control = CONTROLS[name]
    return control.earlier === undefined ? [] : [[name, control.earlier]]
  })
  return { ...defaultControls(), ...Object.fromEntries(earlier) }
}

/** The values to which a reset sets the controls of the music. */
export function untouchedMusic(): ControlChanges {
  return pickControls(defaultControls(), MUSIC_CONTROLS)
}

/** The controls among `controls` that `names` lists. */
export function pickControls(controls: ControlChanges, names: readonly ControlName[]): ControlChanges {
  return Object.fromEntries(names.filter((name) => name in controls).map((name) => [name, controls[name]]))
}

/** A copy of `controls` with one value replaced. `value` must have passed {@link checkControl}. */
export function withControl(controls: Controls, name: ControlName, value: ControlValue): Controls {
  return { ...controls, [name]: value }
}

/** The controls that do nothing with the model in use, each with the reason in a few words. */
export type UnsupportedControls = Readonly<Partial<Record<ControlName, string>>>
