import { Refused } from '../../engine/refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../../engine/strict-json.js'
import type { PresetNumber } from '../../engine/surface/commands.js'
import type { Preset } from '../../engine/surface/surface.js'
import { decodeText } from '../text-file.js'
import { parseControls, refuseUnknown } from './control-record.js'

/** Named sets of controls, by the key that recalls them. */
export type Presets = Readonly<Partial<Record<PresetNumber, Preset>>>

export const PRESET_NUMBERS: readonly PresetNumber[] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

/** Most characters of a preset's name. The dashboard and the page cut longer names. */
const MAX_NAME = 64

/**
 * Reads the bytes of a presets file: a JSON object of `{ name, controls }` by preset number, where `controls` names any of
 * the controls. Throws {@link Refused}, whose message is a clause.
 */
export function parsePresets(bytes: Uint8Array): Presets {
  const record = parseStrictJson(decodeText(bytes), 'it')
  if (!isRecord(record)) throw new Refused("it isn't a table of presets.")
  refuseUnknown(record, PRESET_NUMBERS.map(String))
  const presets: Partial<Record<PresetNumber, Preset>> = {}
  for (const number of PRESET_NUMBERS) {
    const given = field(record, String(number))
    if (given !== undefined) presets[number] = parsePreset(given)
  }
  return presets
}

function parsePreset(given: unknown): Preset {
  if (!isRecord(given)) throw new Refused("one of its presets isn't a table.")
  refuseUnknown(given, ['name', 'controls'])
  const name = field(given, 'name')
  // Names are printed, so they must not contain control characters, which can move a terminal's cursor.
  if (typeof name !== 'string' || name.length > MAX_NAME || /\p{C}/u.test(name)) {
    throw new Refused(`a preset's name can't be ${quoted(name)}.`)
  }
  return { name, controls: parseControls(field(given, 'controls')) }
}

/** The text of a presets file. {@link parsePresets} reads it back. */
export function formatPresets(presets: Presets): string {
  const rows = PRESET_NUMBERS.flatMap((number) => {
    const preset = presets[number]
    return preset ? [[number, preset]] : []
  })
  return `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`
}
