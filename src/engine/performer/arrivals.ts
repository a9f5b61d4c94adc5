import type { Mode } from '../ensemble/mode.js'
import { SOSTENUTO } from '../language/messages.js'
import type { Arrival } from '../surface/inputs.js'

/** Whether an input makes the music go on from another place, so that a silence there is skipped. */
export function jumps(arrival: Arrival): boolean {
  return arrival.kind === 'command' && (arrival.command.type === 'forget' || arrival.command.type === 'again')
}

/** Whether an input must not wait for the next rewind. */
export function isUrgent(arrival: Arrival, mode: Mode): boolean {
  if (arrival.kind === 'heard') {
    const { message } = arrival
    if (message.kind === 'note-on' || message.kind === 'note-off') return mode.keysAreUrgent
    // The pedal CC66 may pass the floor.
    return message.kind === 'transport' || message.controller === SOSTENUTO
  }
  return arrival.command.type !== 'set'
}
