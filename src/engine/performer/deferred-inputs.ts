import { controlOfController } from '../controls/control-values.js'
import type { ControlName } from '../controls/controls.js'
import type { Arrival } from '../surface/inputs.js'
import type { Ms } from '../units.js'

/** An input, and the beat or bar that it waits for, in process time. */
export interface DeferredInput {
  readonly arrival: Arrival
  readonly due: Ms
}

/** Changes of controls that wait for the band. Never throws. */
export interface DeferredInputs {
  /** Of a knob that turns on while it waits, what counts is where it stands in the end. */
  defer(arrival: Arrival, due: Ms): void
  /** What acts at once counts, and not what waited for the same control before it. */
  supersede(arrival: Arrival): void
  /** Hands out what is due up to and including `limit`, oldest first. */
  takeDue(limit: Ms): readonly DeferredInput[]
  /** When the first is due; Infinity for none. */
  readonly next: Ms
}

export function createDeferredInputs(): DeferredInputs {
  let waiting: readonly DeferredInput[] = []

  return {
    defer: (arrival, due) => {
      const what = controlOf(arrival)
      const others = waiting.filter((waits) => what === null || controlOf(waits.arrival) !== what)
      waiting = [...others, { arrival, due }]
    },
    supersede: (arrival) => {
      const names = controlsOf(arrival)
      waiting = waiting.filter((waits) => {
        const control = controlOf(waits.arrival)
        return control === null || !names.includes(control)
      })
    },
    takeDue: (limit) => {
      const due = waiting.filter((waits) => waits.due <= limit)
      if (due.length > 0) waiting = waiting.filter((waits) => waits.due > limit)
      return due
    },
    get next() {
      return waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY)
    },
  }
}

/** Whether it changes controls. */
export function turnsControl(arrival: Arrival): boolean {
  if (arrival.kind === 'command') {
    const { command } = arrival
    if (command.type === 'set') return command.control !== 'quantise'
    return command.type === 'set-some' || command.type === 'undo'
  }
  const { message } = arrival
  return message.kind === 'control-change' && controlOfController(message.controller) !== undefined
}

/** What it turns, where that is one thing. */
function controlOf(arrival: Arrival): ControlName | null {
  const names = controlsOf(arrival)
  return (names.length === 1 && names[0]) || null
}

/** The controls that it names. */
function controlsOf(arrival: Arrival): readonly ControlName[] {
  if (arrival.kind === 'heard') {
    const { message } = arrival
    const name = message.kind === 'control-change' ? controlOfController(message.controller) : undefined
    return name === undefined ? [] : [name]
  }
  const { command } = arrival
  if (command.type === 'set') return [command.control]
  return command.type === 'set-some' ? (Object.keys(command.controls) as ControlName[]) : []
}
