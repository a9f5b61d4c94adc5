import { isSame } from '../controls/control-undo.js'
import { type ControlName, type Controls, type ControlValue, withControl } from '../controls/controls.js'
import type { PartName } from '../controls/parts.js'
import type { Ms } from '../units.js'

/** A change that was asked for and that is in no snapshot yet. */
interface PendingChange {
  /** The value in the snapshot when the first change of this row was asked for. */
  readonly before: ControlValue
  /** The values asked for since, the newest last. */
  readonly asked: readonly ControlValue[]
  /** Process time at which the change is given up. */
  readonly until: Ms
}

/**
 * Number of values remembered of one control: a knob sends a hundred a second, and the next snapshot may have any of
 * them.
 */
const MAX_ASKED = 256

/**
 * How long a change counts as pending while `quantise` has it wait for the next beat or bar: four beats at 20 BPM, the
 * longest usual bar, take 12 s. Shorter loses changes before a slow bar line; longer overlooks, for that time, somebody
 * else's change back to a value that was asked for.
 */
const QUANTISED_PATIENCE_MS: Ms = 14_000

/**
 * The controls with all pending changes made. A part shows a change some 100 ms after it was asked for, in its next
 * snapshot; until then, further steps of a control must start from the value that was asked for, not from the value in
 * the snapshot.
 *
 * A change is pending until its patience runs out, or until a snapshot has a value that is neither the one before the
 * change nor one that was asked for: then somebody else has set the control. Pure: times are process times, given by the
 * caller.
 */
export class PendingControls {
  readonly #patience: Ms
  readonly #changes: Readonly<Record<PartName, Map<ControlName, PendingChange>>> = {
    piano: new Map(),
    drums: new Map(),
  }

  /** @param patience how long a change counts as pending while no snapshot shows it, and it waits for no bar */
  constructor(patience: Ms) {
    this.#patience = patience
  }

  /**
   * Records at `at` that `part` was asked to set `control` to `value`, while its last snapshot had the controls `told`.
   */
  record(part: PartName, told: Controls, control: ControlName, value: ControlValue, at: Ms): void {
    const { before, asked } = this.#changes[part].get(control) ?? { before: told[control], asked: [] }
    const patience = told.quantise === 'off' ? this.#patience : QUANTISED_PATIENCE_MS
    this.#changes[part].set(control, {
      before,
      asked: [...asked, value].slice(-MAX_ASKED),
      until: at + patience,
    })
  }

  /**
   * The controls `told` of the last snapshot of `part`, with the changes made that are pending at `at`. Forgets the
   * changes that are over.
   */
  expected(part: PartName, told: Controls, at: Ms): Controls {
    let controls = told
    for (const [control, { before, asked, until }] of this.#changes[part]) {
      const value = told[control]
      const isPending = at < until && [before, ...asked].some((known) => isSame(known, value))
      if (isPending) controls = withControl(controls, control, asked.at(-1) ?? value)
      else this.#changes[part].delete(control)
    }
    return controls
  }

  /** Forgets every change, because a reset or an undo was asked for, which may take any of them back. */
  clear(): void {
    for (const changes of Object.values(this.#changes)) changes.clear()
  }
}
