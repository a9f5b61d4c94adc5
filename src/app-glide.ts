import { CONTROL_NAMES, CONTROLS, type Control, type ControlName, type Controls } from './engine/controls.js'
import type { Ms } from './engine/units.js'

/** From one preset to the next in some time. Never throws. */
export interface Glide {
  /** Goes from `from` to `to` in `duration`: numbers move, all else is set at once. Ends a glide under way. */
  begin(from: Controls, to: Controls, duration: Ms, set: (controls: Controls) => void): void
  /** Somebody else has set this control: it is left alone from now on. */
  leave(control: ControlName): void
  stop(): void
}

/** How often a glide sets: seldomer is heard as steps, more often draws the same music again and again. */
const STEP_MS: Ms = 50

/** No glide yet. `now` reads the time. */
export function createGlide(now: () => Ms): Glide {
  let timer: NodeJS.Timeout | undefined
  let left = new Set<ControlName>()

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  function begin(from: Controls, to: Controls, duration: Ms, set: (controls: Controls) => void): void {
    stop()
    if (duration <= 0) {
      set(to)
      return
    }
    const start = now()
    left = new Set()
    const step = () => {
      const share = Math.min(1, (now() - start) / duration)
      set(between(from, to, share, left))
      if (share === 1) stop()
    }
    timer = setInterval(step, STEP_MS)
    timer.unref()
    step()
  }

  return { begin, stop, leave: (control) => left.add(control) }
}

/** The controls at `share` 0-1 of the way, those `left` out as they are at its start. */
export function between(
  from: Controls,
  to: Controls,
  share: number,
  left: ReadonlySet<ControlName>,
): Controls {
  const entries = CONTROL_NAMES.map((name) => [
    name,
    left.has(name) ? from[name] : valueBetween(name, from, to, share),
  ])
  return Object.fromEntries(entries) as Controls
}

function valueBetween(name: ControlName, from: Controls, to: Controls, share: number): unknown {
  const control: Control = CONTROLS[name]
  const [a, b] = [from[name], to[name]]
  const isNumber = control.kind === 'number' || control.kind === 'auto-number'
  // There is no way between auto and a number.
  if (!isNumber || typeof a !== 'number' || typeof b !== 'number') return b
  const stepped = Math.round((a + (b - a) * share) / control.step) * control.step
  return share === 1 ? b : Number(Math.min(control.max, Math.max(control.min, stepped)).toFixed(4))
}
