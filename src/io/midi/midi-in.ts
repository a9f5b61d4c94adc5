import type { Ms } from '../../engine/units.js'
import { ArrivalClock } from './arrival-clock.js'
import type { MidiLibrary } from './midi-library.js'
import { matchForeignPort } from './port-names.js'

/** An input port that is open. */
export interface MidiSource {
  /** The port's full name as the system lists it; for a virtual port, the name that it was opened with. */
  readonly name: string
  close(): void
}

/** A callback that runs on the event loop with the bytes of each message and the process time at which they arrived. */
export type Receive = (bytes: Uint8Array, at: Ms) => void

/** Opens a virtual input port that other programs connect to. Blocks for milliseconds; throws what the system says. */
export function openVirtualInput(
  library: MidiLibrary,
  name: string,
  now: () => Ms,
  receive: Receive,
): MidiSource {
  const input = listening(library, now, receive)
  input.openVirtualPort(name)
  return { name, close: () => input.destroy() }
}

/**
 * Opens the existing port that `wanted` names by the rules of `matchPort`, passing over Rubato's own ports, called `own`.
 * Blocks for milliseconds. Throws Refused when no port fits, or several do.
 */
export function openNamedInput(
  library: MidiLibrary,
  wanted: string,
  own: readonly string[],
  now: () => Ms,
  receive: Receive,
): MidiSource {
  const input = listening(library, now, receive)
  try {
    const names = Array.from({ length: input.getPortCount() }, (_, port) => input.getPortName(port))
    const port = matchForeignPort(names, wanted, own)
    input.openPort(port)
    return { name: names[port] ?? wanted, close: () => input.destroy() }
  } catch (error) {
    input.destroy()
    throw error
  }
}

function listening(
  library: MidiLibrary,
  now: () => Ms,
  receive: Receive,
): InstanceType<MidiLibrary['Input']> {
  const input = new library.Input()
  const arrivalClock = new ArrivalClock()
  // System exclusive messages are ignored. Timing messages are not, because a band's clock is among them, nor is active
  // sensing, which tells when a device is gone.
  input.ignoreTypes(true, false, false)
  input.on('messageBuffer', (delta, bytes) => receive(bytes, arrivalClock.stamp(delta * 1000, now())))
  return input
}
