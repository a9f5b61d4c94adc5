import {
  CONTROL_NAMES,
  type ControlChanges,
  type ControlName,
  type Controls,
  defaultControls,
  pickControls,
  untouchedMusic,
} from './controls.js'

/** A part of the band: the pianist's, or that of the drummer who plays along. */
export type PartName = 'piano' | 'drums'
export const PART_NAMES = ['piano', 'drums'] as const satisfies readonly PartName[]

/** The MIDI channel of percussion, counted from 1 (General MIDI 1). */
export const DRUM_CHANNEL = 10

/**
 * The controls of which the drummer has values of his own. The remaining controls are about pitches or about
 * playing with a keyboard.
 */
export const DRUMMER_CONTROLS = [
  'temperature',
  'pitchTemperature',
  'timingTemperature',
  'dynamicsTemperature',
  'topP',
  'density',
  'dynamics',
  'dynamicsRange',
  'grid',
  'gridStrength',
  'swing',
  'steady',
  'fills',
  'velocityMin',
  'velocityMax',
  'delay',
  'channel',
] as const satisfies readonly ControlName[]

/** Whether the drummer has a value of his own for this control. */
export function isDrummers(control: ControlName): boolean {
  return DRUMMER_CONTROLS.some((name) => name === control)
}

/** The controls of time, which all parts share: setting one of them sets it for every part. */
export const SHARED_CONTROLS = [
  'tempo',
  'beatsPerBar',
  'clockOffset',
  'countIn',
  'quantise',
] as const satisfies readonly ControlName[]

/** The drummer's controls at their defaults, with the controls of time taken from `others`. */
export function drummersControls(others: Controls): Controls {
  return { ...defaultControls(), ...pickControls(others, SHARED_CONTROLS), channel: DRUM_CHANNEL }
}

/** The controls of a part, in the order in which they are shown. */
export function controlsOf(part: PartName): readonly ControlName[] {
  return part === 'drums' ? DRUMMER_CONTROLS : CONTROL_NAMES
}

/** The values to which a reset sets the controls of a part. */
export function untouchedOf(part: PartName): ControlChanges {
  if (part === 'piano') return untouchedMusic()
  return pickControls(drummersControls(defaultControls()), DRUMMER_CONTROLS)
}
