import type { Ms } from '../../engine/units.js'
import { ArrivalClock } from './arrival-clock.js'
import type { MidiLibrary } from './midi-library.js'
import { matchForeignPort } from './port-names.js'

/** An input port that is open. */
export interface MidiSource {
  /** Its full name as the system lists it; for a virtual port the one we gave. */
  readonly name: string
  close(): void
}

/** What to do with a message: its bytes and when they arrived (process time). Called on the event loop. */
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
 * Opens an existing port by its name, as `matchPort` reads names, but none of ours, called `own`. Throws Refused when
 * there is no such port, or several.
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
  // No sysex, but timing, with which start and stop come, and active sensing.
  input.ignoreTypes(true, false, false)
  input.on('messageBuffer', (delta, bytes) => receive(bytes, arrivalClock.stamp(delta * 1000, now())))
  return input
}
