import { SYNCS } from '../../engine/clock/sync.js'
import type { PortSettings } from '../../io/config/settings.js'
import type { InputSettings } from '../../io/input/input-router.js'
import { choiceFrom, type Flag, type Given, type Limits, textFrom, wordOrNumberFrom } from './flags.js'

/** The flags of ports and input. Their values are remembered for the next time, as those of the controls are. */
export const PORT_FLAGS: readonly Flag[] = [
  {
    name: 'to',
    value: 'NAME',
    help: 'play to an existing port instead of the virtual port Rubato, or none (none)',
  },
  {
    name: 'from',
    value: 'NAME',
    help: 'listen to an existing port, besides the virtual port "Rubato in", or none (none)',
  },
  {
    name: 'controller',
    value: 'NAMES',
    help: 'knobs, faders and pads at these ports, separated by commas, by their maps, or none (none)',
  },
  { name: 'from-channel', value: 'N', help: 'listen to this channel only, 1 to 16, or any (any)' },
  { name: 'thru', value: 'WHERE', help: 'pass the keyboard on: off, same, or a channel 1 to 16 (off)' },
  {
    name: 'split',
    value: 'NOTE',
    help: 'keys below this pitch, 0 to 127, steer only, the others pass through only, or none (none)',
  },
  {
    name: 'sync',
    value: 'WHAT',
    help: 'off; transport: start and continue that come in play, stop ends; clock: the same, and its beat counts; link: share beat and tempo by Ableton Link; master: give the clock (off)',
  },
]
const CHANNELS: Limits = { min: 1, max: 16, whole: true }

/** `before` with the settings that flags were given for. Throws Refused for a value that a flag doesn't accept. */
export function portsFrom(given: Given, before: PortSettings): PortSettings {
  const fromChannel = wordOrNumberFrom(given, 'from-channel', ['any'], CHANNELS, before.fromChannel)
  const split = wordOrNumberFrom(given, 'split', ['none'], { min: 0, max: 127, whole: true }, before.split)
  return {
    to: portFrom(given, 'to', before.to),
    from: portFrom(given, 'from', before.from),
    controller: portFrom(given, 'controller', before.controller),
    fromChannel: fromChannel === 'any' ? null : fromChannel,
    thru: wordOrNumberFrom(given, 'thru', ['off', 'same'], CHANNELS, before.thru),
    split: split === 'none' ? null : split,
    sync: given.values.sync === undefined ? before.sync : choiceFrom(given, 'sync', SYNCS),
  }
}

/** The port that a flag names; null for `none`, and `before` where the flag isn't given. */
function portFrom(given: Given, flag: string, before: string | null): string | null {
  const name = textFrom(given, flag)
  return name === 'none' ? null : (name ?? before)
}

/** The port settings in the form that the ear expects, with channels 0-15 instead of 1-16. */
export function inputSettingsOf({ fromChannel, thru, split }: PortSettings): InputSettings {
  return {
    fromChannel: fromChannel === null ? 'any' : fromChannel - 1,
    thru: typeof thru === 'number' ? thru - 1 : thru,
    split: split ?? 'none',
  }
}

/** The names of the controllers' ports, which the settings hold in one text, separated by commas. */
export function controllersOf({ controller }: PortSettings): string[] {
  return (controller ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
