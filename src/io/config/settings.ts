import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { SYNCS, type Sync } from '../../engine/clock/sync.js'
import { checkControl } from '../../engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type Controls,
  defaultControls,
} from '../../engine/controls/controls.js'
import { field, isRecord, parseStrictJson, quoted } from '../../engine/strict-json.js'
import { Refused } from '../../engine/units.js'
import { decodeText, readUserFile, writeUserFile } from './user-file.js'

/** Which ports and what of them, as a user names them; channels 1-16. */
export interface PortSettings {
  readonly to: string | null
  readonly from: string | null
  /** Controllers, their names separated by commas. */
  readonly controller: string | null
  readonly fromChannel: number | null
  readonly thru: 'off' | 'same' | number
  readonly split: number | null
  readonly sync: Sync
}

/** What is remembered from one time to the next. */
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

/** No system has longer port names. */
const MAX_NAME = 256

/**
 * Where a file of the user's own lies: in `RUBATO_CONFIG` where that is set, else in the user's folder for such files
 * (XDG base directories on Linux, Preferences on macOS, APPDATA on Windows). Null for a user without a home.
 */
export function userFilePath(
  name: 'settings.json' | 'presets.json' | `controllers/${string}.json`,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const folder = env.RUBATO_CONFIG || userFolder(env, platform)
  return folder ? join(folder, name) : null
}

function userFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const home = homeOf(env)
  if (platform === 'win32') {
    const roaming = env.APPDATA || (home && join(home, 'AppData', 'Roaming'))
    return roaming && join(roaming, 'rubato', 'Config')
  }
  if (platform === 'darwin') return home && join(home, 'Library', 'Preferences', 'rubato')
  // A relative path there is invalid and to be ignored (XDG base directory specification).
  const given = env.XDG_CONFIG_HOME
  const config = given && isAbsolute(given) ? given : home && join(home, '.config')
  return config && join(config, 'rubato')
}

function homeOf(env: NodeJS.ProcessEnv): string | null {
  try {
    return env.HOME || homedir() || null
  } catch {
    return null
  }
}

/** Reads the bytes of a settings file; what it doesn't name is as it is untouched. Throws {@link Refused} (a clause). */
export function parseSettings(bytes: Uint8Array): Settings {
  const record = parseStrictJson(decodeText(bytes), 'it')
  if (!isRecord(record)) throw new Refused("it isn't a table of settings.")
  refuseUnknown(record, ['ports', 'controls'])
  return {
    ports: parsePorts(field(record, 'ports')),
    controls: { ...defaultControls(), ...parseControls(field(record, 'controls')) },
  }
}

/** Throws {@link Refused} (a clause) where `record` has a key that isn't among the `known`. */
export function refuseUnknown(record: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(record).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Refused(`it has a setting ${quoted(unknown)} that isn't known here.`)
}

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

/** Names are printed: no character among them that moves a terminal's cursor. */
function isNameOrNull(value: unknown): value is string | null {
  if (value === null) return true
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME && !/\p{C}/u.test(value)
}

/** What is remembered at `path`; null where nothing is, or nothing of use: then `say` is told so. Never throws. */
export function readSettings(path: string, say: (sentence: string) => void): Settings | null {
  return readUserFile(path, parseSettings, say)
}

/** Remembers `settings` at `path`, whole or not at all, making the folder. Throws {@link Refused} if it can't. */
export function writeSettings(path: string, settings: Settings): void {
  writeUserFile(path, formatSettings(settings))
}

/**
 * The text of a settings file. A control that stands where nobody has touched it isn't written: should a later
 * version start it elsewhere, it follows.
 */
export function formatSettings({ ports, controls }: Settings): string {
  return `${JSON.stringify({ ports, controls: controlsRecord(controls) }, null, 2)}\n`
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
