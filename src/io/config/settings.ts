import { SYNCS, type Sync } from '../../engine/clock/sync.js'
import { type Controls, defaultControls } from '../../engine/controls/controls.js'
import { Refused } from '../../engine/refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../../engine/strict-json.js'
import { decodeText } from '../text-file.js'
import { controlsRecord, parseControls, refuseUnknown } from './control-record.js'
import { readUserFile, writeUserFile } from './user-file.js'

/** Which ports are used and how, in the user's terms: channels count from 1 to 16. */
export interface PortSettings {
  readonly to: string | null
  readonly from: string | null
  /** The names of the controllers' ports, separated by commas. */
  readonly controller: string | null
  readonly fromChannel: number | null
  readonly thru: 'off' | 'same' | number
  readonly split: number | null
  readonly sync: Sync
}

/** The settings that Rubato remembers from one run to the next. */
export interface Settings {
  readonly ports: PortSettings
  readonly controls: Controls
}

export const DEFAULT_PORTS: PortSettings = {
  to: null,
  from: null,
  controller: null,
  fromChannel: null,
  thru: 'off',
  split: null,
  sync: 'off',
}

/** Most characters of a port's name: more than any system gives. */
const MAX_NAME = 256

/**
 * Reads the bytes of a settings file. Settings that the file leaves out get their defaults. Throws {@link Refused}, whose
 * message is a clause.
 */
export function parseSettings(bytes: Uint8Array): Settings {
  const record = parseStrictJson(decodeText(bytes), 'it')
  if (!isRecord(record)) throw new Refused("it isn't a table of settings.")
  refuseUnknown(record, ['ports', 'controls'])
  return {
    ports: parsePorts(field(record, 'ports')),
    controls: { ...defaultControls(), ...parseControls(field(record, 'controls')) },
  }
}

function parsePorts(given: unknown = {}): PortSettings {
  if (!isRecord(given)) throw new Refused("its ports aren't a table.")
  refuseUnknown(given, Object.keys(DEFAULT_PORTS))
  const read = <Key extends keyof PortSettings>(
    key: Key,
    fits: (value: unknown) => value is PortSettings[Key],
    takes: string,
  ): PortSettings[Key] => {
    const value = field(given, key)
    if (value === undefined) return DEFAULT_PORTS[key]
    if (!fits(value)) throw new Refused(`${key} takes ${takes}, not ${quoted(value)}.`)
    return value
  }
  return {
    to: read('to', isNameOrNull, 'the name of a port'),
    from: read('from', isNameOrNull, 'the name of a port'),
    controller: read('controller', isNameOrNull, 'names of ports'),
    fromChannel: read('fromChannel', isChannelOrNull, '1 to 16'),
    thru: read('thru', isThru, 'off, same or 1 to 16'),
    split: read('split', isSplitOrNull, '0 to 127'),
    sync: read('sync', isSync, SYNCS.join(', ')),
  }
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max

const isChannelOrNull = (value: unknown): value is number | null => value === null || isWhole(value, 1, 16)
const isSplitOrNull = (value: unknown): value is number | null => value === null || isWhole(value, 0, 127)
const isThru = (value: unknown): value is PortSettings['thru'] =>
  value === 'off' || value === 'same' || isWhole(value, 1, 16)
const isSync = (value: unknown): value is Sync => SYNCS.some((sync) => sync === value)

/** Names are printed, so they must not contain control characters, which can move a terminal's cursor. */
function isNameOrNull(value: unknown): value is string | null {
  if (value === null) return true
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME && !/\p{C}/u.test(value)
}

/**
 * The settings at `path`; null where there is no file, or where it can't be used: then `notice` is told why. Never throws.
 */
export function readSettings(path: string, notice: (sentence: string) => void): Settings | null {
  return readUserFile(path, parseSettings, notice)
}

/**
 * Writes `settings` to `path`, whole or not at all, and makes the folder. Throws {@link Refused} if the file can't be
 * written.
 */
export function writeSettings(path: string, settings: Settings): void {
  writeUserFile(path, formatSettings(settings))
}

/**
 * The text of a settings file. Controls at their defaults aren't written, so that they follow when a later version has
 * another default.
 */
export function formatSettings({ ports, controls }: Settings): string {
  return `${JSON.stringify({ ports, controls: controlsRecord(controls) }, null, 2)}\n`
}
