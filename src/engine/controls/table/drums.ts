import { type Control, choice } from '../control-kinds.js'

/** The controls of a drummer: how far he keeps to a bar that he has played, and when he plays freely. */
export const DRUM_CONTROLS = {
  steady: {
    kind: 'number',
    label: 'Steady',
    group: 'Play',
    acts: 'draw',
    min: 0,
    max: 1,
    default: 0.6,
    earlier: 0,
    step: 0.05,
    unit: '',
    help: 'drums: how much of a bar that keeps time is played again; at 0 none of it, at 1 the bar repeats',
  },
  fills: choice({
    label: 'Fills',
    group: 'Play',
    acts: 'draw',
    options: ['off', '4', '8'],
    default: '8',
    help: 'drums: a fill at the end of every 4 or 8 bars; needs steady',
  }),
} as const satisfies Record<string, Control>
