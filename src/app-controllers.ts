import type { ControllerMap, ControllerMessage } from './engine/bindings.js'
import type { Answer, Origin, PresetNumber, Request } from './engine/commands.js'
import { type Action, type ControllerDesk, createControllerDesk } from './engine/controller-desk.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  type ControlValue,
  withControl,
} from './engine/controls.js'
import type { Ms } from './engine/units.js'
import { keysOfSource } from './io/bound-keys.js'
import { now } from './io/clock.js'
import { messageOf } from './io/failure.js'
import { controllerBytes, openMessageReader, type ReadMessage } from './io/named-messages.js'
import type { EarCommand } from './threads/messages.js'

/** What controllers are given. */
export interface ControllersOptions {
  /** Ports of controllers that are shown how things stand. */
  readonly ports: readonly string[]
  /** The map of the controller at a port. */
  readonly mapOf: (port: string) => ControllerMap
  /** Keeps a map that has been changed. Throws Refused if it can't. */
  readonly keepMap: (port: string, map: ControllerMap) => void
  readonly ask: (request: Request, by: Origin) => Answer
  /** How the controls stood a moment ago. */
  readonly controls: () => Controls
  readonly tell: (command: EarCommand) => void
  readonly notice: (sentence: string) => void
}

/** The controllers, each with its map. */
export interface Controllers {
  /** A keyboard's port, which may have a map too. */
  follow(port: string): void
  /** Takes in a message of the controller at `port`. */
  take(port: string, bytes: readonly number[]): void
  /** The controller at `port` is open, for the first time or again: it is shown everything. */
  opened(port: string): void
  /** The next knob or key that is moved, anywhere, is bound to `control`; null takes it back. */
  learn(control: ControlName | null): Answer
  /** Shows controllers what has changed; to be called some times a second. */
  show(): void
}

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
/** Values on their way at most: a knob sends a hundred a second. */
const MOST_PENDING = 256

/** Program changes from 0 recall presets from 1, where no map has them. */
const PRESETS = 9

export function createControllers(options: ControllersOptions): Controllers {
  const desks = new Map<string, ControllerDesk>()
  /** What each port was last shown. */
  const shown = new Map<string, Controls>()
  let read: ReadMessage | undefined
  let early: { readonly port: string; readonly bytes: readonly number[] }[] = []
  let learning: ControlName | null = null
  const pending = new Map<ControlName, Pending>()

  openMessageReader().then(
    (reader) => {
      read = reader
      for (const { port, bytes } of early) take(port, bytes)
      early = []
    },
    (error: unknown) => options.notice(`Controllers can't be read: ${messageOf(error)}`),
  )
  for (const port of options.ports) deskOf(port)

  function deskOf(port: string): ControllerDesk {
    const known = desks.get(port)
    if (known) return known
    const desk = createControllerDesk(options.mapOf(port))
    desks.set(port, desk)
    tellBound(port, desk)
    if (learning !== null) desk.learn({ kind: 'control', control: learning })
    return desk
  }

  function tellBound(port: string, { map }: ControllerDesk): void {
    options.tell({ kind: 'bound', port, keys: map.bindings.flatMap(({ source }) => keysOfSource(source)) })
  }

  /** The controls as they will stand when the pianist has taken in what was asked of it. */
  function controls(): Controls {
    let standing = options.controls()
    for (const [control, { before, values, until }] of pending) {
      const told = standing[control]
      const isUnderway = now() < until && (told === before || values.includes(told))
      if (isUnderway) standing = withControl(standing, control, values.at(-1) ?? told)
      else pending.delete(control)
    }
    return standing
  }

  function expect(control: ControlName, value: ControlValue): void {
    const { before, values } = pending.get(control) ?? { before: options.controls()[control], values: [] }
    pending.set(control, {
      before,
      values: [...values, value].slice(-MOST_PENDING),
      until: now() + PENDING_MS,
    })
  }

  function take(port: string, bytes: readonly number[]): void {
    if (!read) {
      early.push({ port, bytes })
      return
    }
    const message = read(bytes)
    if (!message) return
    const action = deskOf(port).hear(message, controls())
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
      case 'set':
        expect(action.control, action.value)
        say(options.ask({ type: 'set', control: action.control, value: action.value }, 'controller'))
        return
      case 'request':
        say(options.ask({ type: action.request }, 'controller'))
        return
      case 'preset':
        say(options.ask({ type: 'recall', preset: action.preset }, 'controller'))
        return
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
      options.keepMap(port, desk.map)
      options.notice(`${learnt === null ? 'It' : CONTROLS[learnt].label} is moved by "${port}" now.`)
    } catch (error) {
      options.notice(messageOf(error))
    }
  }

  function endLearning(): void {
    learning = null
    for (const desk of desks.values()) desk.learn(null)
    options.tell({ kind: 'learning', on: false })
  }

  function learn(control: ControlName | null): Answer {
    if (control === null) {
      endLearning()
      return { ok: true, sentence: null }
    }
    learning = control
    for (const desk of desks.values()) desk.learn({ kind: 'control', control })
    options.tell({ kind: 'learning', on: true })
    return { ok: true, sentence: `Move a knob, or press a key or pedal, for ${CONTROLS[control].label}.` }
  }

  function show(): void {
    for (const port of options.ports) {
      const before = shown.get(port)
      const standing = options.controls()
      if (!before || before === standing) continue
      shown.set(port, standing)
      answer(port, deskOf(port).feedback(standing, before))
    }
  }

  function answer(port: string, messages: readonly ControllerMessage[]): void {
    if (messages.length > 0) options.tell({ kind: 'answer', port, messages: messages.map(controllerBytes) })
  }

  return {
    follow: deskOf,
    take,
    learn,
    show,
    opened: (port) => {
      const standing = options.controls()
      shown.set(port, standing)
      answer(port, deskOf(port).feedback(standing, null))
    },
  }
}
