import type { Control } from './control-kinds.js'
import { checkControl } from './control-values.js'
import type { ControlName, Controls, ControlValue } from './controls.js'
import { CONTROLS } from './controls.js'

export function stepped(
  { min, max, step }: { readonly min: number; readonly max: number; readonly step: number },
  value: number,
  detents: number,
): number {
  return Number(Math.min(max, Math.max(min, value + detents * step)).toFixed(4))
}
export function checked(name: ControlName, value: unknown): ControlValue | undefined {
  const result = checkControl(name, value)
  return result.ok ? result.value : undefined
}

/** Where a control's value stands between its ends, 0-1; auto is 0. Undefined for ranges and weights. */
export function shareOf(name: ControlName, value: ControlValue): number | undefined {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'number':
    case 'auto-number':
      return value === null ? 0 : (Number(value) - control.min) / (control.max - control.min)
    case 'switch':
      return value === true ? 1 : 0
    case 'choice':
      return (control.options.indexOf(String(value)) + 0.5) / control.options.length
    default:
      return undefined
  }
}

/** The value one detent of an encoder further: numbers go by their step, choices by one option, switches to an end. */
export function detented(name: ControlName, controls: Controls, detents: number): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value = controls[name]
  switch (control.kind) {
    case 'auto-number':
      if (value === null && detents < 0) return null
      if (value !== null && Number(value) + detents * control.step < control.min) return null
      return stepped(control, value === null ? control.min : Number(value), detents)
    case 'number':
      return stepped(control, Number(value), detents)
    case 'switch':
      return detents > 0
    case 'choice': {
      const index = control.options.indexOf(String(value)) + Math.sign(detents)
      const option = control.options[Math.min(Math.max(index, 0), control.options.length - 1)]
      return checked(name, option)
    }
    default:
      return undefined
  }
}

/** A switch turned over, or the next option of a choice, the first after the last. */
export function pressed(name: ControlName, controls: Controls): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value = controls[name]
  if (control.kind === 'switch') return value !== true
  if (control.kind !== 'choice') return undefined
  return checked(name, control.options[(control.options.indexOf(String(value)) + 1) % control.options.length])
}
export function between(control: { min: number; max: number; step: number }, share: number): number {
  return nearestStep(control, control.min + (control.max - control.min) * share)
}

/** The multiple of the control's step that is nearest to `value`, within its ends. */
export function nearestStep(
  { min, max, step }: { readonly min: number; readonly max: number; readonly step: number },
  value: number,
): number {
  return Number(Math.min(max, Math.max(min, Math.round(value / step) * step)).toFixed(4))
}

/**
 * The value that a MIDI controller at `position` 0-127 stands for. An `auto-number` is auto at 0; numbers go
 * linearly from least to most, rounded to the control's step; a switch is on from 64; a choice is split evenly.
 * Ranges and weights have no single position: undefined.
 */
export function controlAtPosition(name: ControlName, position: number): ControlValue | undefined {
  return controlAtShare(name, position / 127)
}

/** The same for a place 0-1 between the ends, of whatever resolution. */
export function controlAtShare(name: ControlName, share: number): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'auto-number':
      return share === 0 ? null : between(control, share)
    case 'number':
      return between(control, share)
    case 'switch':
      return share >= 0.5
    case 'choice': {
      const index = Math.min(Math.floor(share * control.options.length), control.options.length - 1)
      return control.options[index] as ControlValue
    }
    default:
      return undefined
  }
}
