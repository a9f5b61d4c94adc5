import { join } from 'node:path'
import { createGlide } from './app-glide.js'
import type { Answer, Command, Origin, PresetNumber, Request } from './engine/commands.js'
import type { ControlName, Controls } from './engine/controls.js'
import type { Preset } from './engine/face.js'
import type { Ms } from './engine/units.js'
import { CAPTURE_MS, type CaptureMemory, captureName } from './io/capture.js'
import { now } from './io/clock.js'
import { messageOf } from './io/failure.js'
import type { Presets } from './io/presets.js'
import { writeWhole } from './io/whole-file.js'

/** What requests are answered with. */
export interface RequestOptions {
  readonly presets: Presets
  /** Writes the presets down. Throws Refused if it can't. */
  readonly keepPresets: (presets: Presets) => void
  /** The folder that captures go to. */
  readonly captures: string
  readonly capture: CaptureMemory
  readonly order: (command: Command, by: Origin, at: Ms) => void
  /** The same to the drummer who plays along; absent where none does. */
  readonly orderDrums?: ((command: Command, by: Origin, at: Ms) => void) | undefined
  readonly panic: () => void
  readonly learn: (control: ControlName | null) => Answer
  /** How the controls stand. */
  readonly controls: () => Controls
}

/** What the faces ask for, carried out. */
export interface Requests {
  ask(request: Request, by: Origin): Answer
  presets(): Presets
}

/** Controls of the time that all share. */
const SHARED_CONTROLS: readonly ControlName[] = ['tempo', 'beatsPerBar', 'clockOffset']
/** What all do together. */
const SHARED_COMMANDS: readonly Command['type'][] = ['play', 'pause', 'end', 'forget']

function isForAll(command: Command): boolean {
  return command.type === 'set'
    ? SHARED_CONTROLS.includes(command.control)
    : SHARED_COMMANDS.includes(command.type)
}

const DONE: Answer = { ok: true, sentence: null }

export function createRequests(options: RequestOptions): Requests {
  let presets = options.presets
  const glide = createGlide(now)

  function ask(request: Request, by: Origin): Answer {
    switch (request.type) {
      case 'panic':
        options.panic()
        return DONE
      case 'capture':
        return attempt(writeCapture)
      case 'recall':
        return recall(request.preset, by)
      case 'store':
        return attempt(() => store(request.preset))
      case 'learn':
        return options.learn(request.control)
      case 'set-drums':
        return setDrums(request, by)
      default:
        if (request.type === 'set') glide.leave(request.control)
        else if (request.type === 'set-all' || request.type === 'undo') glide.stop()
        options.order(request, by, now())
        if (isForAll(request)) options.orderDrums?.(request, by, now())
        return DONE
    }
  }

  function setDrums({ control, value }: Extract<Request, { type: 'set-drums' }>, by: Origin): Answer {
    if (!options.orderDrums)
      return { ok: false, reason: 'No drummer plays along; start Rubato with --drums.' }
    options.orderDrums({ type: 'set', control, value }, by, now())
    return DONE
  }

  function writeCapture(): string {
    const bytes = options.capture.captured(now() - CAPTURE_MS, now())
    if (bytes === null) return 'Nothing has been played in the last 2 minutes: there is nothing to capture.'
    const path = join(options.captures, captureName(new Date()))
    writeWhole(path, bytes)
    return `The last 2 minutes are in ${path}.`
  }

  function recall(number: PresetNumber, by: Origin): Answer {
    const preset = presets[number]
    if (!preset) return { ok: false, reason: `Nothing is stored as preset ${number}.` }
    const from = options.controls()
    // How long it takes is asked of the player's own setting, not of the preset that comes.
    const to = { ...preset.controls, glide: from.glide }
    glide.begin(from, to, 1000 * from.glide, (controls) =>
      options.order({ type: 'set-all', controls }, by, now()),
    )
    return { ok: true, sentence: `Preset ${number}: ${preset.name}.` }
  }

  function store(number: PresetNumber): string {
    const preset: Preset = { name: `Preset ${number}`, controls: options.controls() }
    const next = { ...presets, [number]: preset }
    options.keepPresets(next)
    presets = next
    return `The controls are stored as preset ${number}.`
  }

  return { ask, presets: () => presets }
}

/** What `work` says; a reason where it throws. */
function attempt(work: () => string): Answer {
  try {
    return { ok: true, sentence: work() }
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}
