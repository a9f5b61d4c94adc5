import type { Control } from '../../engine/controls/control-kinds.js'
import { detented, type End, snapped, withEnd } from '../../engine/controls/control-steps.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
} from '../../engine/controls/controls.js'
import type { TideAims } from '../../engine/surface/snapshot.js'

/** The values from which auto controls are adjusted while the tide's aim is unknown: calm middles of their ranges. */
const AUTO_START: Readonly<Partial<Record<ControlName, number>>> = { density: 8, dynamics: 64 }

/**
 * Coarse steps from one end of a control to the other. More: the other end takes long to reach. Fewer: the wanted value
 * is jumped over.
 */
const COARSE_STEPS = 20

/** How far one adjustment goes: `coarse` is a twentieth of the control's range, `fine` its own step. */
type Grain = 'coarse' | 'fine'

/** One step of a control, up (`by` 1) or down. */
export interface Adjustment {
  readonly by: 1 | -1
  readonly grain: Grain
  /** Which end of a range is adjusted; ignored for other controls, which have one value. */
  readonly end: End
}

/**
 * The value of a control after an adjustment; undefined for the twelve weights, which can only be typed. Down from the
 * least value of an auto control comes auto; up from auto a control goes on from where the tide aims.
 */
export function adjusted(
  name: ControlName,
  controls: Controls,
  tide: TideAims | null,
  adjustment: Adjustment,
): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value: ControlValue = controls[name]
  switch (control.kind) {
    case 'number':
      return moved(control, Number(value), adjustment)
    case 'auto-number': {
      if (adjustment.by < 0 && (value === null || value === control.min)) return null
      const start = name === 'density' && tide ? tide.density : (AUTO_START[name] ?? control.min)
      return moved(control, value === null ? start : Number(value), adjustment)
    }
    case 'range': {
      const range = value as readonly [low: number, high: number]
      const { end } = adjustment
      return withEnd(range, end, moved(control, end === 'low' ? range[0] : range[1], adjustment))
    }
    case 'choice':
    case 'switch':
      return detented(name, controls, adjustment.by)
    case 'weights':
      return undefined
  }
}

function moved(
  control: { readonly min: number; readonly max: number; readonly step: number },
  value: number,
  { by, grain }: Adjustment,
): number {
  const { min, max, step } = control
  const coarse = Math.max(1, Math.round((max - min) / step / COARSE_STEPS))
  return snapped(control, value + by * step * (grain === 'coarse' ? coarse : 1))
}
