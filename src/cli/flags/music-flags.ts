import { randomInt } from 'node:crypto'
import { CONTROL_NAMES } from '../../engine/controls/controls.js'
import { openingOf } from '../../engine/form/themes.js'
import type { Progression } from '../../engine/language/chords.js'
import { type EventIndex, isTimeShift, shiftSteps } from '../../engine/language/events.js'
import { stepsOf } from '../../engine/language/percussion.js'
import { quantize } from '../../engine/language/performance.js'
import { languageOf } from '../../engine/model/model.js'
import type { PrecisionChoice } from '../../engine/network/create-network.js'
import { promptEvents } from '../../engine/offline/prompt.js'
import { unsupportedControls } from '../../engine/pianist/unsupported-controls.js'
import { Refused } from '../../engine/refused.js'
import type { Style } from '../../engine/style/profile.js'
import { GIVEN_LIMITS, type GivenNote } from '../../engine/surface/commands.js'
import { STEP_MS, STEPS_PER_BEAT } from '../../engine/units.js'
import { readLeadSheet } from '../../io/lead-sheet/lead-sheet.js'
import { type ModelFiles, modelFolder, readModel } from '../../io/models/model-files.js'
import { ENGINE_CHOICES, type EngineChoice } from '../../io/models/open-network.js'
import { readMidiFile } from '../../io/recording/midi-file-reader.js'
import { choiceFrom, type Flag, flagName, type Given, numberFrom, textFrom } from './flags.js'
import { STYLE_FLAG, styleFrom } from './style-flag.js'

/** The models that come with Rubato, by the names that `--model` accepts. */
const SHIPPED_MODELS = ['piano', 'pop', 'melody', 'drums']

export const HELP_FLAG: Flag = { name: 'help', short: 'h', help: 'show this' }
export const JSON_FLAG: Flag = { name: 'json', help: 'print JSON for programs' }

/** The flags of every command that runs the network. */
export const NETWORK_FLAGS: readonly Flag[] = [
  { name: 'model', value: 'NAME', help: 'piano, pop, melody, drums, or a model folder of your own (piano)' },
  {
    name: 'backend',
    value: 'NAME',
    help: 'auto, wasm, js, or where TensorFlow.js is installed tfjs-node, tfjs-wasm (auto)',
  },
  {
    name: 'precision',
    value: 'NAME',
    help: 'f32, or int16: half the memory and under half the time of f32, and as exact to the ear; auto takes it wherever the wasm backend runs (auto)',
  },
]

const PROMPT_FLAGS: readonly Flag[] = [
  {
    name: 'prompt',
    value: 'FILE',
    help: 'a MIDI file whose end is heard first: the music goes on from there',
  },
  {
    name: 'prompt-seconds',
    value: 'N',
    help: 'how much of its end is heard (1 to 300; 30, and to play less of a dense one, so that it begins at once)',
  },
]

const THEME_FLAG: Flag = {
  name: 'theme',
  value: 'FILE',
  help: 'a MIDI file whose first passage, of 8 to 16 s, is given as a theme that returns; needs memory',
}

const CHORDS_FLAG: Flag = {
  name: 'chords',
  value: 'TEXT|FILE',
  help: "chords to keep to, over and over, as on a lead sheet: 'Am7 F | C G/B'; or a file of them",
}

/** How many seconds of a prompt's end the network receives if `--prompt-seconds` isn't given. */
const PROMPT_SECONDS = 30

/** The flag of every command that draws. */
export const SEED_FLAG: Flag = {
  name: 'seed',
  value: 'N',
  help: 'the same seed and input give the same music (0 to 4294967295; chosen at random)',
}

/** The flags of every command that makes music, besides those of the controls. */
export const MUSIC_FLAGS: readonly Flag[] = [
  ...PROMPT_FLAGS,
  THEME_FLAG,
  CHORDS_FLAG,
  STYLE_FLAG,
  SEED_FLAG,
  ...NETWORK_FLAGS,
]

/** The network that the flags ask for. Opening the network shows whether it can run on this machine. */
export interface NetworkChoice {
  readonly model: ModelFiles
  readonly backend: EngineChoice
  readonly precision: PrecisionChoice
}

/** The network, seed, prompt, theme, chords and style that the music is made from, besides the controls. */
interface MusicChoice extends NetworkChoice {
  readonly seed: number
  readonly prompt: Prompt | null
  readonly theme: ThemeFile | null
  readonly progression: Progression | null
  readonly style: Style | null
}

/** The first passage of a performance, to be given as a theme. */
export interface ThemeFile {
  readonly path: string
  readonly seconds: number
  readonly notes: readonly GivenNote[]
}

/** The end of a performance to go on from. */
export interface Prompt {
  readonly path: string
  /** How much of the performance's end the network receives, in seconds. */
  readonly seconds: number
  readonly events: readonly EventIndex[]
}

/**
 * The network that {@link NETWORK_FLAGS} ask for: the model `otherwise` where no model is named. Throws Refused for an unknown or
 * bad one.
 */
export function networkFrom(given: Given, otherwise = 'piano'): NetworkChoice {
  return {
    backend: choiceFrom(given, 'backend', ENGINE_CHOICES),
    precision: choiceFrom(given, 'precision', ['auto', 'f32', 'int16']),
    model: readModel(modelPlace(textFrom(given, 'model') ?? otherwise)),
  }
}

/** The name that `--model` accepts for the model that calls itself `name`; undefined for one that doesn't come with Rubato. */
export function shippedModel(name: string): string | undefined {
  return SHIPPED_MODELS.find((shipped) => folderName(shipped) === name)
}

function folderName(shipped: string): string {
  return `rubato-${shipped}`
}

/** The folder of a model: `drums` is models/rubato-drums, and any name that isn't Rubato's own is a folder. */
function modelPlace(name: string): string {
  return SHIPPED_MODELS.includes(name) ? modelFolder(folderName(name)) : name
}

/**
 * The choice that {@link MUSIC_FLAGS} ask for. Throws Refused for a file that can't be used, or a prompt without notes.
 * @param mostNotes how many notes of a prompt the network receives at most if `--prompt-seconds` isn't given
 */
export async function musicFrom(given: Given, mostNotes?: number): Promise<MusicChoice> {
  const seed = seedFrom(given)
  const network = networkFrom(given)
  const prompt = await promptFrom(given, network.model, mostNotes)
  const theme = await themeFrom(given, network.model)
  const progression = progressionFrom(given, network.model)
  return { seed, prompt, theme, progression, style: await styleFrom(given, network.model), ...network }
}

/** The chords that `--chords` asks for. Throws Refused for a text or file that makes none, or a model that has none. */
function progressionFrom(given: Given, { spec }: ModelFiles): Progression | null {
  const text = textFrom(given, 'chords')
  if (text === null) return null
  const { layout, hasEnds } = languageOf(spec)
  const { chordLock } = unsupportedControls(layout, hasEnds)
  if (chordLock !== undefined) throw new Refused(`--chords can't be used: ${chordLock}.`)
  return readLeadSheet(text)
}

/** The theme that `--theme` asks for. Throws Refused for a file that makes none, or a model that has none. */
async function themeFrom(given: Given, { spec }: ModelFiles): Promise<ThemeFile | null> {
  const path = textFrom(given, 'theme')
  if (path === null) return null
  const { layout, hasEnds, step } = languageOf(spec)
  const { memory } = unsupportedControls(layout, hasEnds)
  if (memory !== undefined) throw new Refused(`--theme can't be used: ${memory}.`)
  const all = quantize((await readMidiFile(path, step)).notes)
  const notes = openingOf(all.map(({ start, pitch }) => ({ onset: start, pitch })))
  const { least } = GIVEN_LIMITS
  if (notes.length < least)
    throw new Refused(`${path} begins with ${notes.length} notes, and a theme needs at least ${least}.`)
  return { path, seconds: ((notes.at(-1)?.onset ?? 0) * STEP_MS) / 1000, notes }
}

/** What is to be told of a theme from a file when the music begins with the control memory at `memory`. */
export function describeTheme({ path, seconds, notes }: ThemeFile, memory: number): string {
  const what = `The first ${seconds.toFixed(1)} s of ${path}, ${notes.length} notes,`
  return memory > 0
    ? `${what} are a theme that returns.`
    : `${what} don't return while memory is at 0; give --memory, 0.5 for example.`
}

/** The seed that {@link SEED_FLAG} gives, or one by chance. Throws Refused. */
export function seedFrom(given: Given): number {
  const limits = { min: 0, max: 2 ** 32 - 1, whole: true }
  return numberFrom(given, 'seed', limits, undefined) ?? randomInt(2 ** 32)
}

async function promptFrom(given: Given, { spec }: ModelFiles, mostNotes?: number): Promise<Prompt | null> {
  const path = textFrom(given, 'prompt')
  const asked = numberFrom(given, 'prompt-seconds', { min: 1, max: 300 }, null)
  if (path === null) {
    if (asked === null) return null
    throw new Refused('--prompt-seconds needs --prompt FILE.')
  }
  const { hasEnds, step } = languageOf(spec)
  const notes = stepsOf((await readMidiFile(path, step)).notes, hasEnds, step)
  if (notes.length === 0) throw new Refused(`${path} has no notes to go on from.`)
  const steps = ((asked ?? PROMPT_SECONDS) * 1000) / STEP_MS
  const bar = step === 'beat' ? 4 * STEPS_PER_BEAT : 1
  const events = promptEvents(notes, steps, asked === null ? mostNotes : undefined, hasEnds, bar)
  const heard = events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)
  return { path, seconds: Math.ceil((heard * STEP_MS) / 1000), events }
}

/** A sentence for each flag that was given for a control that does nothing with the model, with the reason. */
export function unsupportedFlags({ values }: Given, { spec }: ModelFiles): string[] {
  const { layout, hasEnds } = languageOf(spec)
  const unsupported = unsupportedControls(layout, hasEnds)
  const given = CONTROL_NAMES.filter(
    (name) => unsupported[name] !== undefined && values[flagName(name)] !== undefined,
  )
  return given.map((name) => `--${flagName(name)} does nothing: ${unsupported[name]}.`)
}
