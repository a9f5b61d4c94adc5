import type { Ms } from '../../engine/units.js'
import { messageOf } from '../error-text.js'
import { isHeardFrom } from './alsa-peers.js'
import { type MidiSource, openNamedInput, type Receive } from './midi-in.js'
import type { MidiLibrary } from './midi-library.js'
import { createNamedOutput, type NamedOutput } from './midi-out.js'
import type { PortList } from './ports.js'

/** An input port that is used under its name whenever it exists: the device may be unplugged and come back. */
export interface FollowedPort {
  /** The name that the user gave for the port. */
  readonly wanted: string
  /** The port's full name while it is open; undefined while it is closed. */
  readonly name: string | undefined
  /** Compares with the ports that exist now: opens the port if it has appeared, closes it if it is gone. Never throws. */
  poll(ports: PortList): void
  /** Sends `bytes` to the device's own input. Does nothing while that input is closed or if the device has none. */
  send(bytes: readonly number[]): void
  close(): void
}

/** Callbacks about a followed port. */
export interface PortEvents {
  /** A message arrived. */
  readonly receive: Receive
  /** The port was opened, for the first time or again. */
  readonly onOpen?: () => void
  /** The port is gone: the keys that were held on it must be lifted. */
  readonly onGone: () => void
  /** The port was opened again after it had gone; `name` is its full name. */
  readonly onBack: (name: string) => void
  /** The port can't be used now, for this reason (a sentence); '' once it can. */
  readonly onTrouble: (reason: string) => void
}

/**
 * Follows the port called `wanted`, passing over Rubato's own ports, called `own`. With `answers` it also opens the device's
 * input of the same name, through which a controller's motor faders and lights are set. Opens nothing until `poll`.
 */
export function followPort(
  library: MidiLibrary,
  wanted: string,
  own: () => readonly string[],
  now: () => Ms,
  events: PortEvents,
  answers = false,
): FollowedPort {
  let source: MidiSource | undefined
  let answer: NamedOutput | undefined
  /**
   * Full name of the port that is gone. `onTrouble` was called for it already, and must not be called again in other words.
   */
  let gone: string | null = null

  function open(): void {
    try {
      source = openNamedInput(library, wanted, own(), now, events.receive)
    } catch (error) {
      if (gone === null) events.onTrouble(messageOf(error))
      return
    }
    if (answers) openAnswer()
    if (gone !== null) events.onBack(source.name)
    gone = null
    events.onTrouble('')
    events.onOpen?.()
  }

  /** Opens the device's own input. Many controllers only send and have none: that is no trouble. */
  function openAnswer(): void {
    const output = createNamedOutput(library, wanted, own())
    try {
      output.open()
      answer = output
    } catch {
      output.close()
    }
  }

  function close(): void {
    source?.close()
    answer?.close()
    source = undefined
    answer = undefined
  }

  return {
    wanted,
    get name() {
      return source?.name
    },
    poll: ({ inputs }) => {
      if (source === undefined) open()
      else if (!inputs.includes(source.name) || !isHeardFrom(source.name)) {
        const { name } = source
        close()
        gone = name
        events.onGone()
        events.onTrouble(`The input port "${name}" is gone; it is used again when it comes back.`)
      }
    },
    send: (bytes) => answer?.send(bytes),
    close,
  }
}
