import type { Control } from '../control-kinds.js'

/** The controls that shape the notes. */
export const EXPRESSION_CONTROLS = {
  dynamicsRange: {
    kind: 'number',
    label: 'Dyn. range',
    group: 'Expression',
    acts: 'output',
    min: 0,
    max: 2,
    default: 1,
    step: 0.05,
    unit: 'x',
    help: 'spread of the velocities around their running mean: 0 even, 1 as played, 2 doubled',
  },
  polyphony: {
    kind: 'number',
    label: 'Polyphony',
    group: 'Expression',
    acts: 'draw',
    min: 1,
    max: 32,
    default: 32,
    step: 1,
    unit: 'notes',
    help: 'most notes sounding at once; 1 is a melody',
  },
  articulation: {
    kind: 'number',
    label: 'Articulation',
    group: 'Expression',
    acts: 'output',
    min: 0.05,
    max: 12,
    default: 8,
    step: 0.05,
    unit: 's',
    help: 'longest that a note may sound',
  },
} as const satisfies Record<string, Control>
