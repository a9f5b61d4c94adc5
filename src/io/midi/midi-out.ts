import type { MidiLibrary } from './midi-library.js'
import { matchForeignPort } from './port-names.js'

/** An output for messages of one byte or three. `send` may throw; the caller reuses `bytes`, so copy them. */
export interface MidiSink {
  send(bytes: readonly number[]): void
  close(): void
}

/** Opens a virtual output port that other programs connect to. Blocks for milliseconds; throws what the system says. */
export function openVirtualOutput(library: MidiLibrary, name: string): MidiSink {
  const output = new library.Output()
  output.openVirtualPort(name)
  return sinkOver(output)
}

/** An output that plays to another program's port, and can be connected to it anew. */
export interface NamedOutput extends MidiSink {
  /**
   * Connects to the port by the rules of `matchPort`, passing over Rubato's own ports. Call it again after the port was lost.
   * Messages sent before the first call are dropped. Blocks for some ms; throws Refused when no port fits, or several do.
   * @returns the port's full name
   */
  open(): string
}

/** An output for the port called `wanted`, but none of Rubato's own, called `own`. Connects to nothing until `open`. */
export function createNamedOutput(
  library: MidiLibrary,
  wanted: string,
  own: readonly string[] = [],
): NamedOutput {
  let sink: MidiSink | undefined

  function close(): void {
    sink?.close()
    sink = undefined
  }

  return {
    send: (bytes) => sink?.send(bytes),
    close,
    open: () => {
      close()
      const output = new library.Output()
      try {
        const names = Array.from({ length: output.getPortCount() }, (_, port) => output.getPortName(port))
        const port = matchForeignPort(names, wanted, own)
        output.openPort(port)
        sink = sinkOver(output)
        return names[port] ?? wanted
      } catch (error) {
        // An output without a port would still be listed by other programs, as a client of the sequencer.
        output.destroy()
        throw error
      }
    },
  }
}

/** Opens the existing port called `wanted`, as {@link NamedOutput} does. Throws Refused when no port fits, or several do. */
export function openNamedOutput(
  library: MidiLibrary,
  wanted: string,
  own: readonly string[] = [],
): MidiSink & { readonly name: string } {
  const output = createNamedOutput(library, wanted, own)
  return { ...output, name: output.open() }
}

function sinkOver(output: InstanceType<MidiLibrary['Output']>): MidiSink {
  // The addon uses a Buffer as it is, but makes a new one from an array at each message.
  const buffer = Buffer.alloc(3)
  const single = Buffer.alloc(1)
  return {
    send(bytes) {
      const message = bytes.length === 1 ? single : buffer
      for (let i = 0; i < message.length; i++) message[i] = bytes[i]!
      output.sendMessage(message)
    },
    close() {
      // `closePort` would leave the port on the system's list.
      output.destroy()
    },
  }
}

/** A sink that drops everything, for playing without a port. */
export function openNullOutput(): MidiSink {
  return { send() {}, close() {} }
}
