import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
  withControl,
} from '../engine/controls/controls.js'
import type { Origin } from '../engine/controls/origin.js'
import { PART_NAMES, type PartName } from '../engine/controls/parts.js'
import {
  type ButtonRequest,
  type ControllerMap,
  type ControllerMessage,
  type ControlTarget,
  controlTarget,
} from '../engine/mapping/bindings.js'
import {
  type Action,
  type Controller,
  type ControlsOf,
  createController,
} from '../engine/mapping/controller.js'
import { type Answer, type PresetNumber, type Request, requestTo } from '../engine/surface/commands.js'
import type { Ms } from '../engine/units.js'
import { now } from '../io/clock.js'
import { messageOf } from '../io/error-text.js'
import { keysOfSource } from '../io/input/binding-filter.js'
import { controllerBytes, openMessageReader, type ReadMessage } from '../io/midi/controller-messages.js'
import type { EarCommand } from '../threads/messages.js'

/** What controllers are given. */
export interface ControllersOptions {
  /** Ports of controllers that are shown how things stand. */
  readonly ports: readonly string[]
  /** The map of the controller at a port. */
  readonly mapOf: (port: string) => ControllerMap
  /** Keeps a map that has been changed. Throws Refused if it can't. */
  readonly saveMap: (port: string, map: ControllerMap) => void
  readonly ask: (request: Request, by: Origin) => Answer
  /** How the controls stood a moment ago. */
  readonly standing: ControlsOf
  readonly isPaused: () => boolean
  readonly tell: (command: EarCommand) => void
  readonly notice: (sentence: string) => void
}

/** The controllers, each with its map. */
export interface Controllers {
  /** A keyboard's port, which may have a map too. */
  follow(port: string): void
  /** Takes in a message of the controller at `port`. */
  receive(port: string, bytes: readonly number[]): void
  /** The controller at `port` is open, for the first time or again: it is shown everything. */
  opened(port: string): void
  /** The next knob or key that is moved, anywhere, is bound to `control` of `player`; null takes it back. */
  learn(control: ControlName | null, part: PartName): Answer
  /** Shows controllers what has changed; to be called some times a second. */
  show(): void
}

/** How the controls stood when a controller was last shown them. */
type Shown = Readonly<Record<PartName, Controls | undefined>>

/** A change that was asked for: the value before, those asked for since, and when it is given up. */
interface Pending {
  readonly before: ControlValue
  readonly values: readonly ControlValue[]
  readonly until: Ms
}

/**
 * How long a change is taken for one on its way while the pianist still tells of the value before, or of one asked for
 * earlier. Shorter: on a machine that stalls an encoder loses detents, and a knob its control; longer: another's change
 * back to just that value is overlooked for so long.
 */
const PENDING_MS: Ms = 2000

/** And while changes wait for a beat or bar: the longest bar that isn't odd, four beats at 20 BPM, and some more. */
const PENDING_BAR_MS: Ms = 14_000

/** Values on their way at most: a knob sends a hundred a second. */
const MOST_PENDING = 256

/** Program changes from 0 recall presets from 1, where no map has them. */
const PRESETS = 9

export function createControllers(options: ControllersOptions): Controllers {
  const desks = new Map<string, Controller>()
  /** What each port was last shown. */
  const shown = new Map<string, Shown>()
  let read: ReadMessage | undefined
  let early: { readonly port: string; readonly bytes: readonly number[] }[] = []
  let learning: ControlTarget | null = null
  const pending: Readonly<Record<PartName, Map<ControlName, Pending>>> = {
    piano: new Map(),
    drums: new Map(),
  }

  openMessageReader().then(
    (reader) => {
      read = reader
      for (const { port, bytes } of early) receive(port, bytes)
      early = []
    },
    (error: unknown) => options.notice(`Controllers can't be read: ${messageOf(error)}`),
  )
  for (const port of options.ports) deskOf(port)

  function deskOf(port: string): Controller {
    const known = desks.get(port)
    if (known) return known
    const desk = createController(options.mapOf(port))
    desks.set(port, desk)
    tellBound(port, desk)
    if (learning !== null) desk.learn(learning)
    return desk
  }

  function tellBound(port: string, { map }: Controller): void {
    options.tell({ kind: 'bound', port, keys: map.bindings.flatMap(({ source }) => keysOfSource(source)) })
  }

  /** The controls as they will stand when the player has taken in what was asked of it. */
  function expected(part: PartName): Controls | undefined {
    let standing = options.standing(part)
    if (!standing) return undefined
    for (const [control, { before, values, until }] of pending[part]) {
      const told = standing[control]
      const isUnderway = now() < until && (told === before || values.includes(told))
      if (isUnderway) standing = withControl(standing, control, values.at(-1) ?? told)
      else pending[part].delete(control)
    }
    return standing
  }

  function expect({ part, control, value }: Extract<Action, { kind: 'set' }>): void {
    const standing = options.standing(part)
    const told = standing?.[control] ?? null
    const waits = standing !== undefined && standing.quantise !== 'off'
    const { before, values } = pending[part].get(control) ?? { before: told, values: [] }
    pending[part].set(control, {
      before,
      values: [...values, value].slice(-MOST_PENDING),
      until: now() + (waits ? PENDING_BAR_MS : PENDING_MS),
    })
  }

  function receive(port: string, bytes: readonly number[]): void {
    if (!read) {
      early.push({ port, bytes })
      return
    }
    const message = read(bytes)
    if (!message) return
    const action = deskOf(port).receive(message, expected)
    if (action) obey(port, action)
    else if (message.kind === 'program') recallByProgram(message)
  }

  function recallByProgram({ number }: Extract<ControllerMessage, { kind: 'program' }>): void {
    if (learning === null && number < PRESETS)
      say(options.ask({ type: 'recall', preset: (number + 1) as PresetNumber }, 'controller'))
  }

  function say(answer: Answer): void {
    const sentence = answer.ok ? answer.sentence : answer.reason
    if (sentence !== null) options.notice(sentence)
  }

  function obey(port: string, action: Action): void {
    switch (action.kind) {
      case 'set': {
        expect(action)
        const command = { type: 'set', control: action.control, value: action.value } as const
        say(options.ask(requestTo(action.part, command), 'controller'))
        return
      }
      case 'request':
        say(options.ask({ type: requestOf(action.request) }, 'controller'))
        return
      case 'preset':
        say(options.ask({ type: 'recall', preset: action.preset }, 'controller'))
        return
      case 'waits': {
        const { control, part, isBelow } = action
        const way = isBelow ? 'up' : 'down'
        options.notice(`${nameOf({ kind: 'control', control, part })} waits: turn the knob ${way} past it.`)
        return
      }
      case 'unfit':
        options.notice(`That can't be: ${action.reason}. Move something else.`)
        return
      case 'learnt':
        keep(port)
    }
  }

  /** The desk of `port` has learnt: the others needn't any more. */
  function keep(port: string): void {
    const learnt = learning
    endLearning()
    const desk = deskOf(port)
    tellBound(port, desk)
    try {
      options.saveMap(port, desk.map)
      options.notice(`${learnt === null ? 'It' : nameOf(learnt)} is moved by "${port}" now.`)
    } catch (error) {
      options.notice(messageOf(error))
    }
  }

  function endLearning(): void {
    learning = null
    for (const desk of desks.values()) desk.learn(null)
    options.tell({ kind: 'learning', on: false })
  }

  function learn(control: ControlName | null, part: PartName): Answer {
    if (control === null) {
      const sentence = learning === null ? null : 'Nothing is learnt now.'
      endLearning()
      return { ok: true, sentence }
    }
    learning = controlTarget(control, part)
    for (const desk of desks.values()) desk.learn(learning)
    options.tell({ kind: 'learning', on: true })
    return { ok: true, sentence: `Move a knob, or press a key or pedal, for ${nameOf(learning)}.` }
  }

  function show(): void {
    for (const port of options.ports) {
      const before = shown.get(port)
      const standing = look()
      if (!before || PART_NAMES.every((part) => before[part] === standing[part])) continue
      shown.set(port, standing)
      answer(
        port,
        deskOf(port).feedback(
          (part) => standing[part],
          (part) => before[part],
        ),
      )
    }
  }

  function look(): Shown {
    return { piano: options.standing('piano'), drums: options.standing('drums') }
  }

  function requestOf(request: ButtonRequest) {
    if (request !== 'play-pause') return request
    return options.isPaused() ? 'play' : 'pause'
  }

  function answer(port: string, messages: readonly ControllerMessage[]): void {
    if (messages.length > 0) options.tell({ kind: 'answer', port, messages: messages.map(controllerBytes) })
  }

  return {
    follow: deskOf,
    receive,
    learn,
    show,
    opened: (port) => {
      shown.set(port, look())
      answer(port, deskOf(port).feedback(options.standing, null))
    },
  }
}

/** What is learnt, in words. */
function nameOf({ control, part }: ControlTarget): string {
  return part === 'drums' ? `the drums' ${CONTROLS[control].label}` : CONTROLS[control].label
}
