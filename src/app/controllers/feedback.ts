import type { Controls } from '../../engine/controls/controls.js'
import { PART_NAMES, type PartName } from '../../engine/controls/parts.js'
import type { ControllerMessage } from '../../engine/mapping/bindings.js'
import type { Controller, ControlsOf } from '../../engine/mapping/controller.js'

/** The controls of both parts when a controller was last shown them. */
type Shown = Readonly<Record<PartName, Controls | undefined>>

/** The options of {@link ControllerFeedback}. */
interface FeedbackOptions {
  /** The ports of the controllers that show the controls. */
  readonly ports: readonly string[]
  readonly controllerAt: (port: string) => Controller
  /** The controls in the last snapshot. */
  readonly standing: ControlsOf
  readonly send: (port: string, messages: readonly ControllerMessage[]) => void
}

/** Moves the controllers' motor faders, rings and lights to the values of the controls. */
export class ControllerFeedback {
  readonly #options: FeedbackOptions
  /** The controls that each port was shown last. */
  readonly #shown = new Map<string, Shown>()

  constructor(options: FeedbackOptions) {
    this.#options = options
  }

  /** Shows the controller at `port`, which has just been opened, every control. */
  showAll(port: string): void {
    const shown = this.#read()
    this.#shown.set(port, shown)
    this.#show(port, shown, null)
  }

  /** Shows every open controller what has changed since it was last shown the controls. */
  showChanges(): void {
    for (const port of this.#options.ports) {
      const before = this.#shown.get(port)
      const standing = this.#read()
      if (!before || PART_NAMES.every((part) => before[part] === standing[part])) continue
      this.#shown.set(port, standing)
      this.#show(port, standing, before)
    }
  }

  #read(): Shown {
    return { piano: this.#options.standing('piano'), drums: this.#options.standing('drums') }
  }

  #show(port: string, standing: Shown, before: Shown | null): void {
    const messages = this.#options
      .controllerAt(port)
      .feedback((part) => standing[part], before && ((part) => before[part]))
    if (messages.length > 0) this.#options.send(port, messages)
  }
}
