import { join } from 'node:path'
import type { UnsupportedControls } from '../engine/controls/controls.js'
import { type ControlName, type Controls, MUSIC_CONTROLS, pickControls } from '../engine/controls/controls.js'
import type { Origin } from '../engine/controls/origin.js'
import { isDrummers, type PartName, SHARED_CONTROLS } from '../engine/controls/parts.js'
import type { Answer, Command, DrumsCommand, PresetNumber, Request } from '../engine/surface/commands.js'
import type { Preset } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import { writeWhole } from '../io/atomic-file.js'
import { now } from '../io/clock.js'
import type { Presets } from '../io/config/presets.js'
import { messageOf } from '../io/error-text.js'
import { CAPTURE_MS, type CaptureBuffer, captureName } from '../io/recording/capture.js'
import { createGlide } from './glide.js'

/** What requests are answered with. */
export interface RequestOptions {
  readonly presets: Presets
  /** Writes the presets down. Throws Refused if it can't. */
  readonly savePresets: (presets: Presets) => void
  /** The folder that captures go to. */
  readonly captures: string
  readonly capture: CaptureBuffer
  readonly order: (command: Command, by: Origin, at: Ms) => void
  /** The same to the drummer who plays along; absent where none does. */
  readonly orderDrums?: ((command: Command, by: Origin, at: Ms) => void) | undefined
  readonly panic: () => void
  readonly learn: (control: ControlName | null, part: PartName) => Answer
  /** How the pianist's controls stand. */
  readonly controls: () => Controls
  /** The pianist's that do nothing with his model, and why. */
  readonly idle: UnsupportedControls
  /** How the drummer's do; undefined where none plays along. */
  readonly drumsControls: () => Controls | undefined
}

/** What the faces ask for, carried out. */
export interface Requests {
  ask(request: Request, by: Origin): Answer
  presets(): Presets
  /** A hand at a keyboard has turned this control: a preset under way leaves it to it. */
  turned(control: ControlName): void
  /**
   * To be called some times a second: the drummer's time is the pianist's, by whatever road that was changed (an undo, a
   * keyboard's controller).
   */
  keepTogether(): void
}

/** What all do together. */
const SHARED_COMMANDS: readonly Command['type'][] = ['play', 'pause', 'end', 'forget']

/**
 * The two may differ for so long: snapshots are up to 100 ms old. Shorter, and a tempo that is being turned is taken back
 * for a moment; longer, and an undone tempo takes longer to reach the drummer.
 */
const APART_MS: Ms = 300

const DONE: Answer = { ok: true, sentence: null }

export function createRequests(options: RequestOptions): Requests {
  let presets = options.presets
  const glide = createGlide(now)
  /** Since when the drummer's time hasn't been the pianist's. */
  let apartSince: Ms | null = null

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
        return options.learn(request.control, request.part ?? 'piano')
      case 'drums':
        return toDrummer(request.command, by)
      default:
        if (request.type === 'set') glide.leave(request.control)
        else if (request.type === 'set-some' || request.type === 'undo') glide.stop()
        orderAll(request, by)
        return tellIdle(request, by)
    }
  }

  /** A program is told of a control that does nothing with this model; the dashboard shows it by itself. */
  function tellIdle(command: Command, by: Origin): Answer {
    const why = command.type === 'set' && by === 'web' ? options.idle[command.control] : undefined
    return why === undefined ? DONE : { ok: true, sentence: `It does nothing now: ${why}.` }
  }

  /** To the pianist, and to the drummer what he does as well. */
  function orderAll(command: Command, by: Origin): void {
    options.order(command, by, now())
    const shared = sharedBy(command)
    if (shared) options.orderDrums?.(shared, by, now())
  }

  function toDrummer(command: DrumsCommand, by: Origin): Answer {
    if (!options.orderDrums)
      return { ok: false, reason: 'No drummer plays along; start Rubato with --drums.' }
    if (command.type === 'set' && !isDrummers(command.control))
      return { ok: false, reason: `A drummer has no ${command.control} of his own.` }
    options.orderDrums(command, by, now())
    return DONE
  }

  function keepTogether(): void {
    const theirs = pickControls(options.controls(), SHARED_CONTROLS)
    const his = options.drumsControls()
    if (!his || SHARED_CONTROLS.every((name) => his[name] === theirs[name])) {
      apartSince = null
      return
    }
    apartSince ??= now()
    if (now() - apartSince < APART_MS) return
    apartSince = null
    options.orderDrums?.({ type: 'set-some', controls: theirs }, 'keys', now())
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
    glide.begin(from, preset.controls, 1000 * from.glide, (controls) =>
      orderAll({ type: 'set-some', controls }, by),
    )
    return { ok: true, sentence: `Preset ${number}: ${preset.name}.` }
  }

  function store(number: PresetNumber): string {
    const controls = pickControls(options.controls(), MUSIC_CONTROLS)
    const preset: Preset = { name: `Preset ${number}`, controls }
    const next = { ...presets, [number]: preset }
    options.savePresets(next)
    presets = next
    return `The controls are stored as preset ${number}.`
  }

  return { ask, presets: () => presets, turned: glide.leave, keepTogether }
}

/** What of a command the drummer obeys too. */
function sharedBy(command: Command): Command | undefined {
  if (command.type === 'set')
    return SHARED_CONTROLS.some((name) => name === command.control) ? command : undefined
  if (command.type === 'set-some') {
    const controls = pickControls(command.controls, SHARED_CONTROLS)
    return Object.keys(controls).length > 0 ? { type: 'set-some', controls } : undefined
  }
  return SHARED_COMMANDS.includes(command.type) ? command : undefined
}

/** What `work` says; a reason where it throws. */
function attempt(work: () => string): Answer {
  try {
    return { ok: true, sentence: work() }
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}
