/**
 * The object that a control acts on: `draw` is the distribution that events are drawn from, `conditioning` the input of
 * the network, `output` the notes on their way to the port. A change of `output` leaves the planned events as they are,
 * so nothing is planned again.
 */
export type Acts = 'draw' | 'conditioning' | 'output'

/**
 * The groups of the table, by the names under which a musician would seek a control. `More` is for those who know how
 * sampling works.
 */
export type ControlGroup = 'Play' | 'Harmony' | 'Together' | 'Time' | 'Expression' | 'Output' | 'More'

/** The fields that every control has, whatever its kind. */
export interface Described {
  readonly label: string
  readonly group: ControlGroup
  readonly acts: Acts
  /** The effect of the control, in half a sentence. */
  readonly help: string
  /** The MIDI controller (0-119) that sets the control without any mapping. */
  readonly cc?: number
  /**
   * The value in takes and files of settings that were made before the control existed, where the default would change what
   * they sound like. Missing: the default.
   */
  readonly earlier?: number | boolean
  /** The control belongs to the rig (cables, clock, the room), not to the music: presets and a reset leave it alone. */
  readonly isRig?: true
}
export interface NumberControl extends Described {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly default: number
  /** The smallest change that a control surface makes. A step of 1 also means that only whole numbers are valid. */
  readonly step: number
  readonly unit: string
}

/** A number, or `auto` (null), with which the music decides the value. */
export interface AutoControl extends Omit<NumberControl, 'kind' | 'default'> {
  readonly kind: 'auto-number'
  readonly default: null
}

/** Two numbers, the lower first. */
export interface RangeControl extends Omit<NumberControl, 'kind' | 'default'> {
  readonly kind: 'range'
  readonly default: readonly [low: number, high: number]
}

/** One of several words. `aliases` are other spellings of options, as a user may type them. */
export interface ChoiceControl<Option extends string = string> extends Described {
  readonly kind: 'choice'
  readonly options: readonly Option[]
  readonly aliases?: Readonly<Record<string, Option>>
  readonly default: Option
  readonly unit: ''
}
export interface SwitchControl extends Described {
  readonly kind: 'switch'
  readonly default: boolean
  readonly unit: ''
}

/** Twelve weights, for C to B, or `auto` (null). */
export interface WeightsControl extends Described {
  readonly kind: 'weights'
  readonly default: null
  readonly unit: ''
}
export type Control =
  | NumberControl
  | AutoControl
  | RangeControl
  | ChoiceControl
  | SwitchControl
  | WeightsControl

/**
 * Makes a choice control for the table. Its type lists the options, so that the type of the control's value lists them
 * too.
 */
export function choice<const Option extends string>(spec: Omit<ChoiceControl<Option>, 'kind' | 'unit'>) {
  return { kind: 'choice', unit: '', ...spec } as const
}
