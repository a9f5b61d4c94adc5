import { checkControl } from '../../engine/controls/control-values.js'
import { CONTROL_NAMES } from '../../engine/controls/controls.js'
import { PART_NAMES } from '../../engine/controls/parts.js'
import {
  type Binding,
  BUTTON_REQUESTS,
  type ControllerMap,
  controlTarget,
  ENCODINGS,
  refuseBinding,
  type Source,
  TAKE_OVERS,
  type Target,
} from '../../engine/mapping/bindings.js'
import { Refused } from '../../engine/refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../../engine/strict-json.js'
import { bareName } from '../midi/port-names.js'
import { decodeText } from '../text-file.js'
import { refuseUnknown } from './control-record.js'
import { PRESET_NUMBERS } from './presets.js'

/** Most bindings of a map: more than any controller has knobs. */
const MOST_BINDINGS = 256

/**
 * The path, in the user's folder, of the map for the controller at `port`. The file's name has letters, digits and dashes
 * only.
 */
export function controllerFile(port: string): `controllers/${string}.json` {
  const safe = bareName(port)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `controllers/${safe.slice(0, 80) || 'unnamed'}.json`
}

/**
 * Reads the bytes of a controller's map. A binding that can't be used is left out, and `complain` is called with a clause
 * that says which and why. Throws {@link Refused}, whose message is a clause, for a file that isn't a map.
 */
export function parseControllerMap(bytes: Uint8Array, complain: (clause: string) => void): ControllerMap {
  const record = parseStrictJson(decodeText(bytes), 'it')
  if (!isRecord(record)) throw new Refused("it isn't a table.")
  refuseUnknown(record, ['takeOver', 'bindings'])
  const bindings = field(record, 'bindings')
  if (!Array.isArray(bindings) || bindings.length > MOST_BINDINGS) {
    throw new Refused(`its bindings aren't a list of at most ${MOST_BINDINGS}.`)
  }
  return {
    takeOver: oneOf(TAKE_OVERS, field(record, 'takeOver') ?? 'pickup', 'takeOver'),
    bindings: bindings.flatMap((given, n) => {
      try {
        return [parseBinding(given)]
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        complain(`binding ${n + 1} is left out: ${error.message}`)
        return []
      }
    }),
  }
}

function parseBinding(given: unknown): Binding {
  if (!isRecord(given)) throw new Refused("one of its bindings isn't a table.")
  const channel = parseChannel(field(given, 'channel'))
  const { source, names } = parseSource(given, channel)
  const target = parseTarget(given)
  const ofTarget = target.kind === 'control' ? ['control', 'part', 'player', 'value'] : [target.kind]
  refuseUnknown(given, ['channel', ...names, ...ofTarget])
  const reason = refuseBinding({ source, target })
  if (reason !== null) throw new Refused(`${reason}.`)
  return { source, target }
}

function parseSource(
  given: Record<string, unknown>,
  channel: number | null,
): { readonly source: Source; readonly names: readonly string[] } {
  const cc = field(given, 'cc')
  if (cc !== undefined) {
    const relative = field(given, 'relative')
    const controller = whole(cc, 0, 127, 'cc')
    if (field(given, 'button') === true)
      return { source: { kind: 'cc', channel, controller, button: true }, names: ['cc', 'button'] }
    if (relative === undefined) return { source: { kind: 'cc', channel, controller }, names: ['cc'] }
    const encoding = oneOf(ENCODINGS, relative, 'relative')
    return { source: { kind: 'cc', channel, controller, relative: encoding }, names: ['cc', 'relative'] }
  }
  const cc14 = field(given, 'cc14')
  if (cc14 !== undefined) {
    return { source: { kind: 'cc14', channel, controller: whole(cc14, 0, 31, 'cc14') }, names: ['cc14'] }
  }
  const note = field(given, 'note')
  if (note !== undefined)
    return { source: { kind: 'note', channel, pitch: whole(note, 0, 127, 'note') }, names: ['note'] }
  const program = field(given, 'program')
  if (program !== undefined) {
    return {
      source: { kind: 'program', channel, number: whole(program, 0, 127, 'program') },
      names: ['program'],
    }
  }
  if (field(given, 'bend') === true) return { source: { kind: 'bend', channel }, names: ['bend'] }
  throw new Refused('a binding has none of cc, cc14, note, program and "bend": true.')
}

function parseTarget(given: Record<string, unknown>): Target {
  const control = field(given, 'control')
  if (control !== undefined) {
    const name = oneOf(CONTROL_NAMES, control, 'control')
    const part = oneOf(PART_NAMES, field(given, 'part') ?? field(given, 'player') ?? 'piano', 'part')
    const value = field(given, 'value')
    if (value === undefined) return controlTarget(name, part)
    const checked = checkControl(name, value)
    if (!checked.ok) throw new Refused(checked.reason)
    return { ...controlTarget(name, part), value: checked.value }
  }
  const request = field(given, 'request')
  if (request !== undefined) return { kind: 'request', request: oneOf(BUTTON_REQUESTS, request, 'request') }
  return { kind: 'preset', preset: oneOf(PRESET_NUMBERS, field(given, 'preset'), 'preset') }
}

/** Reads a channel as users and DAWs count it, 1-16. @returns 0-15, or null (any channel) where none is given. */
function parseChannel(given: unknown): number | null {
  return given === undefined ? null : whole(given, 1, 16, 'channel') - 1
}

function whole(given: unknown, min: number, max: number, name: string): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max) return given
  throw new Refused(`${name} takes a whole number from ${min} to ${max}, not ${quoted(given)}.`)
}

function oneOf<Value extends string | number>(values: readonly Value[], given: unknown, name: string): Value {
  const found = values.find((value) => value === given)
  if (found !== undefined) return found
  throw new Refused(`${name} takes ${values.join(', ')}, not ${quoted(given)}.`)
}

/** The text of a map's file, with a line for each binding. {@link parseControllerMap} reads it back. */
export function formatControllerMap({ takeOver, bindings }: ControllerMap): string {
  const lines = bindings.map((binding) => `    ${JSON.stringify(bindingRecord(binding))}`)
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`
  return `{\n  "takeOver": ${JSON.stringify(takeOver)},\n  "bindings": ${list}\n}\n`
}

function bindingRecord({ source, target }: Binding): Record<string, unknown> {
  const channel = source.channel === null ? {} : { channel: source.channel + 1 }
  const { kind: _, ...what } = target
  return { ...channel, ...sourceRecord(source), ...what }
}

function sourceRecord(source: Source): Record<string, unknown> {
  switch (source.kind) {
    case 'cc':
      return {
        cc: source.controller,
        ...(source.relative ? { relative: source.relative } : {}),
        ...(source.button ? { button: true } : {}),
      }
    case 'cc14':
      return { cc14: source.controller }
    case 'note':
      return { note: source.pitch }
    case 'program':
      return { program: source.number }
    case 'bend':
      return { bend: true }
  }
}
