import type { Control } from '../control-kinds.js'

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
} as const satisfies Record<string, Control>
