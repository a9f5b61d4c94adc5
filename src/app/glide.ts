import type { Control } from '../engine/controls/control-kinds.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
  pickControls,
} from '../engine/controls/controls.js'
import type { Ms } from '../engine/units.js'

/** From one setting of some controls to the next in some time. Never throws. */
export interface Glide {
  /** Goes from `from` to `to` in `duration`: numbers move, all else is set at once. Ends a glide under way. */
  begin(from: Controls, to: ControlChanges, duration: Ms, set: (changes: ControlChanges) => void): void
  /** Somebody else has set this control: it is left to them from now on. */
  leave(control: ControlName): void
  stop(): void
}

/** How often a glide sets: seldomer is heard as steps, more often draws the same music again and again. */
const GLIDE_TICK_MS: Ms = 50

/** No glide yet. `now` reads the time. */
export function createGlide(now: () => Ms): Glide {
  let timer: NodeJS.Timeout | undefined
  /** What moves on. */
  let moving: ReadonlySet<ControlName> = new Set()

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  function begin(
    from: Controls,
    to: ControlChanges,
    duration: Ms,
    set: (changes: ControlChanges) => void,
  ): void {
    stop()
    const named = CONTROL_NAMES.filter((name) => to[name] !== undefined)
    moving = new Set(duration > 0 ? named.filter((name) => isWay(name, from, to)) : [])
    const atOnce = named.filter((name) => !moving.has(name))
    if (atOnce.length > 0) set(pickControls({ ...from, ...to }, atOnce))
    if (moving.size === 0) return
    const start = now()
    timer = setInterval(() => {
      const share = Math.min(1, (now() - start) / duration)
      set(between(from, to, share, moving))
      if (share === 1 || moving.size === 0) stop()
    }, GLIDE_TICK_MS)
    timer.unref()
  }

  return {
    begin,
    stop,
    leave: (control) => {
      moving = new Set([...moving].filter((name) => name !== control))
    },
  }
}

/** Whether there are places between the two: there are none between auto and a number. */
function isWay(name: ControlName, from: Controls, to: ControlChanges): boolean {
  const { kind }: Control = CONTROLS[name]
  const isNumber = kind === 'number' || kind === 'auto-number'
  return isNumber && typeof from[name] === 'number' && typeof to[name] === 'number' && from[name] !== to[name]
}

/** Those of the numbers that are `moving`, at `share` 0-1 of the way. */
function between(
  from: Controls,
  to: ControlChanges,
  share: number,
  moving: ReadonlySet<ControlName>,
): ControlChanges {
  const entries = [...moving].map((name) => {
    const control: Control = CONTROLS[name]
    const [a, b] = [Number(from[name]), Number(to[name])]
    const step = control.kind === 'number' || control.kind === 'auto-number' ? control.step : 1
    const value = Math.round((a + (b - a) * share) / step) * step
    return [name, share === 1 ? b : Number(value.toFixed(4))] as const
  })
  return Object.fromEntries(entries)
}
