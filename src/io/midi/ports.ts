import { Refused } from '../../engine/refused.js'
import { readSequencer } from './alsa-peers.js'
import type { MidiLibrary } from './midi-library.js'
import { freeName } from './port-names.js'

/** Names of the ports there are: `inputs` can be listened to, `outputs` can be played to. */
export interface PortList {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** Asks the system; blocks for milliseconds. On Linux each call makes, for a moment, a sequencer client. */
export function listPorts(library: MidiLibrary): PortList {
  return { inputs: library.Input.getPortNames(), outputs: library.Output.getPortNames() }
}

/** `Rubato`, or `Rubato 2` and so on while other instances hold the names before. */
export function choosePortName(ports: PortList, base = 'Rubato'): string {
  return freeName(base, [...ports.inputs, ...ports.outputs])
}

/** Throws Refused where the system has no virtual ports, saying what to do instead. */
export function requireVirtualPorts(ports: PortList, platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'win32') return
  const there = ports.outputs.map((name) => `"${name}"`).join(', ')
  throw new Refused(
    `Windows has no virtual MIDI ports: make one with loopMIDI and give its name with --to${there === '' ? '' : ` (there are: ${there})`}.`,
  )
}

/**
 * A text that changes when ports come, go or are connected, read without touching the sequencer; undefined where
 * there is none to read, and the ports must be listed to know. Listing each second would announce a new client to
 * every program that watches the sequencer, and some rescan all their ports then.
 */
export function portFingerprint(): string | undefined {
  return readSequencer()
    ?.split('\n')
    .filter((line) => /^(Client| {2}Port| {4}Connect)/.test(line))
    .join('\n')
}
