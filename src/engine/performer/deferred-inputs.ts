import { controlOfController } from '../controls/control-values.js'
import type { ControlName } from '../controls/controls.js'
import type { Arrival } from '../surface/inputs.js'
import type { Ms } from '../units.js'

/** A waiting input, with the process time of the beat or bar that it waits for. */
interface DeferredInput {
  readonly arrival: Arrival
  readonly due: Ms
}

/** The inputs that wait for a beat or bar of the band: changes of controls, and starts. Never throws. */
interface DeferredInputs {
  /** Adds a change. It replaces a waiting change of the same control, so that only the last value of a knob counts. */
  defer(arrival: Arrival, due: Ms): void
  /** Removes what `arrival`, which acts at once, makes out of date: changes of the same controls, and starts before a stop. */
  supersede(arrival: Arrival): void
  /** Removes and returns what is due up to and including `limit`, oldest first. */
  removeDue(limit: Ms): readonly DeferredInput[]
  /** The controls whose changes wait. */
  readonly controls: readonly ControlName[]
  /** When the first change is due; Infinity if none waits. */
  readonly next: Ms
}

export function createDeferredInputs(): DeferredInputs {
  let waiting: readonly DeferredInput[] = []

  return {
    defer: (arrival, due) => {
      const control = onlyControlOf(arrival)
      const others = waiting.filter(
        (deferred) => control === null || onlyControlOf(deferred.arrival) !== control,
      )
      waiting = [...others, { arrival, due }]
    },
    supersede: (arrival) => {
      const changed = controlsOf(arrival)
      waiting = waiting.filter((deferred) => {
        if (isStart(deferred.arrival)) return !isStartOrStop(arrival)
        const control = onlyControlOf(deferred.arrival)
        return control === null || !changed.includes(control)
      })
    },
    removeDue: (limit) => {
      const due = waiting.filter((deferred) => deferred.due <= limit)
      if (due.length > 0) waiting = waiting.filter((deferred) => deferred.due > limit)
      return due
    },
    get controls() {
      return [...new Set(waiting.flatMap(({ arrival }) => controlsOf(arrival)))]
    },
    get next() {
      return waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY)
    },
  }
}

/**
 * Whether an input changes controls in a way that can wait for the band: every change can wait except a change of
 * `quantise`.
 */
export function changesControl(arrival: Arrival): boolean {
  if (arrival.kind === 'command') {
    const { command, by } = arrival
    // The tempo that the band has already isn't asked for: it is only shown.
    if (by === 'band') return false
    if (command.type === 'set') return command.control !== 'quantise'
    return command.type === 'set-some' || command.type === 'undo'
  }
  const { message } = arrival
  return message.kind === 'control-change' && controlOfController(message.controller) !== undefined
}

/** Whether an input is a start by the band, which has its bar. */
export function isStartByBand(arrival: Arrival): boolean {
  return isStart(arrival) && arrival.kind === 'command' && arrival.by === 'band'
}

function isStart(arrival: Arrival): boolean {
  return arrival.kind === 'command' && arrival.command.type === 'play'
}

function isStartOrStop(arrival: Arrival): boolean {
  return arrival.kind === 'command' && ['play', 'pause', 'end', 'panic'].includes(arrival.command.type)
}

/** The control that an input changes, if it changes exactly one; else null. */
function onlyControlOf(arrival: Arrival): ControlName | null {
  const names = controlsOf(arrival)
  return (names.length === 1 && names[0]) || null
}

/** The controls that an input names. */
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
