import {
  CONTROL_NAMES,
  type ControlChanges,
  type ControlName,
  type Controls,
  defaultControls,
  pickControls,
  untouchedMusic,
} from './controls.js'

/** Who plays: the pianist, or the drummer who plays along. */
export type PartName = 'piano' | 'drums'
export const PART_NAMES = ['piano', 'drums'] as const satisfies readonly PartName[]

/** Percussion's channel (General MIDI 1). */
export const DRUM_CHANNEL = 10

/** What of the table a drummer who plays along has of his own: the rest is for those who play pitches, or with keys. */
export const DRUMMER_CONTROLS = [
  'temperature',
  'pitchTemperature',
  'timingTemperature',
  'dynamicsTemperature',
  'topP',
  'density',
  'dynamics',
  'dynamicsRange',
  'velocityMin',
  'velocityMax',
  'delay',
  'channel',
] as const satisfies readonly ControlName[]

export function isDrummers(control: ControlName): boolean {
  return DRUMMER_CONTROLS.some((name) => name === control)
}

/** Time, which all that play share: they are set together. */
export const SHARED_CONTROLS = [
  'tempo',
  'beatsPerBar',
  'clockOffset',
  'quantise',
] as const satisfies readonly ControlName[]

/** A drummer's controls as they stand when nobody has touched them, at the time of the others. */
export function drummersControls(others: Controls): Controls {
  return { ...defaultControls(), ...pickControls(others, SHARED_CONTROLS), channel: DRUM_CHANNEL }
}

/** The controls that a player has, in the order in which they are shown. */
export function controlsOf(part: PartName): readonly ControlName[] {
  return part === 'drums' ? DRUMMER_CONTROLS : CONTROL_NAMES
}

/** What a reset takes a player back to. */
export function untouchedOf(part: PartName): ControlChanges {
  if (part === 'piano') return untouchedMusic()
  return pickControls(drummersControls(defaultControls()), DRUMMER_CONTROLS)
}
