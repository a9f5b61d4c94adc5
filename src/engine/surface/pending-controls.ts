import { isSame } from '../controls/control-undo.js'
import { type ControlName, type Controls, type ControlValue, withControl } from '../controls/controls.js'
import type { PartName } from '../controls/parts.js'
import type { Ms } from '../units.js'

/** A change that was asked for and that no snapshot has told of yet. */
interface PendingChange {
  /** The value in the snapshot when the first change of this row was asked for. */
  readonly before: ControlValue
  /** The values asked for since, the newest last. */
  readonly asked: readonly ControlValue[]
  /** Process time at which the change is given up. */
  readonly until: Ms
}

/** Values remembered of one control: a knob sends a hundred a second, and a snapshot may tell of any of them. */
const MAX_ASKED = 256

/**
 * How long a change counts as pending while `quantise` has it wait for the next beat or bar: four beats at 20 BPM, the
 * longest usual bar, take 12 s. Shorter loses changes before a slow bar line; longer overlooks for so long somebody
 * else's change back to a value that was asked for.
 */
const QUANTISED_PATIENCE_MS: Ms = 14_000

/**
 * The controls as they will stand. A part tells of a change some 100 ms after it was asked for, in its next snapshot;
 * whoever adjusts a control by steps meanwhile has to step on from the value that was asked for, not from the one told.
 *
 * A change is pending until its patience runs out, or until a snapshot tells of a value that is neither the one before
 * nor one that was asked for: then somebody else has set the control. Pure: times are process times, given by the caller.
 */
export class PendingControls {
  readonly #patience: Ms
  readonly #changes: Readonly<Record<PartName, Map<ControlName, PendingChange>>> = {
    piano: new Map(),
    drums: new Map(),
  }

  /** @param patience how long a change counts as pending while no snapshot tells of it, and it waits for no bar */
  constructor(patience: Ms) {
    this.#patience = patience
  }

  /** Records at `at` that `part` was asked to set `control` to `value`, while its snapshot told of `told`. */
  record(part: PartName, told: Controls, control: ControlName, value: ControlValue, at: Ms): void {
    const { before, asked } = this.#changes[part].get(control) ?? { before: told[control], asked: [] }
    const patience = told.quantise === 'off' ? this.#patience : QUANTISED_PATIENCE_MS
    this.#changes[part].set(control, {
      before,
      asked: [...asked, value].slice(-MAX_ASKED),
      until: at + patience,
    })
  }

  /** `told`, what the snapshot of `part` says at `at`, with the pending changes made. Forgets those that are over. */
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

  /** Forgets every change: what was asked for last, a reset or an undo, may take any of them back. */
  clear(): void {
    for (const changes of Object.values(this.#changes)) changes.clear()
  }
}
