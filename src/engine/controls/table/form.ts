import { FORMS } from '../../language/forms.js'
import { type Control, choice } from '../control-kinds.js'

/** The controls of form: what the music remembers of itself, and how its sections follow one another. */
export const FORM_CONTROLS = {
  memory: {
    kind: 'number',
    label: 'Memory',
    group: 'Play',
    acts: 'draw',
    min: 0,
    max: 1,
    default: 0.5,
    earlier: 0,
    step: 0.05,
    unit: '',
    help: 'how much its themes return, and how like themselves; at 0 nothing returns',
  },
  form: choice({
    label: 'Form',
    group: 'Play',
    acts: 'draw',
    options: FORMS,
    default: 'rondo',
    help: 'how sections follow one another while it plays by itself; needs memory',
  }),
} as const satisfies Record<string, Control>
