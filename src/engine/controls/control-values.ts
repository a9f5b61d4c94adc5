import type { Control } from './control-kinds.js'
import { CONTROL_NAMES, CONTROLS, type ControlName, type ControlValue } from './controls.js'

/** A value that its control accepts, or one sentence that says why the control refuses it. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string }

const ok = <Value>(value: Value): Checked<Value> => ({ ok: true, value })
const no = <Value>(reason: string): Checked<Value> => ({ ok: false, reason })

/**
 * The values that a control accepts, in words: `0.1 to 2`, `auto or 0.5 to 40 notes/s`. For help texts and refusals.
 */
export function describeRange(name: ControlName): string {
  const control: Control = CONTROLS[name]
  switch (control.kind) {
    case 'number':
      return `${control.min} to ${control.max}${control.unit && ` ${control.unit}`}`
    case 'auto-number':
      return `auto or ${control.min} to ${control.max} ${control.unit}`
    case 'range':
      return `two numbers from ${control.min} to ${control.max}, as 48-72`
    case 'choice':
      return `one of ${control.options.join(', ')}`
    case 'switch':
      return 'on or off'
    case 'weights':
      return 'auto or twelve weights for C to B, none negative and not all 0'
  }
}

function checkNumber(control: { min: number; max: number; step: number }, value: unknown): value is number {
  return (
    typeof value === 'number' &&
    value >= control.min &&
    value <= control.max &&
    (control.step !== 1 || Number.isInteger(value))
  )
}

function isWeights(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length !== 12) return false
  let sum = 0
  for (const weight of value) {
    if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1e6)) return false
    sum += weight
  }
  return sum > 0
}

/** Checks whether the control accepts a value from outside. A number with a step of 1 must be whole. Never throws. */
export function checkControl(name: ControlName, value: unknown): Checked<ControlValue> {
  const control: Control = CONTROLS[name]
  const refuse = () => no<ControlValue>(`${name} takes ${describeRange(name)}.`)
  switch (control.kind) {
    case 'number':
      return checkNumber(control, value) ? ok(value) : refuse()
    case 'auto-number':
      return value === null || checkNumber(control, value) ? ok(value) : refuse()
    case 'range': {
      if (!Array.isArray(value) || value.length !== 2) return refuse()
      const [low, high] = value as unknown[]
      const fits = checkNumber(control, low) && checkNumber(control, high) && low <= high
      return fits ? ok([low, high] as const) : refuse()
    }
    case 'choice': {
      const found = control.options.find((option) => option === value)
      return found === undefined ? refuse() : ok(found as ControlValue)
    }
    case 'switch':
      return typeof value === 'boolean' ? ok(value) : refuse()
    case 'weights':
      return value === null || isWeights(value) ? ok(value) : refuse()
  }
}

/** Reads a control's value as a user types it (`0.9`, `auto`, `48-72`, `Bb`, `on`, `1,0,1,...`). Never throws. */
export function parseControl(name: ControlName, text: string): Checked<ControlValue> {
  return checkControl(name, readText(CONTROLS[name], text.trim()))
}

function readText(control: Control, text: string): unknown {
  const number = (part: string) => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(part.trim()) ? Number(part) : undefined)
  switch (control.kind) {
    case 'number':
      return number(text)
    case 'auto-number':
      return text === 'auto' ? null : number(text)
    case 'range':
      return text.split('-').map(number)
    case 'choice': {
      const same = (option: string) => option.toLowerCase() === text.toLowerCase()
      const alias = Object.keys(control.aliases ?? {}).find(same)
      return control.options.find(same) ?? (alias && control.aliases?.[alias])
    }
    case 'switch':
      return text === 'on' ? true : text === 'off' ? false : undefined
    case 'weights':
      return text === 'auto' ? null : text.split(',').map(number)
  }
}

/** A value as a user would type it, numbers to two decimals. The inverse of {@link parseControl}. */
export function formatControl(name: ControlName, value: ControlValue): string {
  if (value === null) return 'auto'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return String(Number(value.toFixed(2)))
  if (typeof value === 'string') return value
  return value.join(CONTROLS[name].kind === 'range' ? '-' : ',')
}

/** The control that a MIDI controller sets without any mapping, by the table; undefined if there is none. */
export function controlOfController(controller: number): ControlName | undefined {
  return CONTROL_NAMES.find((name) => (CONTROLS[name] as Control).cc === controller)
}
