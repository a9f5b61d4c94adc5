import {
  type ControlName,
  type Controls,
  type ControlValue,
  defaultControls,
} from '../../src/engine/controls/controls.js'
import type { EventIndex } from '../../src/engine/language/events.js'
import type { TimedMessage } from '../../src/engine/language/messages.js'
import type { Network } from '../../src/engine/network/network.js'
import { createPianist, type Pianist } from '../../src/engine/pianist/pianist.js'
import type { Command } from '../../src/engine/surface/commands.js'
import type { Input, LoggedInput } from '../../src/engine/surface/inputs.js'
import { LAYOUT } from './networks.js'

/** A pianist, and a record of everything that it did. */
export interface Performance {
  readonly pianist: Pianist
  readonly messages: TimedMessage[]
  readonly events: EventIndex[]
  readonly inputs: LoggedInput[]
  command(command: Command): void
  set(control: ControlName, value: ControlValue): void
  hear(message: Extract<Input, { kind: 'heard' }>['message']): void
}

/** A pianist over `network` that plays from plan time 0 on. */
export function startPerformance(
  network: Network,
  seed: number,
  controls: Partial<Controls> = {},
): Performance {
  const messages: TimedMessage[] = []
  const events: EventIndex[] = []
  const inputs: LoggedInput[] = []
  const pianist = createPianist({
    network,
    layout: LAYOUT,
    seed,
    controls: { ...defaultControls(), ...controls },
    emit: (message) => messages.push(message),
    onEvent: (event) => events.push(event),
    onRetract: (count) => {
      events.length -= count
    },
    onInput: (logged) => inputs.push(logged),
  })
  const performance: Performance = {
    pianist,
    messages,
    events,
    inputs,
    command: (command) => pianist.apply({ kind: 'command', command }),
    set: (control, value) => performance.command({ type: 'set', control, value }),
    hear: (message) => pianist.apply({ kind: 'heard', message }),
  }
  performance.command({ type: 'play' })
  return performance
}
