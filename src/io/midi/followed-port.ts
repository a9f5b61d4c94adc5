import type { Ms } from '../../engine/units.js'
import { messageOf } from '../error-text.js'
import { isHeardFrom } from './alsa-peers.js'
import { type MidiSource, openNamedInput, type Receive } from './midi-in.js'
import type { MidiLibrary } from './midi-library.js'
import { createNamedOutput, type NamedOutput } from './midi-out.js'
import type { PortList } from './ports.js'

/** An input port that is used under its name whenever it is there: the device may be unplugged and come back. */
export interface FollowedPort {
  /** The name it was asked for by. */
  readonly wanted: string
  /** Its full name while it is open, undefined while it isn't. */
  readonly name: string | undefined
  /** Compares with the ports there are now: opens the port where it has come, closes it where it has gone. Never throws. */
  poll(ports: PortList): void
  /** Sends to the device's own input; nothing happens while that isn't open, or where the device has none. */
  send(bytes: readonly number[]): void
  close(): void
}

/** What is told about a followed port. */
export interface PortEvents {
  /** A message arrived. */
  readonly receive: Receive
  /** The port was opened, for the first time or again. */
  readonly onOpen?: () => void
  /** The port has gone: what its keys held must be lifted. */
  readonly onGone: () => void
  /** The port was opened again after it had gone; `name` is its full name. */
  readonly onBack: (name: string) => void
  /** The port can't be used now, for this reason (a sentence); '' once it can. */
  readonly onTrouble: (reason: string) => void
}

/**
 * Follows the port called `wanted`, passing over Rubato's own ports, called `own`. With `answers` the device is also sent
 * to: motor faders and lights of a controller are set through an input of the same name. Opens nothing until `poll`.
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
  /** Full name of the port that has gone: `onTrouble` has said so, and must not say it again in other words. */
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
