import { type Control, choice } from '../control-kinds.js'

/** The controls of harmony: which pitches the pianist prefers, and how strictly. */
export const HARMONY_CONTROLS = {
  pitchWeights: {
    kind: 'weights',
    label: 'Pitch weights',
    group: 'Harmony',
    acts: 'conditioning',
    default: null,
    unit: '',
    help: 'twelve weights for C to B, separated by commas, that the pianist leans to',
  },
  tide: {
    kind: 'switch',
    label: 'Tide',
    group: 'Harmony',
    acts: 'conditioning',
    default: true,
    unit: '',
    help: 'where density and key are auto, the pianist has slowly changing aims of its own',
  },
  keyLock: {
    kind: 'switch',
    label: 'Key lock',
    group: 'Harmony',
    acts: 'draw',
    default: false,
    unit: '',
    help: 'no note outside the key and scale (without a key: outside the pitch weights) at all',
  },
  chordLock: choice({
    label: 'Chord lock',
    group: 'Harmony',
    acts: 'draw',
    options: ['soft', 'locked'],
    default: 'soft',
    help: 'with chords: soft allows short notes beside the chord in force, locked none at all, whatever the key',
  }),
  chordLatch: {
    kind: 'switch',
    label: 'Chord latch',
    group: 'Harmony',
    acts: 'draw',
    default: false,
    unit: '',
    help: 'the last chord of three or more keys that you played stays in force; --split leaves it to your left hand',
  },
} as const satisfies Record<string, Control>
