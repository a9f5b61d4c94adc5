import { INTERVAL_NAMES } from '../language/intervals.js'
import { KEY_ALIASES, KEY_NAMES, SCALE_NAMES } from '../language/scales.js'
import type { ChoiceControl, Control } from './control-kinds.js'

/** Ways of playing together with the player at the keyboard. */
export const MODES = ['solo', 'follow', 'duet', 'answer', 'continue', 'harmonize'] as const
export type ModeName = (typeof MODES)[number]

function choice<const Option extends string>(spec: Omit<ChoiceControl<Option>, 'kind' | 'unit'>) {
  return { kind: 'choice', unit: '', ...spec } as const
}

const FACTOR = { kind: 'number', acts: 'draw', min: 0.25, max: 2, default: 1, step: 0.05, unit: 'x' } as const

/**
 * The one source of every control: flags, validation, controller mapping, display and docs read it.
 * The order is the order in which they are shown.
 */
export const CONTROLS = {
  temperature: {
    kind: 'number',
    label: 'Temperature',
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
    acts: 'draw',
    min: 0.5,
    max: 1,
    default: 0.98,
    step: 0.01,
    unit: '',
    help: 'nucleus: the least likely events beyond this share are never drawn',
  },
  density: {
    kind: 'auto-number',
    label: 'Density',
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
    acts: 'conditioning',
    min: 1,
    max: 127,
    default: null,
    step: 1,
    unit: 'velocity',
    cc: 1,
    help: 'mean velocity that the pianist aims at',
  },
  dynamicsRange: {
    kind: 'number',
    label: 'Dyn. range',
    acts: 'output',
    min: 0,
    max: 2,
    default: 1,
    step: 0.05,
    unit: 'x',
    help: 'spread of the velocities around their running mean: 0 even, 1 as played, 2 doubled',
  },
  pitchWeights: {
    kind: 'weights',
    label: 'Pitch weights',
    acts: 'conditioning',
    default: null,
    unit: '',
    help: 'twelve weights for C to B, separated by commas, that the pianist leans to',
  },
  key: choice({
    label: 'Key',
    acts: 'conditioning',
    options: KEY_NAMES,
    aliases: KEY_ALIASES,
    default: 'off',
    help: 'tonic of the scale that the pianist leans to',
  }),
  scale: choice({
    label: 'Scale',
    acts: 'conditioning',
    options: SCALE_NAMES,
    default: 'major',
    help: 'scale on the key',
  }),
  guidance: {
    kind: 'number',
    label: 'Guidance',
    acts: 'conditioning',
    min: 0.5,
    max: 3,
    default: 1,
    step: 0.05,
    unit: 'x',
    help: 'how strictly density, dynamics and key are followed: above 1 more than the music would by itself',
  },
  mode: choice({
    label: 'Mode',
    acts: 'draw',
    options: MODES,
    default: 'follow',
    cc: 20,
    help: 'how it plays with a keyboard: by itself; led by held keys; both hands at once; in turns; taking over; adding notes',
  }),
  fade: {
    kind: 'number',
    label: 'Fade',
    acts: 'conditioning',
    min: 0,
    max: 60,
    default: 8,
    step: 0.5,
    unit: 's',
    cc: 21,
    help: 'follow: how long keys are remembered after they are released',
  },
  avoid: {
    kind: 'switch',
    label: 'Avoid',
    acts: 'draw',
    default: false,
    unit: '',
    cc: 22,
    help: "duet: no note in the register that the player's hands are in",
  },
  balance: {
    kind: 'number',
    label: 'Balance',
    acts: 'conditioning',
    min: -1,
    max: 1,
    default: 0.5,
    step: 0.1,
    unit: '',
    cc: 23,
    help: 'duet: above 0 sparser while the player plays densely and filling their pauses, below 0 the reverse',
  },
  pause: {
    kind: 'number',
    label: 'Pause',
    acts: 'draw',
    min: 0.3,
    max: 4,
    default: 1,
    step: 0.1,
    unit: 's',
    cc: 24,
    help: 'answer: the silence of the player after which it answers',
  },
  pauseBeats: {
    kind: 'auto-number',
    label: 'Pause beats',
    acts: 'draw',
    min: 0.25,
    max: 8,
    default: null,
    step: 0.25,
    unit: 'beats',
    help: "answer: the same in beats of the band's clock, where one runs",
  },
  voices: {
    kind: 'number',
    label: 'Voices',
    acts: 'draw',
    min: 1,
    max: 4,
    default: 2,
    step: 1,
    unit: 'notes',
    cc: 25,
    help: 'harmonize: notes added to each key',
  },
  intervals: choice({
    label: 'Intervals',
    acts: 'draw',
    options: INTERVAL_NAMES,
    default: 'consonant',
    cc: 26,
    help: 'harmonize: how far from the key its added notes may lie; with a key set they also keep to its scale',
  }),
  glide: {
    kind: 'number',
    label: 'Glide',
    acts: 'output',
    isRig: true,
    min: 0,
    max: 10,
    default: 0,
    step: 0.1,
    unit: 's',
    cc: 28,
    help: 'time in which the numbers of a preset are reached when it is recalled',
  },
  tide: {
    kind: 'switch',
    label: 'Tide',
    acts: 'conditioning',
    default: true,
    unit: '',
    help: 'where density and key are auto, the pianist has slowly changing aims of its own',
  },
  keyLock: {
    kind: 'switch',
    label: 'Key lock',
    acts: 'draw',
    default: false,
    unit: '',
    help: 'no note outside the key and scale (without a key: outside the pitch weights) at all',
  },
  register: {
    kind: 'range',
    label: 'Register',
    acts: 'draw',
    min: 21,
    max: 108,
    default: [21, 108],
    step: 1,
    unit: 'pitch',
    help: 'lowest and highest pitch that may sound, as 48-72',
  },
  polyphony: {
    kind: 'number',
    label: 'Polyphony',
    acts: 'draw',
    min: 1,
    max: 32,
    default: 32,
    step: 1,
    unit: 'notes',
    help: 'most notes sounding at once; 1 is a melody',
  },
  quantise: choice({
    label: 'Quantise',
    acts: 'output',
    isRig: true,
    options: ['off', 'beat', 'bar'],
    default: 'off',
    cc: 27,
    help: 'with a clock: changes of controls wait for its next beat or bar',
  }),
  beatsPerBar: {
    kind: 'number',
    label: 'Beats a bar',
    acts: 'output',
    isRig: true,
    min: 1,
    max: 16,
    default: 4,
    step: 1,
    unit: 'beats',
    help: 'quarter notes from one bar to the next',
  },
  tempo: {
    kind: 'number',
    label: 'Tempo',
    acts: 'output',
    isRig: true,
    min: 20,
    max: 300,
    default: 120,
    step: 0.5,
    unit: 'BPM',
    help: 'of the clock that Rubato gives (--sync master), and of drums where no clock is followed',
  },
  clockOffset: {
    kind: 'number',
    label: 'Clock offset',
    acts: 'output',
    isRig: true,
    min: -200,
    max: 200,
    default: 0,
    step: 1,
    unit: 'ms',
    help: 'the clock that is followed is taken to be so much later, to line up with what is heard',
  },
  articulation: {
    kind: 'number',
    label: 'Articulation',
    acts: 'output',
    min: 0.05,
    max: 12,
    default: 8,
    step: 0.05,
    unit: 's',
    help: 'longest that a note may sound',
  },
  velocityMin: {
    kind: 'number',
    label: 'Velocity min',
    acts: 'output',
    isRig: true,
    min: 1,
    max: 127,
    default: 1,
    step: 1,
    unit: 'velocity',
    help: 'softer notes are sent at this velocity',
  },
  velocityMax: {
    kind: 'number',
    label: 'Velocity max',
    acts: 'output',
    isRig: true,
    min: 1,
    max: 127,
    default: 127,
    step: 1,
    unit: 'velocity',
    help: 'louder notes are sent at this velocity',
  },
  delay: {
    kind: 'number',
    label: 'Delay',
    acts: 'output',
    isRig: true,
    min: 0,
    max: 200,
    default: 0,
    step: 1,
    unit: 'ms',
    help: 'sends everything later, to line up with slower instruments',
  },
  channel: {
    kind: 'number',
    label: 'Channel',
    acts: 'output',
    isRig: true,
    min: 1,
    max: 16,
    default: 1,
    step: 1,
    unit: '',
    help: 'MIDI channel of the notes',
  },
  transpose: {
    kind: 'number',
    label: 'Transpose',
    acts: 'output',
    min: -24,
    max: 24,
    default: 0,
    step: 1,
    unit: 'semitones',
    help: 'moves what sounds; the pianist thinks in its own key',
  },
} as const satisfies Record<string, Control>

export type ControlName = keyof typeof CONTROLS
export const CONTROL_NAMES = Object.keys(CONTROLS) as ControlName[]

/** The controls that make the music, which presets hold and a reset takes back. */
export const MUSIC_CONTROLS: readonly ControlName[] = CONTROL_NAMES.filter(
  (name) => !(CONTROLS[name] as Control).isRig,
)

type ValueOf<C> = C extends { kind: 'number' }
  ? number
  : C extends { kind: 'auto-number' }
    ? number | null
    : C extends { kind: 'range' }
      ? readonly [low: number, high: number]
      : C extends { kind: 'choice'; options: readonly (infer Option)[] }
        ? Option
        : C extends { kind: 'switch' }
          ? boolean
          : readonly number[] | null

/** The settings of all controls at one moment. Replaced, never changed in place. */
export type Controls = { readonly [Name in ControlName]: ValueOf<(typeof CONTROLS)[Name]> }
export type ControlValue = Controls[ControlName]

/** Some controls and what they are set to; those not named stay as they are. */
export type ControlChanges = Partial<Controls>

/** Every control as it stands when nobody has touched it. */
export function defaultControls(): Controls {
  return Object.fromEntries(CONTROL_NAMES.map((name) => [name, CONTROLS[name].default])) as Controls
}

/** What a reset takes the music back to. */
export function untouchedMusic(): ControlChanges {
  return pickControls(defaultControls(), MUSIC_CONTROLS)
}

/** Those of `controls` that `names` names. */
export function pickControls(controls: ControlChanges, names: readonly ControlName[]): ControlChanges {
  return Object.fromEntries(names.filter((name) => name in controls).map((name) => [name, controls[name]]))
}

/** The control with one setting replaced. `value` must have passed {@link checkControl}. */
export function withControl(controls: Controls, name: ControlName, value: ControlValue): Controls {
  return { ...controls, [name]: value }
}

/** Controls that do nothing with a model, and why, in a few words. */
export type UnsupportedControls = Readonly<Partial<Record<ControlName, string>>>
