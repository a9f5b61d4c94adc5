import type { Origin } from '../../engine/controls/origin.js'
import type { PartName } from '../../engine/controls/parts.js'
import {
  type ButtonRequest,
  type ControllerMap,
  type ControllerMessage,
  type ControlTarget,
  controlTarget,
} from '../../engine/mapping/bindings.js'
import {
  type Action,
  type Controller,
  type ControlsOf,
  createController,
} from '../../engine/mapping/controller.js'
import {
  type Answer,
  type PresetNumber,
  type Request,
  requestTo,
  sentenceOf,
} from '../../engine/surface/commands.js'
import { PendingControls } from '../../engine/surface/pending-controls.js'
import type { Mix } from '../../engine/surface/snapshot.js'
import type { Ms } from '../../engine/units.js'
import { messageOf } from '../../io/error-text.js'
import { keysOfSource } from '../../io/input/binding-filter.js'
import { controllerBytes, openMessageReader, type ReadMessage } from '../../io/midi/controller-messages.js'
import type { EarCommand } from '../../threads/messages.js'
import { ControllerFeedback } from './feedback.js'
import { describeTarget, type Learning } from './learning.js'

interface ControllersOptions {
  /** Ports of the controllers whose faders and lights show the controls. */
  readonly ports: readonly string[]
  /** The map of the controller at a port. */
  readonly mapOf: (port: string) => ControllerMap
  /** Saves a changed map. Throws Refused if it can't be written. */
  readonly saveMap: (port: string, map: ControllerMap) => void
  readonly learning: Learning
  readonly ask: (request: Request, by: Origin) => Answer
  /** The controls in the last snapshot of a part. */
  readonly standing: ControlsOf
  readonly isPaused: () => boolean
  readonly mix: () => Mix
  readonly tellEar: (command: EarCommand) => void
  readonly notice: (sentence: string) => void
  readonly now: () => Ms
}

/**
 * How long a change asked for by a knob counts as pending. Shorter: on a machine that stalls, an encoder loses detents
 * and a knob loses its control. Longer: somebody else's change back to an earlier value is overlooked during that
 * time.
 */
const PATIENCE_MS: Ms = 2000

/** Program changes 0-8 recall presets 1-9 where no map binds them. */
const PRESETS = 9

/** The controllers at all ports, each with its map: their messages become requests. Nothing throws. */
export class Controllers {
  readonly #options: ControllersOptions
  readonly #byPort = new Map<string, Controller>()
  readonly #feedback: ControllerFeedback
  readonly #pending = new PendingControls(PATIENCE_MS)
  #read: ReadMessage | undefined
  /** Messages that came in before there was a reader. */
  #unread: { readonly port: string; readonly bytes: readonly number[] }[] = []

  constructor(options: ControllersOptions) {
    this.#options = options
    this.#feedback = new ControllerFeedback({
      ports: options.ports,
      controllerAt: (port) => this.#controllerAt(port),
      standing: options.standing,
      send: (port, messages) =>
        options.tellEar({ kind: 'answer', port, messages: messages.map(controllerBytes) }),
    })
    options.learning.onChange((target) => this.#learn(target))
    for (const port of options.ports) this.follow(port)
    openMessageReader().then(
      (read) => this.#begin(read),
      (error: unknown) => options.notice(`Controllers can't be read: ${messageOf(error)}`),
    )
  }

  /**
   * Reads the map of `port`, which may also be a keyboard's, and tells the ear to pass on the messages that the map
   * binds.
   */
  follow(port: string): void {
    this.#controllerAt(port)
  }

  /** Handles a message of the controller at `port`. */
  receive(port: string, bytes: readonly number[]): void {
    if (!this.#read) {
      this.#unread.push({ port, bytes })
      return
    }
    const message = this.#read(bytes)
    if (!message) return
    const action = this.#controllerAt(port).receive(message, (part) => this.#expected(part))
    if (action) this.#carryOut(port, action)
    else if (message.kind === 'program') this.#recallByProgram(message)
  }

  /** The controller at `port` has been opened, for the first time or again: shows it every control. */
  opened(port: string): void {
    this.#feedback.showAll(port)
  }

  /** Shows the controllers what has changed. Call this some times a second. */
  show(): void {
    this.#feedback.showChanges()
  }

  #begin(read: ReadMessage): void {
    this.#read = read
    for (const { port, bytes } of this.#unread) this.receive(port, bytes)
    this.#unread = []
  }

  #controllerAt(port: string): Controller {
    const known = this.#byPort.get(port)
    if (known) return known
    const controller = createController(this.#options.mapOf(port))
    this.#byPort.set(port, controller)
    this.#tellBound(port, controller)
    if (this.#options.learning.target !== null) controller.learn(this.#options.learning.target)
    return controller
  }

  #tellBound(port: string, { map }: Controller): void {
    const keys = map.bindings.flatMap(({ source }) => keysOfSource(source))
    this.#options.tellEar({ kind: 'bound', port, keys })
  }

  /** The controls of `part` with all pending changes made; undefined where the part doesn't play. */
  #expected(part: PartName) {
    const told = this.#options.standing(part)
    return told && this.#pending.expected(part, told, this.#options.now())
  }

  #recallByProgram({ number }: Extract<ControllerMessage, { kind: 'program' }>): void {
    if (this.#options.learning.target === null && number < PRESETS)
      this.#ask({ type: 'recall', preset: (number + 1) as PresetNumber })
  }

  #ask(request: Request): void {
    const sentence = sentenceOf(this.#options.ask(request, 'controller'))
    if (sentence !== null) this.#options.notice(sentence)
  }

  #carryOut(port: string, action: Action): void {
    switch (action.kind) {
      case 'set':
        this.#set(action)
        return
      case 'request':
        this.#ask(this.#requestOf(action.request))
        return
      case 'preset':
        this.#ask({ type: 'recall', preset: action.preset })
        return
      case 'waits': {
        const name = describeTarget(controlTarget(action.control, action.part))
        this.#options.notice(`${name} waits: turn the knob ${action.isBelow ? 'up' : 'down'} past it.`)
        return
      }
      case 'unfit':
        this.#options.notice(`This can't be bound: ${action.reason}. Move another knob, key or pedal.`)
        return
      case 'learnt':
        this.#endLearning(port)
    }
  }

  #set({ part, control, value }: Extract<Action, { kind: 'set' }>): void {
    const told = this.#options.standing(part)
    if (told) this.#pending.record(part, told, control, value, this.#options.now())
    this.#ask(requestTo(part, { type: 'set', control, value }))
  }

  /** The request that a button makes; some take back what they did the last time. */
  #requestOf(request: ButtonRequest): Request {
    const { isPaused, mix } = this.#options
    switch (request) {
      case 'play-pause':
        return { type: isPaused() ? 'play' : 'pause' }
      case 'drummer':
        return { type: 'drummer', on: ['off', 'none'].includes(mix().drummer) }
      case 'mute-piano':
        return { type: 'mute', part: 'piano', on: !mix().muted.piano }
      case 'mute-drums':
        return { type: 'mute', part: 'drums', on: !mix().muted.drums }
      default:
        return { type: request }
    }
  }

  /** Makes every controller learn `target`, or with null stop learning. */
  #learn(target: ControlTarget | null): void {
    for (const controller of this.#byPort.values()) controller.learn(target)
    this.#options.tellEar({ kind: 'learning', on: target !== null })
  }

  /** The controller at `port` has learnt what moves the target: its map is saved, and the others stop learning. */
  #endLearning(port: string): void {
    const { target } = this.#options.learning
    this.#options.learning.end()
    const controller = this.#controllerAt(port)
    this.#tellBound(port, controller)
    try {
      this.#options.saveMap(port, controller.map)
      const name = target === null ? 'It' : describeTarget(target)
      this.#options.notice(`${name} is moved by "${port}" now.`)
    } catch (error) {
      this.#options.notice(messageOf(error))
    }
  }
}
