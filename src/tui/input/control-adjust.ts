import type { Control } from '../../engine/controls/control-kinds.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
} from '../../engine/controls/controls.js'
import type { TideAims } from '../../engine/surface/snapshot.js'

/** What a turn begins from when the control is auto and nothing says where the music stands: a calm middle. */
const AUTO_START: Readonly<Partial<Record<ControlName, number>>> = { density: 8, dynamics: 64 }

/** Coarse steps from one end to the other: more is slow, fewer jumps over what one wanted. */
const COARSE_STEPS = 20

/** How far a turn goes: `coarse` is a twentieth of the way, `fine` the control's own step. */
export type Grain = 'coarse' | 'fine'

/** Which end of a range is turned; other controls have but one. */
export type End = 'low' | 'high'

export interface Adjustment {
  readonly by: 1 | -1
  readonly grain: Grain
  readonly end: End
}

/**
 * The value of a control after a turn; undefined where there is nothing to turn (twelve weights are typed). Below the
 * least of an auto control stands auto, and up from auto it goes on from where the tide aims.
 */
export function adjusted(
  name: ControlName,
  controls: Controls,
  tide: TideAims | null,
  turn: Adjustment,
): ControlValue | undefined {
  const control: Control = CONTROLS[name]
  const value: ControlValue = controls[name]
  switch (control.kind) {
    case 'number':
      return moved(control, Number(value), turn)
    case 'auto-number': {
      if (turn.by < 0 && (value === null || value === control.min)) return null
      const start = name === 'density' && tide ? tide.density : (AUTO_START[name] ?? control.min)
      return moved(control, value === null ? start : Number(value), turn)
    }
    case 'range': {
      const [low, high] = value as readonly [number, number]
      return turn.end === 'low'
        ? [Math.min(high, moved(control, low, turn)), high]
        : [low, Math.max(low, moved(control, high, turn))]
    }
    case 'choice': {
      const index = control.options.indexOf(String(value)) + turn.by
      return (control.options[Math.max(0, Math.min(control.options.length - 1, index))] ??
        control.default) as ControlValue
    }
    case 'switch':
      return turn.by > 0
    case 'weights':
      return undefined
  }
}

function moved(
  { min, max, step }: { min: number; max: number; step: number },
  value: number,
  { by, grain }: Adjustment,
): number {
  const coarse = Math.max(1, Math.round((max - min) / step / COARSE_STEPS))
  const next = value + by * step * (grain === 'coarse' ? coarse : 1)
  const stepped = Math.round(next / step) * step
  return Number(Math.min(max, Math.max(min, stepped)).toFixed(4))
}
