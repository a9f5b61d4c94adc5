import { checkControl } from '../../engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type Controls,
} from '../../engine/controls/controls.js'
import { Refused } from '../../engine/refused.js'
import { field, isRecord, quoted } from '../../engine/strict-json.js'

/** The controls that a file names. Throws {@link Refused} (a clause). */
export function parseControls(given: unknown = {}): ControlChanges {
  if (!isRecord(given)) throw new Refused("its controls aren't a table.")
  refuseUnknown(given, CONTROL_NAMES)
  const named = CONTROL_NAMES.filter((name) => field(given, name) !== undefined)
  const values = named.map((name) => {
    const checked = checkControl(name, field(given, name))
    if (!checked.ok) throw new Refused(checked.reason)
    return [name, checked.value] as const
  })
  return Object.fromEntries(values)
}

/** Throws {@link Refused} (a clause) where `record` has a key that isn't among the `known`. */
export function refuseUnknown(record: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(record).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Refused(`it has a setting ${quoted(unknown)} that isn't known here.`)
}

/** The controls as a file names them: those that somebody has touched. {@link parseControls} reads them. */
export function controlsRecord(controls: Controls): Readonly<Record<string, unknown>> {
  return Object.fromEntries(touchedControls(controls).map((name) => [name, controls[name]]))
}

/** The controls that don't stand where they do when nobody has touched them, in the table's order. */
export function touchedControls(controls: Controls): (keyof Controls)[] {
  return CONTROL_NAMES.filter(
    (name) => JSON.stringify(controls[name]) !== JSON.stringify(CONTROLS[name].default),
  )
}
