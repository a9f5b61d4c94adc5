import type { Ms } from '../units.js'
import { CONTROL_NAMES, type ControlName, type Controls, pickControls } from './controls.js'
import type { Origin } from './origin.js'

/** Who set each control last; controls that nobody has set are missing. */
export type Setters = Readonly<Partial<Record<ControlName, Origin>>>

/** The last changes of the controls, so that they can be undone, and who set each control. Never throws. */
export interface ControlUndo {
  readonly setters: Setters
  /** How many changes can be undone. */
  readonly length: number
  /**
   * Records a change at plan time `at`. Does nothing where `before` and `after` are the same. Moves of one control that
   * follow each other closely count as one change, and so do the steps of a glide, which set several controls at once
   * (`isTogether`). A change by the band is nothing to undo: it stays when earlier changes are undone.
   */
  record(before: Controls, after: Controls, by: Origin | undefined, at: Ms, isTogether?: boolean): void
  /** Forgets the last change. @returns the controls as they were before that change; undefined if no change is left */
  takeBack(): Controls | undefined
}

interface Change {
  before: Controls
  readonly settersBefore: Setters
  readonly names: readonly ControlName[]
  readonly isTogether: boolean
  readonly by: Origin | undefined
  last: Ms
}

/**
 * How many changes can be undone at most: fewer lose one that somebody may still want to undo, more only cost memory.
 */
const MOST_CHANGES = 100

/**
 * Changes of the same control by the same origin within this time count as one: a shorter time needs several presses of
 * *undo* for one move of a knob, a longer one undoes two moves at once.
 */
const SAME_MOVE_MS: Ms = 1000

/** An undo history without any change. */
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
    if (by === 'band') {
      for (const change of changes) change.before = { ...change.before, ...pickControls(after, names) }
      setters = { ...setters, ...Object.fromEntries(names.map((name) => [name, by])) }
      return
    }
    const last = changes.at(-1)
    const isSameMove =
      last &&
      last.by === by &&
      (isTogether ? last.isTogether : isSame(last.names, names)) &&
      at - last.last <= SAME_MOVE_MS &&
      by !== undefined
    if (isSameMove) last.last = at
    else {
      changes.push({ before, settersBefore: setters, names, isTogether, by, last: at })
      if (changes.length > MOST_CHANGES) changes.shift()
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
