import type { TakeOver } from './bindings.js'

/**
 * The state of a knob after a move. Shares are 0-1 of the way from one end to the other, for the knob and for its
 * control.
 */
export interface KnobState {
  /** Position of the knob. */
  readonly share: number
  /**
   * Whether the knob moves its control directly; otherwise it still waits to meet the control, or moves the control in
   * proportion.
   */
  readonly hasControl: boolean
  /**
   * Position of the control after the move. If the control is elsewhere at the knob's next move, somebody else has set
   * it since.
   */
  readonly controlShare: number
}

/** Position of a control before a move of its knob. */
export interface ControlPlace {
  readonly share: number
  /** Whether the control is left to the music: then it has no position that a knob could meet. */
  readonly isAuto: boolean
}

/** A knob after a move, and the new position of its control: null where the knob waits until it meets the control. */
interface KnobMove {
  readonly knob: KnobState
  readonly target: number | null
}

/**
 * How near to its control a knob must come to have met it, as a share of the whole way. With a smaller distance a knob
 * of 128 places might never meet its control; with a larger one the control jumps audibly.
 */
const NEAR = 1.5 / 127

/**
 * Soft take-over: a knob is moved to `share` while its control may be elsewhere. With `jump` the control follows at
 * once; with `pickup` the control stays until the knob meets or passes it; with `scaled` the control moves in
 * proportion until then. `before` is the knob after its last move, undefined at the first.
 */
export function moveKnob(
  takeOver: TakeOver,
  before: KnobState | undefined,
  share: number,
  control: ControlPlace,
): KnobMove {
  const isStillHeld = before?.hasControl === true && Math.abs(control.share - before.controlShare) <= NEAR
  const hasControl =
    takeOver === 'jump' || control.isAuto || isStillHeld || meets(before, share, control.share)
  const knob = { share, hasControl, controlShare: control.share }
  if (hasControl) return { knob, target: share }
  if (takeOver === 'pickup') return { knob, target: null }
  return { knob, target: scaled(before?.share ?? share, share, control.share) }
}

/** Whether a move to `share` passes the control or comes near it. */
function meets(before: KnobState | undefined, share: number, controlShare: number): boolean {
  const passes = before !== undefined && (before.share - controlShare) * (share - controlShare) <= 0
  return passes || Math.abs(share - controlShare) <= NEAR
}

/**
 * The new position of a control at `controlShare` when its knob moves from `before` to `after`: the ratio of the
 * control's remaining way to the knob's remaining way stays as it was, so that both reach the end together (as value
 * scaling in Ableton Live).
 */
function scaled(before: number, after: number, controlShare: number): number {
  if (after === before) return controlShare
  const knobLeft = after > before ? 1 - before : before
  const controlLeft = after > before ? 1 - controlShare : controlShare
  return controlShare + ((after - before) * controlLeft) / Math.max(knobLeft, 1e-9)
}
