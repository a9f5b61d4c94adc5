import { SYNCS } from '../engine/clock/sync.js'
import { formatControl } from '../engine/controls/control-values.js'
import type { ControllerMap } from '../engine/mapping/bindings.js'
import { shippedMap } from '../engine/mapping/factory-maps.js'
import { SHIPPED_PRESETS } from '../engine/surface/factory-presets.js'
import { Refused } from '../engine/units.js'
import { controllerFile, formatControllerMap, parseControllerMap } from '../io/config/controller-maps.js'
import { formatPresets, type Presets, parsePresets } from '../io/config/presets.js'
import {
  DEFAULT_PORTS,
  type PortSettings,
  readSettings,
  type Settings,
  touchedControls,
  userFilePath,
  writeSettings,
} from '../io/config/settings.js'
import { readUserFile, writeUserFile } from '../io/config/user-file.js'
import type { IntakeSettings } from '../io/input/input-router.js'
import {
  choiceFrom,
  type Flag,
  flagName,
  type Given,
  type Limits,
  textFrom,
  wordOrNumberFrom,
} from './flags.js'

/** The flags whose values are remembered, besides the controls. */
export const PORT_FLAGS: readonly Flag[] = [
  {
    name: 'to',
    value: 'NAME',
    help: 'play to an existing port instead of the virtual port Rubato, or none (none)',
  },
  {
    name: 'from',
    value: 'NAME',
    help: 'listen to an existing port, besides the virtual port "Rubato in", or none (none)',
  },
  {
    name: 'controller',
    value: 'NAMES',
    help: 'knobs, faders and pads at these ports, separated by commas, by their maps, or none (none)',
  },
  { name: 'from-channel', value: 'N', help: 'listen to this channel only, 1 to 16, or any (any)' },
  { name: 'thru', value: 'WHERE', help: 'pass the keyboard on: off, same, or a channel 1 to 16 (off)' },
  {
    name: 'split',
    value: 'NOTE',
    help: 'keys below this pitch, 0 to 127, steer only, the others pass through only, or none (none)',
  },
  {
    name: 'sync',
    value: 'WHAT',
    help: 'off; transport: start and continue that come in play, stop ends; clock: the same, and its beat counts; master: give the clock (off)',
  },
]

const CHANNELS: Limits = { min: 1, max: 16, whole: true }

/** How the port flags set the ports; those not given stay as in `before`. Throws Refused. */
export function portsFrom(given: Given, before: PortSettings): PortSettings {
  const fromChannel = wordOrNumberFrom(given, 'from-channel', ['any'], CHANNELS, before.fromChannel)
  const split = wordOrNumberFrom(given, 'split', ['none'], { min: 0, max: 127, whole: true }, before.split)
  return {
    to: portFrom(given, 'to', before.to),
    from: portFrom(given, 'from', before.from),
    controller: portFrom(given, 'controller', before.controller),
    fromChannel: fromChannel === 'any' ? null : fromChannel,
    thru: wordOrNumberFrom(given, 'thru', ['off', 'same'], CHANNELS, before.thru),
    split: split === 'none' ? null : split,
    sync: given.values.sync === undefined ? before.sync : choiceFrom(given, 'sync', SYNCS),
  }
}

/** A port by its name; `none` takes back one that is remembered. */
function portFrom(given: Given, flag: string, before: string | null): string | null {
  const name = textFrom(given, flag)
  return name === 'none' ? null : (name ?? before)
}

/** The port settings as the ear takes them: channels 0-15. */
export function intakeOf({ fromChannel, thru, split }: PortSettings): IntakeSettings {
  return {
    fromChannel: fromChannel === null ? 'any' : fromChannel - 1,
    thru: typeof thru === 'number' ? thru - 1 : thru,
    split: split ?? 'none',
  }
}

/** What the last time left, and the place where this time leaves it. */
export interface Memory {
  /** Null where nothing is remembered. */
  readonly settings: Settings | null
  /** Writes `settings` down unless they are there already. Never throws: what goes wrong is said, once. */
  keep(settings: Settings): void
}

/**
 * What is remembered from the last time; with `fresh` nothing is, and the first `keep` writes over it. Never throws:
 * a file that can't be used is set aside, and `say` told so in a sentence.
 */
export function recall(fresh: boolean, say: (sentence: string) => void): Memory {
  const path = userFilePath('settings.json')
  if (path === null) return { settings: null, keep: () => {} }
  const settings = fresh ? null : readSettings(path, say)
  let kept = JSON.stringify(settings)
  let complained = false
  return {
    settings,
    keep: (next) => {
      const text = JSON.stringify(next)
      if (text === kept) return
      try {
        writeSettings(path, next)
        kept = text
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        if (!complained) say(error.message)
        complained = true
      }
    },
  }
}

/** The presets, and how they are written down. */
export interface PresetMemory {
  readonly presets: Presets
  /** Throws Refused if they can't be written. */
  readonly keepPresets: (presets: Presets) => void
}

/** The player's presets, or those that come with Rubato where none were stored. Never throws. */
export function recallPresets(say: (sentence: string) => void): PresetMemory {
  const path = userFilePath('presets.json')
  const stored = path === null ? null : readUserFile(path, parsePresets, say)
  return {
    presets: stored ?? SHIPPED_PRESETS,
    keepPresets: (presets) => {
      if (path === null) throw new Refused('There is no home folder to keep presets in.')
      writeUserFile(path, formatPresets(presets))
    },
  }
}

/** One line on what is remembered and not given anew, or null if there is no such thing. */
export function describeRemembered(given: Given, { ports, controls }: Settings): string | null {
  const portKeys = Object.keys(DEFAULT_PORTS) as (keyof PortSettings)[]
  const fromPorts = portKeys
    .filter((key) => ports[key] !== DEFAULT_PORTS[key])
    .map((key): [string, string] => [
      key === 'fromChannel' ? 'from-channel' : key,
      key === 'to' || key === 'from' || key === 'controller' ? `"${ports[key]}"` : String(ports[key]),
    ])
  const fromControls = touchedControls(controls).map((name): [string, string] => [
    flagName(name),
    formatControl(name, controls[name]),
  ])
  const parts = [...fromPorts, ...fromControls]
    .filter(([flag]) => given.values[flag] === undefined)
    .map((part) => part.join(' '))
  return parts.length === 0 ? null : `Remembered: ${parts.join(', ')} (--fresh forgets).`
}

/** The ports that {@link PortSettings} name as controllers. */
export function controllersOf({ controller }: PortSettings): string[] {
  return (controller ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** The maps of controllers in the user's folder, or else those that come with Rubato, and how they are kept. */
export function recallMaps(say: (sentence: string) => void): {
  readonly mapOf: (port: string) => ControllerMap
  readonly keepMap: (port: string, map: ControllerMap) => void
} {
  return {
    mapOf: (port) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) return shippedMap(port)
      const parse = (bytes: Uint8Array) =>
        parseControllerMap(bytes, (clause) =>
          say(`In ${path} ${clause} (Learning writes the file anew, without it.)`),
        )
      return readUserFile(path, parse, say) ?? shippedMap(port)
    },
    keepMap: (port, map) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) throw new Refused('There is no home folder to keep controllers in.')
      writeUserFile(path, formatControllerMap(map))
    },
  }
}
