import type { Control } from '../../engine/controls/control-kinds.js'
import { snapped } from '../../engine/controls/control-steps.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
  pickControls,
} from '../../engine/controls/controls.js'
import type { Ms } from '../../engine/units.js'
import type { Clock } from '../clock.js'

/**
 * How often a gliding control is set. Less often is heard as steps; more often makes the plan draw the same music many
 * times.
 */
const GLIDE_TICK_MS: Ms = 50

/** A glide under way: its start, its aim, and the function that sets the controls. */
interface Journey {
  readonly from: Controls
  readonly to: ControlChanges
  readonly start: Ms
  readonly duration: Ms
  readonly set: (changes: ControlChanges) => void
  readonly cancelTick: () => void
}

/** Moves some controls from one setting to the next in a given time: at most one glide at once. Never throws. */
export class Glide {
  readonly #clock: Clock
  #journey: Journey | undefined
  /** The controls that still move. */
  #moving: ReadonlySet<ControlName> = new Set()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Goes from `from` to `to` in `duration` by calling `set`, once now and then at each tick. Numbers move; all other
   * controls are set at once. Ends a glide under way.
   */
  begin(from: Controls, to: ControlChanges, duration: Ms, set: (changes: ControlChanges) => void): void {
    this.stop()
    const named = CONTROL_NAMES.filter((name) => to[name] !== undefined)
    this.#moving = new Set(duration > 0 ? named.filter((name) => canMove(name, from, to)) : [])
    const atOnce = named.filter((name) => !this.#moving.has(name))
    if (atOnce.length > 0) set(pickControls({ ...from, ...to }, atOnce))
    if (this.#moving.size === 0) return
    const cancelTick = this.#clock.every(GLIDE_TICK_MS, () => this.#tick())
    this.#journey = { from, to, start: this.#clock.now(), duration, set, cancelTick }
  }

  /** Leaves `control` alone from now on, because somebody else has set it. */
  leave(control: ControlName): void {
    this.#moving = new Set([...this.#moving].filter((name) => name !== control))
  }

  /** Ends the glide where it is. */
  stop(): void {
    this.#journey?.cancelTick()
    this.#journey = undefined
  }

  #tick(): void {
    if (!this.#journey) return
    const { from, to, start, duration, set } = this.#journey
    const share = Math.min(1, (this.#clock.now() - start) / duration)
    set(between(from, to, share, this.#moving))
    if (share === 1 || this.#moving.size === 0) this.stop()
  }
}

/** Whether there are values between the two: there are none between auto and a number. */
function canMove(name: ControlName, from: Controls, to: ControlChanges): boolean {
  const { kind }: Control = CONTROLS[name]
  const isNumber = kind === 'number' || kind === 'auto-number'
  return isNumber && typeof from[name] === 'number' && typeof to[name] === 'number' && from[name] !== to[name]
}

/** The values of the numbers in `moving` at `share` 0-1 of the way, rounded to their steps; exactly `to` at 1. */
function between(
  from: Controls,
  to: ControlChanges,
  share: number,
  moving: ReadonlySet<ControlName>,
): ControlChanges {
  const entries = [...moving].map((name) => {
    const control: Control = CONTROLS[name]
    const [start, end] = [Number(from[name]), Number(to[name])]
    const isNumber = control.kind === 'number' || control.kind === 'auto-number'
    if (share === 1 || !isNumber) return [name, end] as const
    return [name, snapped(control, start + (end - start) * share)] as const
  })
  return Object.fromEntries(entries)
}
