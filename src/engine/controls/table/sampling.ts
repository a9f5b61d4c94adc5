import type { Control } from '../control-kinds.js'

/** A factor on the temperature for one kind of event. */
const FACTOR = {
  kind: 'number',
  group: 'More',
  acts: 'draw',
  min: 0.25,
  max: 2,
  default: 1,
  step: 0.05,
  unit: 'x',
} as const

/**
 * The controls of sampling: how events are drawn from the network's predictions, and how strictly the network
 * follows its conditioning.
 */
export const SAMPLING_CONTROLS = {
  temperature: {
    kind: 'number',
    label: 'Temperature',
    group: 'More',
    acts: 'draw',
    min: 0.1,
    max: 2,
    default: 1,
    step: 0.05,
    unit: '',
    cc: 74,
    help: 'how freely every event is drawn: below 1 plays it safe, above 1 takes risks',
  },
  pitchTemperature: {
    ...FACTOR,
    label: 'Pitch',
    help: 'factor on the temperature for the choice of notes alone',
  },
  timingTemperature: {
    ...FACTOR,
    label: 'Timing',
    help: 'factor on the temperature for the choice of waits alone',
  },
  dynamicsTemperature: {
    ...FACTOR,
    label: 'Loudness',
    help: 'factor on the temperature for the choice of velocities alone',
  },
  topP: {
    kind: 'number',
    label: 'Top-p',
    group: 'More',
    acts: 'draw',
    min: 0.5,
    max: 1,
    default: 0.98,
    step: 0.01,
    unit: '',
    help: 'nucleus: the least likely events beyond this share are never drawn',
  },
  guidance: {
    kind: 'number',
    label: 'Guidance',
    group: 'More',
    acts: 'conditioning',
    min: 0.5,
    max: 3,
    default: 1,
    step: 0.05,
    unit: 'x',
    help: 'how strictly density, dynamics and key are followed: above 1 more than the music would by itself',
  },
} as const satisfies Record<string, Control>
