import { randomInt } from 'node:crypto'
import type { Precision } from '../engine/backend.js'
import type { EventIndex } from '../engine/events.js'
import type { BackendChoice } from '../engine/networks.js'
import { quantize } from '../engine/performance.js'
import { promptEvents } from '../engine/prompt.js'
import { Refused, STEP_MS } from '../engine/units.js'
import { readMidiFile } from '../io/midi-files.js'
import { type ModelFiles, modelFolder, readModel } from '../io/model-files.js'
import { choiceFrom, type Flag, type Given, numberFrom, textFrom } from './flags.js'

export const HELP_FLAG: Flag = { name: 'help', short: 'h', help: 'show this' }
export const JSON_FLAG: Flag = { name: 'json', help: 'print JSON for programs' }

/** Flags of every command that runs the network. */
export const NETWORK_FLAGS: readonly Flag[] = [
  { name: 'model', value: 'DIR', help: 'a model folder (rubato-piano)' },
  { name: 'backend', value: 'NAME', help: 'auto, wasm or js (auto)' },
  {
    name: 'precision',
    value: 'NAME',
    help: 'f32, or int16: half the memory and under half the time; wasm only (f32)',
  },
]

export const SEED_FLAG: Flag = {
  name: 'seed',
  value: 'N',
  help: 'the same seed and input give the same music (0 to 4294967295; chosen at random)',
}

export const PROMPT_FLAGS: readonly Flag[] = [
  {
    name: 'prompt',
    value: 'FILE',
    help: 'a MIDI file whose end is heard first: the music goes on from there',
  },
  { name: 'prompt-seconds', value: 'N', help: 'how much of its end is heard (1 to 300; 30)' },
]

/** The end of a performance to go on from. */
export interface Prompt {
  readonly path: string
  readonly seconds: number
  readonly events: readonly EventIndex[]
}

/** The prompt that the flags name, or null. Throws Refused for a file that can't be used or has no notes. */
export async function promptFrom(given: Given): Promise<Prompt | null> {
  const path = textFrom(given, 'prompt')
  const seconds = numberFrom(given, 'prompt-seconds', { min: 1, max: 300 }, 30)
  if (path === null) {
    if (given.values['prompt-seconds'] === undefined) return null
    throw new Refused('--prompt-seconds goes with --prompt FILE.')
  }
  const notes = quantize((await readMidiFile(path)).notes)
  if (notes.length === 0) throw new Refused(`${path} has no notes to go on from.`)
  return { path, seconds, events: promptEvents(notes, (seconds * 1000) / STEP_MS) }
}

/** The model that `--model` names, or the one that comes with Rubato. Throws Refused. */
export function modelFrom(given: Given): ModelFiles {
  return readModel(textFrom(given, 'model') ?? modelFolder('rubato-piano'))
}

export function backendFrom(given: Given): BackendChoice {
  return choiceFrom(given, 'backend', ['auto', 'wasm', 'js'])
}

/** What `--precision` asks for; whether the backend has it, `createNetwork` says. Throws Refused. */
export function precisionFrom(given: Given): Precision {
  return choiceFrom(given, 'precision', ['f32', 'int16'])
}

export function seedFrom(given: Given): number {
  const limits = { min: 0, max: 2 ** 32 - 1, whole: true }
  return numberFrom(given, 'seed', limits, undefined) ?? randomInt(2 ** 32)
}
