import { accessSync, constants, existsSync } from 'node:fs'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../error-text.js'

/** The module of the native addon, imported here for its types alone: loading it fails where libasound is missing. */
export type MidiLibrary = typeof import('@julusian/midi')

const SEQUENCER = '/dev/snd/seq'

/** The parts of the system that decide whether there can be MIDI; tests pass their own. */
export interface MidiSystem {
  readonly platform: NodeJS.Platform
  readonly exists: (path: string) => boolean
  readonly mayUse: (path: string) => boolean
  readonly load: () => Promise<MidiLibrary>
}

const SYSTEM: MidiSystem = {
  platform: process.platform,
  exists: existsSync,
  mayUse(path) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK)
      return true
    } catch {
      return false
    }
  },
  // The package's `lazy` entry would hide that loading failed until the first port is opened.
  load: () => import('@julusian/midi'),
}

/**
 * Loads the MIDI addon after checking that ports can be opened: without a sequencer RtMidi itself prints to the standard
 * error, which no handler can stop, in the middle of the dashboard. Throws Refused with the reason and its cure.
 */
export async function openMidiLibrary(system: MidiSystem = SYSTEM): Promise<MidiLibrary> {
  if (system.platform === 'linux') {
    if (!system.exists(SEQUENCER)) {
      throw new Refused(
        `There is no ALSA sequencer (${SEQUENCER} is missing), so no MIDI: load it with "sudo modprobe snd-seq", and in a container start it with "--device /dev/snd".`,
      )
    }
    if (!system.mayUse(SEQUENCER)) {
      throw new Refused(
        `The ALSA sequencer ${SEQUENCER} may not be opened by this user: join its group with "sudo usermod -aG audio $USER" and log in again.`,
      )
    }
  }
  try {
    return await system.load()
  } catch (error) {
    const text = messageOf(error)
    if (text.includes('libasound')) {
      throw new Refused(
        'The ALSA library libasound.so.2 is missing, so no MIDI: install it, on Debian and Ubuntu with "sudo apt install libasound2" (from 24.04 on "libasound2t64").',
      )
    }
    throw new Refused(`The MIDI addon @julusian/midi can't be loaded: ${text.split('\n')[0]}`)
  }
}

/** Why there can be no MIDI on this machine, with the cure; null when there can. Never rejects. */
export async function missingMidi(): Promise<string | null> {
  try {
    await openMidiLibrary()
    return null
  } catch (error) {
    return messageOf(error)
  }
}
