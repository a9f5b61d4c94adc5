import { controlOfController } from '../controls/control-values.js'
import { type HeardMessage, SOSTENUTO } from '../language/messages.js'
import type { Input } from '../surface/inputs.js'
import type { Floor } from '../surface/snapshot.js'

/** Whether it may be that the pianist falls silent by it, or gives the floor. (All that may not costs no draws at once.) */
export function mayGiveWay(input: Input, floor: Floor): boolean {
  if (input.kind === 'heard') {
    const { message } = input
    if (message.kind === 'note-on') return floor === 'pianist'
    return message.kind === 'transport' || isModeOrPedal(message)
  }
  if (input.kind !== 'command') return false
  const { command } = input
  switch (command.type) {
    case 'set':
      return command.control === 'mode'
    case 'set-some':
      return command.controls.mode !== undefined
    default:
      return command.type !== 'panic' && command.type !== 'forget' && command.type !== 'again'
  }
}

function isModeOrPedal(message: HeardMessage): boolean {
  if (message.kind !== 'control-change') return false
  return message.controller === SOSTENUTO || controlOfController(message.controller) === 'mode'
}
