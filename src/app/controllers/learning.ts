import { CONTROLS, type ControlName } from '../../engine/controls/controls.js'
import type { PartName } from '../../engine/controls/parts.js'
import { type ControlTarget, controlTarget } from '../../engine/mapping/bindings.js'
import type { Answer } from '../../engine/surface/commands.js'

/**
 * The control that is being learnt, if any: the next knob, key or pedal that is moved will be bound to it. Control
 * surfaces ask for learning; the controllers, which find out what is moved, watch for it.
 */
export class Learning {
  #target: ControlTarget | null = null
  #watcher: (target: ControlTarget | null) => void = () => {}

  get target(): ControlTarget | null {
    return this.#target
  }

  /**
   * `see` is called whenever learning begins or ends, with the control that is learnt or null. There is one watcher.
   */
  onChange(see: (target: ControlTarget | null) => void): void {
    this.#watcher = see
  }

  /** Begins to learn `control` of `part`; null ends learning without a result. */
  ask(control: ControlName | null, part: PartName): Answer {
    if (control === null) {
      const sentence = this.#target === null ? null : 'Learning has ended.'
      this.end()
      return { ok: true, sentence }
    }
    const target = controlTarget(control, part)
    this.#change(target)
    return { ok: true, sentence: `Move a knob, or press a key or pedal, for ${describeTarget(target)}.` }
  }

  end(): void {
    this.#change(null)
  }

  #change(target: ControlTarget | null): void {
    this.#target = target
    this.#watcher(target)
  }
}

/** The control that a knob moves, in words. */
export function describeTarget({ control, part }: ControlTarget): string {
  return part === 'drums' ? `the drums' ${CONTROLS[control].label}` : CONTROLS[control].label
}
