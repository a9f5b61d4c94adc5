import { checkControl } from '../../engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type Controls,
} from '../../engine/controls/controls.js'
import { Refused } from '../../engine/refused.js'
import { field, isRecord, quoted } from '../../engine/strict-json.js'

/** Reads the controls that a file names; all others are left out. Throws {@link Refused}, whose message is a clause. */
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

/** Throws {@link Refused}, whose message is a clause, where `record` has a key that isn't among the `known`. */
export function refuseUnknown(record: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(record).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Refused(`it has a setting ${quoted(unknown)} that isn't known here.`)
}

/** The controls that aren't at their defaults, as they are written to a file. {@link parseControls} reads them back. */
export function controlsRecord(controls: Controls): Readonly<Record<string, unknown>> {
  return Object.fromEntries(touchedControls(controls).map((name) => [name, controls[name]]))
}

/** The names of the controls that aren't at their defaults, in the order of the table. */
export function touchedControls(controls: Controls): (keyof Controls)[] {
  return CONTROL_NAMES.filter(
    (name) => JSON.stringify(controls[name]) !== JSON.stringify(CONTROLS[name].default),
  )
}
