import { KEY_ALIASES, KEY_NAMES, SCALE_NAMES } from '../../language/scales.js'
import { type Control, choice } from '../control-kinds.js'
import { MODES } from '../modes.js'

/**
 * The controls that a player needs first: how many notes, how loud, in which register, and how the pianist plays
 * with a keyboard.
 */
export const PLAY_CONTROLS = {
  density: {
    kind: 'auto-number',
    label: 'Density',
    group: 'Play',
    acts: 'conditioning',
    min: 0.5,
    max: 40,
    default: null,
    step: 0.5,
    unit: 'notes/s',
    help: 'notes a second that the pianist aims at',
  },
  dynamics: {
    kind: 'auto-number',
    label: 'Dynamics',
    group: 'Play',
    acts: 'conditioning',
    min: 1,
    max: 127,
    default: null,
    step: 1,
    unit: 'velocity',
    cc: 1,
    help: 'mean velocity that the pianist aims at',
  },
  key: choice({
    label: 'Key',
    group: 'Play',
    acts: 'conditioning',
    options: KEY_NAMES,
    aliases: KEY_ALIASES,
    default: 'off',
    help: 'tonic of the scale that the pianist leans to',
  }),
  scale: choice({
    label: 'Scale',
    group: 'Play',
    acts: 'conditioning',
    options: SCALE_NAMES,
    default: 'major',
    help: 'scale on the key',
  }),
  mode: choice({
    label: 'Mode',
    group: 'Play',
    acts: 'draw',
    options: MODES,
    default: 'follow',
    cc: 20,
    help: 'how it plays with a keyboard: by itself; led by held keys; both hands at once; in turns; taking over; adding notes',
  }),
  register: {
    kind: 'range',
    label: 'Register',
    group: 'Play',
    acts: 'draw',
    min: 21,
    max: 108,
    default: [21, 108],
    step: 1,
    unit: 'pitch',
    help: 'lowest and highest pitch that may sound, as 48-72',
  },
} as const satisfies Record<string, Control>
