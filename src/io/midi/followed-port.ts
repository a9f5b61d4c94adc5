import type { Ms } from '../../engine/units.js'
import { messageOf } from '../error-text.js'
import { isHeardFrom } from './alsa-peers.js'
import { type MidiSource, openNamedInput, type Receive } from './midi-in.js'
import type { MidiLibrary } from './midi-library.js'
import { createNamedOutput, type NamedOutput } from './midi-out.js'
import type { PortList } from './ports.js'

/** A device that is listened to by its port's name, as it goes and comes back. */
export interface FollowedPort {
  /** As it was asked for. */
  readonly wanted: string
  /** Its full name while it is open. */
  readonly name: string | undefined
  /** Opens what has come, lets go of what has gone. Never throws. */
  look(ports: PortList): void
  /** Sends to the device's own input, where it has one and is open. */
  send(bytes: readonly number[]): void
  close(): void
}

/** What happens around a followed port. */
export interface PortEvents {
  readonly receive: Receive
  /** It is open, for the first time or again. */
  readonly onOpen?: () => void
  /** It has gone. */
  readonly onGone: () => void
  /** It is there again, by its full name. */
  readonly onBack: (name: string) => void
  /** It can't be had: a sentence, or '' where all is well again. */
  readonly onTrouble: (reason: string) => void
}

/**
 * Follows the port called `wanted`, but none of ours, called `own`. With `answers` it is also sent to: a controller's faders
 * and lights have an input of the same name.
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
  /** Its full name when it was open last: that it has gone has been said, and is not to be said again in other words. */
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

  /** Many controllers only send: that is no trouble. */
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
    look: ({ inputs }) => {
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
