import { randomInt } from 'node:crypto'
import type { BackendChoice } from '../engine/networks.js'
import { type ModelFiles, modelFolder, readModel } from '../io/model-files.js'
import { choiceFrom, type Flag, type Given, numberFrom, textFrom } from './flags.js'

export const HELP_FLAG: Flag = { name: 'help', short: 'h', help: 'show this' }
export const JSON_FLAG: Flag = { name: 'json', help: 'print JSON for programs' }

/** Flags of every command that runs the network. */
export const NETWORK_FLAGS: readonly Flag[] = [
  { name: 'model', value: 'DIR', help: 'a model folder (rubato-piano)' },
  { name: 'backend', value: 'NAME', help: 'auto, wasm or js (auto)' },
]

export const SEED_FLAG: Flag = {
  name: 'seed',
  value: 'N',
  help: 'the same seed and input give the same music (0 to 4294967295; chosen at random)',
}

/** The model that `--model` names, or the one that comes with Rubato. Throws Refused. */
export function modelFrom(given: Given): ModelFiles {
  return readModel(textFrom(given, 'model') ?? modelFolder('rubato-piano'))
}

export function backendFrom(given: Given): BackendChoice {
  return choiceFrom(given, 'backend', ['auto', 'wasm', 'js'])
}

export function seedFrom(given: Given): number {
  const limits = { min: 0, max: 2 ** 32 - 1, whole: true }
  return numberFrom(given, 'seed', limits, undefined) ?? randomInt(2 ** 32)
}
