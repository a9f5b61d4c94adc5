/**
 * What a control acts on: `draw` the distribution, `conditioning` the network's input, `output` the way out
 * (history is untouched, so nothing is rewound).
 */
export type Acts = 'draw' | 'conditioning' | 'output'
export interface Described {
  readonly label: string
  readonly acts: Acts
  readonly help: string
  /** The MIDI controller that moves it, 0-119. */
  readonly cc?: number
  /** It belongs to the rig (cables, clock, the room), not to the music: presets and a reset leave it as it is. */
  readonly isRig?: true
}
export interface NumberControl extends Described {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly default: number
  /** One press of an arrow key; 1 also means whole numbers only. */
  readonly step: number
  readonly unit: string
}

/** A number that may also be `auto`: left to the music (null). */
export interface AutoControl extends Omit<NumberControl, 'kind' | 'default'> {
  readonly kind: 'auto-number'
  readonly default: null
}
export interface RangeControl extends Omit<NumberControl, 'kind' | 'default'> {
  readonly kind: 'range'
  readonly default: readonly [low: number, high: number]
}
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

/** Twelve weights, C to B, or auto (null). */
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
