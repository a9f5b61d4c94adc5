import type { Control } from '../../engine/controls/control-kinds.js'
import { shareOfNumber } from '../../engine/controls/control-steps.js'
import { describeRange, formatControl } from '../../engine/controls/control-values.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
} from '../../engine/controls/controls.js'
import type { SetBy } from '../../engine/controls/origin.js'
import type { TideAims } from '../../engine/surface/snapshot.js'
import { type Octave, pitchName, tonicName } from '../terminal/note-names.js'
import type { Theme } from '../terminal/theme.js'

/** Values of controls, and what else is needed to describe one. */
export interface ControlView {
  readonly controls: Controls
  readonly setBy: Readonly<Partial<Record<ControlName, SetBy>>>
  readonly tide: TideAims | null
  /** The controls whose value, as shown, waits for the next beat or bar. */
  readonly waiting: readonly ControlName[]
}

/** Short forms of units that are too long for a cell. */
const SHORT_UNITS: Readonly<Record<string, string>> = {
  'notes/s': 'n/s',
  velocity: 'vel',
  semitones: 'st',
  pitch: '',
  notes: '',
}

/** One letter for who set a control last. */
export const SET_BY_SIGNS: Readonly<Record<SetBy, string>> = {
  keys: 'k',
  controller: 'c',
  web: 'w',
  band: 'b',
  keyboard: 'p',
}

const SET_BY_WORDS: Readonly<Record<SetBy, string>> = {
  keys: 'set here',
  controller: 'set by a controller',
  web: 'set from the web',
  band: 'set by the band',
  keyboard: 'led by the keys that you play',
}

/** The tide's aim for a control that is auto, as text; null where the tide doesn't lead the control. */
export function tideAim(name: ControlName, { controls, tide }: ControlView): string | null {
  if (!tide) return null
  if (name === 'density' && controls.density === null) return `~${Number(tide.density.toFixed(1))}`
  if (name === 'key' && controls.key === 'off') return `~${tonicName(tide.tonic)} ${tide.mode}`
  return null
}

/** A control's value as text: pitches by their names, weights as a sparkline, and a short unit if `hasUnit`. */
export function valueText(
  name: ControlName,
  value: ControlValue,
  hasUnit: boolean,
  theme: Theme,
  octave: Octave,
): string {
  const control: Control = CONTROLS[name]
  if (value !== null && control.kind === 'range') {
    const [low, high] = value as readonly [number, number]
    return `${pitchName(low, octave)}${theme.sign('range')}${pitchName(high, octave)}`
  }
  if (value !== null && control.kind === 'weights') return weightsText(value as readonly number[], theme)
  const text = formatControl(name, value)
  const unit = SHORT_UNITS[control.unit] ?? control.unit
  if (typeof value !== 'number' || unit === '' || !hasUnit) return text
  return unit === 'x' ? `${text}x` : `${text} ${unit}`
}

function weightsText(weights: readonly number[], theme: Theme): string {
  const most = Math.max(...weights)
  const top = theme.ramp.length - 1
  // A weight above 0 is never shown as nothing.
  const step = (weight: number) => (weight <= 0 ? 0 : Math.max(1, Math.round((weight / most) * top)))
  return weights.map((weight) => theme.ramp[step(weight)]).join('')
}

/** The part of a bar that a value fills, as shares 0-1 of its length; null where there is nothing to fill. */
export function barSpan(name: ControlName, view: ControlView): readonly [from: number, to: number] | null {
  const control: Control = CONTROLS[name]
  const value = view.controls[name]
  switch (control.kind) {
    case 'number':
      return [0, shareOfNumber(control, Number(value))]
    case 'auto-number': {
      const shown = value ?? (name === 'density' ? (view.tide?.density ?? null) : null)
      return shown === null ? null : [0, shareOfNumber(control, Number(shown))]
    }
    case 'range': {
      const [low, high] = value as readonly [number, number]
      return [shareOfNumber(control, low), shareOfNumber(control, high)]
    }
    case 'choice':
      // Empty at the first option and full at the last, unlike the place of a knob (`shareOf`).
      return [0, control.options.indexOf(String(value)) / (control.options.length - 1)]
    case 'switch':
      return [0, value === true ? 1 : 0]
    case 'weights':
      return null
  }
}

/** A control's value, help and range in two or three sentences. */
export function describeControl(name: ControlName, view: ControlView, theme: Theme, octave: Octave): string {
  const control: Control = CONTROLS[name]
  const aim = tideAim(name, view)
  const by = view.setBy[name]
  const value = valueText(name, view.controls[name], true, theme, octave)
  const standing = [
    aim === null ? value : `${value}, the tide aims at ${aim.slice(1)}`,
    ...(view.waiting.includes(name) ? [`waits for the next ${view.controls.quantise}`] : []),
    ...(by === undefined ? [] : [SET_BY_WORDS[by]]),
  ]
  return `${control.label}: ${standing.join(', ')}. ${sentence(control.help)} Takes ${describeRange(name)}.`
}

function sentence(words: string): string {
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}.`
}
