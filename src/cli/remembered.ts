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

/** The ports and controls of the last run, and the file that those of this run are saved in. */
interface SettingsStore {
  /** The settings of the last run; null where there are none, or they are to be forgotten. */
  readonly settings: Settings | null
  /** Writes `settings` unless the file has them already. Never throws: the player is told of the first failure. */
  save(settings: Settings): void
}

/**
 * Reads the settings of the last run. With `fresh` they are forgotten, and the first `save` writes over them. Never
 * throws: a file that can't be used is set aside, and `notice` gets a sentence about that.
 */
export function openSettings(fresh: boolean, notice: (sentence: string) => void): SettingsStore {
  const path = userFilePath('settings.json')
  if (path === null) return { settings: null, save: () => {} }
  const settings = fresh ? null : readSettings(path, notice)
  let saved = JSON.stringify(settings)
  let complained = false
  return {
    settings,
    save: (next) => {
      const text = JSON.stringify(next)
      if (text === saved) return
      try {
        writeSettings(path, next)
        saved = text
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        if (!complained) notice(error.message)
        complained = true
      }
    },
  }
}

/** The presets, and the function that saves them. */
interface PresetStore {
  readonly presets: Presets
  /** Saves changed presets. Throws Refused if they can't be written. */
  readonly savePresets: (presets: Presets) => void
}

/**
 * Reads the player's presets; where none were stored, those that come with Rubato. Never throws: `notice` gets a
 * sentence about a file that can't be used.
 */
export function openPresets(notice: (sentence: string) => void): PresetStore {
  const path = userFilePath('presets.json')
  const stored = path === null ? null : readUserFile(path, parsePresets, notice)
  return {
    presets: stored ?? FACTORY_PRESETS,
    savePresets: (presets) => {
      if (path === null) throw new Refused('There is no home folder to keep presets in.')
      writeUserFile(path, formatPresets(presets))
    },
  }
}

/** One line on the remembered settings that no flag sets anew; null if there are none. */
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

/** The maps of controllers, by port, and the function that saves them. */
interface ControllerMapStore {
  /** The map in the user's folder, or else the one that comes with Rubato. Never throws. */
  readonly mapOf: (port: string) => ControllerMap
  /** Saves a changed map. Throws Refused if it can't be written. */
  readonly saveMap: (port: string, map: ControllerMap) => void
}

/** Opens the maps of controllers. `notice` gets a sentence about each file that can't be used. */
export function openControllerMaps(notice: (sentence: string) => void): ControllerMapStore {
  return {
    mapOf: (port) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) return factoryMap(port)
      const parse = (bytes: Uint8Array) =>
        parseControllerMap(bytes, (clause) =>
          notice(`In ${path} ${clause} (Learning writes the file anew, without it.)`),
        )
      return readUserFile(path, parse, notice) ?? factoryMap(port)
    },
    saveMap: (port, map) => {
      const path = userFilePath(controllerFile(port))
      if (path === null) throw new Refused('There is no home folder to keep controllers in.')
      writeUserFile(path, formatControllerMap(map))
    },
  }
}
