import type { MidiLibrary } from './midi-library.js'
import { matchForeignPort } from './port-names.js'

/** Where messages leave the process. `send` may throw; the bytes are reused by the caller, so copy what must last. */
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

/** A port of others, played to by name. */
export interface NamedOutput extends MidiSink {
  /**
   * Connects to the port, as `matchPort` reads names, but to none of ours; again where it has been lost. Until then what is
   * sent goes to nobody. Blocks for some ms; throws Refused when there is no such port, or several. @returns its full name
   */
  open(): string
}

/** An output that is to play to the existing port called `wanted`, not one of ours, called `own`. Connects to nothing yet. */
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
        // A client of the sequencer without a port would only stand in others' lists.
        output.destroy()
        throw error
      }
    },
  }
}

/** Opens an existing port by its name, as {@link NamedOutput} does. Throws Refused when there is no such port, or several. */
export function openNamedOutput(
  library: MidiLibrary,
  wanted: string,
  own: readonly string[] = [],
): MidiSink & { readonly name: string } {
  const output = createNamedOutput(library, wanted, own)
  return { ...output, name: output.open() }
}

function sinkOver(output: InstanceType<MidiLibrary['Output']>): MidiSink {
  // The addon takes a Buffer as it is but makes a new one of an array, at each message.
  const buffer = Buffer.alloc(3)
  const single = Buffer.alloc(1)
  return {
    send(bytes) {
      const message = bytes.length === 1 ? single : buffer
      for (let i = 0; i < message.length; i++) message[i] = bytes[i]!
      output.sendMessage(message)
    },
    close() {
      // Only `destroy` also takes the port off the system's list.
      output.destroy()
    },
  }
}

/** Plays to nobody: for a stage without a port. */
export function openNullOutput(): MidiSink {
  return { send() {}, close() {} }
}
