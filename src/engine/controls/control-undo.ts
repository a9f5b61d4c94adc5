import type { Ms } from '../units.js'
import { CONTROL_NAMES, type ControlName, type Controls } from './controls.js'
import type { Origin } from './origin.js'

/** Who set each control last; those that nobody has touched are missing. */
export type Setters = Readonly<Partial<Record<ControlName, Origin>>>

/** Who changed what, and the way back. Never throws. */
export interface ControlUndo {
  readonly setters: Setters
  /** Changes that can be taken back. */
  readonly length: number
  /**
   * Notes a change at plan time `at`. Turning on and on at one control counts as one change, and so do the steps of a
   * glide, each of which changes several `isTogether`.
   */
  record(before: Controls, after: Controls, by: Origin | undefined, at: Ms, isTogether?: boolean): void
  /** Forgets the last change. @returns the controls before it; undefined if there is none */
  takeBack(): Controls | undefined
}

interface Change {
  readonly before: Controls
  readonly settersBefore: Setters
  readonly names: readonly ControlName[]
  readonly isTogether: boolean
  readonly by: Origin | undefined
  last: Ms
}

/** Changes kept. Fewer lose a way back that somebody may still want; more only cost memory. */
const KEPT = 100

/**
 * What is turned again within this time is still the same turn: shorter takes several presses of *undo* to take back
 * one move of a knob, longer takes back two moves at once.
 */
const SAME_TURN_MS: Ms = 1000

/** A history without changes. */
export function createControlUndo(): ControlUndo {
  const changes: Change[] = []
  let setters: Setters = {}

  function record(
    before: Controls,
    after: Controls,
    by: Origin | undefined,
    at: Ms,
    isTogether = false,
  ): void {
    const names = CONTROL_NAMES.filter((name) => !isSame(before[name], after[name]))
    if (names.length === 0) return
    const last = changes.at(-1)
    const isSameTurn =
      last &&
      last.by === by &&
      (isTogether ? last.isTogether : isSame(last.names, names)) &&
      at - last.last <= SAME_TURN_MS &&
      by !== undefined
    if (isSameTurn) last.last = at
    else {
      changes.push({ before, settersBefore: setters, names, isTogether, by, last: at })
      if (changes.length > KEPT) changes.shift()
    }
    if (by === undefined) return
    setters = { ...setters, ...Object.fromEntries(names.map((name) => [name, by])) }
  }

  function takeBack(): Controls | undefined {
    const change = changes.pop()
    if (change) setters = change.settersBefore
    return change?.before
  }

  return {
    record,
    takeBack,
    get setters() {
      return setters
    },
    get length() {
      return changes.length
    },
  }
}

/** Whether two values of a control are equal; ranges and weights are compared number by number. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.join() === b.join())
}
