import type { Control } from './control-kinds.js'
import { checkControl, controlOfController } from './control-values.js'
import type { ControlName, Controls, ControlValue } from './controls.js'
import { CONTROLS, withControl } from './controls.js'

/** The ends of a scale of numbers. */
interface Ends {
  readonly min: number
  readonly max: number
}

/** A scale of numbers with its smallest step. */
interface Scale extends Ends {
  readonly step: number
}

/** Which end of a range is moved. */
export type End = 'low' | 'high'

/**
 * `value` clamped to the ends and rounded to 4 decimals, because sums of steps like 0.05 carry binary rounding errors.
 */
function within({ min, max }: Ends, value: number): number {
  return Number(Math.min(max, Math.max(min, value)).toFixed(4))
}

/** The value `steps` steps above `value` (below it, if negative), clamped to the ends. */
export function stepped(scale: Scale, value: number, steps: number): number {
  return within(scale, value + steps * scale.step)
}

/** The multiple of the step that is nearest to `value`, clamped to the ends. */
export function snapped(scale: Scale, value: number): number {
  return within(scale, Math.round(value / scale.step) * scale.step)
}

/** The place of a number between the ends: 0 at `min`, 1 at `max`, and clamped to these. */
export function shareOfNumber({ min, max }: Ends, value: number): number {
  return Math.max(0, Math.min(1, (value - min) / (max - min)))
}

/**
 * The number at `share` (0-1) of the way from `min` to `max`, snapped to the step. The inverse of {@link
 * shareOfNumber}.
 */
function numberAtShare(scale: Scale, share: number): number {
  return snapped(scale, scale.min + (scale.max - scale.min) * share)
}

/** A range with one end moved to `value`, but no further than the other end: the ends may meet and never cross. */
export function withEnd(
  [low, high]: readonly [low: number, high: number],
  end: End,
  value: number,
): readonly [low: number, high: number] {
  return end === 'low' ? [Math.min(high, value), high] : [low, Math.max(low, value)]
}

/** The place of a control's value between its ends, 0-1; auto is at 0. Undefined for ranges and weights. */
export function shareOf(name: ControlName, value: ControlValue): number | undefined {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'number':
    case 'auto-number':
      return value === null ? 0 : shareOfNumber(control, Number(value))
    case 'switch':
      return value === true ? 1 : 0
    case 'choice':
      // Each option has an equal part of the way. The middle of that part is returned, so that `controlAtShare` finds
      // the same option again.
      return (control.options.indexOf(String(value)) + 0.5) / control.options.length
    default:
      return undefined
  }
}

/**
 * The value at `share` (0-1) of the way between the ends. An `auto-number` is auto at 0 exactly; numbers go linearly
 * from `min` to `max`, rounded to the control's step; a switch is on from 0.5; options have equal parts of the way.
 * Undefined for ranges and weights, which have no single place.
 */
export function controlAtShare(name: ControlName, share: number): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'auto-number':
      return share === 0 ? null : numberAtShare(control, share)
    case 'number':
      return numberAtShare(control, share)
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

/** The value that a MIDI controller at `position` (0-127) sets; see {@link controlAtShare}. */
export function controlAtPosition(name: ControlName, position: number): ControlValue | undefined {
  return controlAtShare(name, position / 127)
}

/**
 * The value after an encoder has been turned by `detents`, above 0 to the right: numbers go by their step, choices by
 * one option, switches to off or on. Below its least value an `auto-number` is auto. Undefined for ranges and weights.
 */
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
      return valid(name, option)
    }
    default:
      return undefined
  }
}

/**
 * The value after a button has been pressed: a switch is reversed, a choice goes to its next option and from the last
 * to the first. Undefined for controls of other kinds.
 */
export function pressed(name: ControlName, controls: Controls): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value = controls[name]
  if (control.kind === 'switch') return value !== true
  if (control.kind !== 'choice') return undefined
  return valid(name, control.options[(control.options.indexOf(String(value)) + 1) % control.options.length])
}

/** `value` if the control accepts it, else undefined. */
function valid(name: ControlName, value: unknown): ControlValue | undefined {
  const result = checkControl(name, value)
  return result.ok ? result.value : undefined
}

/** The controls after a MIDI controller moved to `position`, if the control table gives it a control; else undefined. */
export function adjusted(controls: Controls, controller: number, position: number): Controls | undefined {
  const name = controlOfController(controller)
  const value = name && controlAtPosition(name, position)
  return name && value !== undefined ? withControl(controls, name, value) : undefined
}
