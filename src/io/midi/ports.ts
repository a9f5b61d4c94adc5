import { Refused } from '../../engine/refused.js'
import { readSequencer } from './alsa-peers.js'
import type { MidiLibrary } from './midi-library.js'
import { freeName } from './port-names.js'

/** The names of all MIDI ports: `inputs` can be listened to, `outputs` can be played to. */
export interface PortList {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** Asks the system for its ports; blocks for milliseconds. On Linux each call makes a sequencer client for a moment. */
export function listPorts(library: MidiLibrary): PortList {
  return { inputs: library.Input.getPortNames(), outputs: library.Output.getPortNames() }
}

/** `Rubato`, or `Rubato 2` and so on where other instances have the names before it. */
export function choosePortName(ports: PortList, base = 'Rubato'): string {
  return freeName(base, [...ports.inputs, ...ports.outputs])
}

/** Throws Refused on a system without virtual ports (Windows), with what to do instead. */
export function requireVirtualPorts(ports: PortList, platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'win32') return
  const there = ports.outputs.map((name) => `"${name}"`).join(', ')
  throw new Refused(
    `Windows has no virtual MIDI ports: make one with loopMIDI and give its name with --to${there === '' ? '' : ` (there are: ${there})`}.`,
  )
}

/**
 * A text that changes whenever ports come, go or are connected; undefined on a system without ALSA, where only `listPorts`
 * tells. Reading this text makes no sequencer client. Listing the ports each second would announce a new client each time to
 * every program that watches the sequencer, and some of those programs then rescan all their ports.
 */
export function portFingerprint(): string | undefined {
  return readSequencer()
    ?.split('\n')
    .filter((line) => /^(Client| {2}Port| {4}Connect)/.test(line))
    .join('\n')
}
