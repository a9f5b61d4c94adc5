import { formatControl } from '../engine/controls/control-values.js'
import type { ControllerMap } from '../engine/mapping/bindings.js'
import { factoryMap } from '../engine/mapping/factory-maps.js'
import { Refused } from '../engine/refused.js'
import { FACTORY_PRESETS } from '../engine/surface/factory-presets.js'
import { touchedControls } from '../io/config/control-record.js'
import { controllerFile, formatControllerMap, parseControllerMap } from '../io/config/controller-maps.js'
import { formatPresets, type Presets, parsePresets } from '../io/config/presets.js'
import {
  DEFAULT_PORTS,
  type PortSettings,
  readSettings,
  type Settings,
  writeSettings,
} from '../io/config/settings.js'
import { readUserFile, writeUserFile } from '../io/config/user-file.js'
import { userFilePath } from '../io/config/user-folder.js'
import { flagName, type Given } from './flags/flags.js'

/** What the last time left, and the place where this time leaves it. */
export interface SettingsStore {
  /** Null where nothing is remembered. */
  readonly settings: Settings | null
  /** Writes `settings` down unless they are there already. Never throws: what goes wrong is said, once. */
  save(settings: Settings): void
}

/**
 * What is remembered from the last time; with `fresh` nothing is, and the first `keep` writes over it. Never throws:
 * a file that can't be used is set aside, and `say` told so in a sentence.
 */
export function recall(fresh: boolean, say: (sentence: string) => void): SettingsStore {
  const path = userFilePath('settings.json')
  if (path === null) return { settings: null, save: () => {} }
  const settings = fresh ? null : readSettings(path, say)
  let kept = JSON.stringify(settings)
  let complained = false
  return {
    settings,
    save: (next) => {
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
export interface PresetStore {
  readonly presets: Presets
  /** Throws Refused if they can't be written. */
  readonly savePresets: (presets: Presets) => void
}

/** The player's presets, or those that come with Rubato where none were stored. Never throws. */
export function recallPresets(say: (sentence: string) => void): PresetStore {
  const path = userFilePath('presets.json')
  const stored = path === null ? null : readUserFile(path, parsePresets, say)
  return {
    presets: stored ?? FACTORY_PRESETS,
    savePresets: (presets) => {
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

/** The maps of controllers in the user's folder, or else those that come with Rubato, and how they are kept. */
export function recallMaps(say: (sentence: string) => void): {
  readonly mapOf: (port: string) => ControllerMap
  readonly saveMap: (port: string, map: ControllerMap) => void
} {
  return {
    mapOf: (port) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) return factoryMap(port)
      const parse = (bytes: Uint8Array) =>
        parseControllerMap(bytes, (clause) =>
          say(`In ${path} ${clause} (Learning writes the file anew, without it.)`),
        )
      return readUserFile(path, parse, say) ?? factoryMap(port)
    },
    saveMap: (port, map) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) throw new Refused('There is no home folder to keep controllers in.')
      writeUserFile(path, formatControllerMap(map))
    },
  }
}
