import { z } from 'zod'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
} from '../engine/controls/controls.js'
import { PART_NAMES } from '../engine/controls/parts.js'
import type { IncomingController, LatenessFigures, Meters, PortMeter } from '../engine/surface/meters.js'
import type {
  Beat,
  ChordPlace,
  FormPlace,
  GroovePlace,
  KeptTheme,
  Mix,
  PlannedNote,
  ShownChord,
  Snapshot,
  TideAims,
} from '../engine/surface/snapshot.js'
import type { Preset } from '../engine/surface/surface.js'
import { valueSchema } from './client-messages.js'

/** The schema of an object with exactly the fields of `Value`; the compiler checks that each is there, with its type. */
export function objectOf<Value>(shape: { readonly [Key in keyof Value]-?: z.ZodType<Value[Key]> }) {
  return z.strictObject(shape)
}

/** Parts of several schemas: names of controls, times in ms, and the numbers of MIDI. */
export const names = z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]])
export const ms = z.number()
export const count = z.int().min(0)
export const channel = z.int().min(0).max(15).describe('MIDI channel, counted from 0.')
export const pitch = z.int().min(0).max(127).describe('MIDI pitch; 60 is middle C.')
export const velocity = z.int().min(1).max(127).describe('MIDI velocity.')
export const controller = z.int().min(0).max(127).describe('MIDI controller.')
export const value = z.int().min(0).max(127).describe('Its value.')

const CONTROL_VALUES = z.strictObject(
  Object.fromEntries(CONTROL_NAMES.map((name) => [name, valueSchema(CONTROLS[name])])),
)
export const controls = CONTROL_VALUES.describe(
  'Every control by its name, with its value.',
) as unknown as z.ZodType<Controls>
export const setBy = z
  .partialRecord(names, z.enum(['keys', 'controller', 'web', 'band', 'keyboard']))
  .describe(
    'Who set each control last, by its name; `keyboard` while held keys lead it, `band` for a tempo from Link.',
  )

const PLANNED_NOTE = objectOf<PlannedNote>({
  pitch: pitch.describe('The pitch that sounds, after transposing.'),
  velocity,
  start: ms.describe('When it starts.'),
  end: ms.nullable().describe('When it ends; null where the plan does not reach so far.'),
}).meta({ id: 'PlannedNote' })

const BEAT = objectOf<Beat>({
  tempo: z.number().describe('Quarter notes per minute.'),
  position: z.number().nullable().describe('Place in the song in quarter notes; null while it is stopped.'),
  at: ms.describe('When the song is at this position.'),
  source: z.enum(['heard', 'ours']).describe("Whether the beat is that of a band, or one of Rubato's own."),
}).meta({ id: 'Beat' })

const soundingKey = {
  tonic: z.int().min(0).max(11).describe('The tonic of the key that sounds; C is 0.'),
  mode: z.enum(['major', 'minor']).describe('The mode of that key.'),
}

const TIDE = objectOf<TideAims>({
  density: z.number().describe('Note-ons per second.'),
  ...soundingKey,
}).meta({ id: 'Tide' })

const KEPT_THEME = objectOf<KeptTheme>({
  letter: z.string().describe('The letter of the sections in which it returns.'),
  seconds: z.number().describe('How long it is.'),
  notes: count.describe('How many notes it has.'),
  ...soundingKey,
}).meta({ id: 'KeptTheme' })

const FORM = objectOf<FormPlace>({
  movement: z.int().min(1).describe('The number of the movement.'),
  sections: z
    .array(z.string())
    .describe("The movement's sections, those played and those to come: `A`, `B`, `A'`."),
  current: count.describe('Which of them is played, counted from 0.'),
  hears: z
    .enum(['theme', 'cadence'])
    .nullable()
    .describe('Whether a theme returns now, or a cadence is played; null for neither.'),
  themes: z.array(KEPT_THEME).describe('The themes that are kept.'),
  canMark: z.boolean().describe('Whether enough has been played for `mark-theme`.'),
}).meta({ id: 'FormPlace' })

const SHOWN_CHORD = objectOf<ShownChord>({
  symbol: z.string().describe('Its symbol; `N.C.` for no chord.'),
  bar: z.int().min(1).describe('The bar that it begins in, counted from 1.'),
}).meta({ id: 'ShownChord' })

const CHORDS = objectOf<ChordPlace>({
  latched: z
    .string()
    .nullable()
    .describe('The chord played last, which comes before those of the progression; null for none.'),
  chords: z.array(SHOWN_CHORD).describe('The chords of the progression; empty where there is none.'),
  current: count.nullable().describe('Which of them is in force, counted from 0; null before the first.'),
  beatsLeft: count.nullable().describe('Beats until the next begins; null where there is no beat.'),
}).meta({ id: 'ChordPlace' })
export const GROOVE = objectOf<GroovePlace>({
  bar: z.int().min(1).describe('The bar of the phrase that is played, counted from 1.'),
  of: z.int().min(1).describe('How many bars the phrase has.'),
  fillIn: count
    .nullable()
    .describe('In how many bars a fill comes, 0 in the bar that ends with it; null for no fills.'),
  isKept: z.boolean().describe('Whether a bar is remembered that is played again.'),
}).meta({ id: 'GroovePlace' })
export const muted = z.boolean().describe('It plays on without a sound.')
export const MIX = objectOf<Mix>({
  drummer: z
    .enum(['none', 'off', 'starting', 'on'])
    .describe('Whether a drummer plays along; `none`: none can; `starting`: he comes in soon.'),
  muted: objectOf<Mix['muted']>({
    piano: z.boolean().describe('The pianist plays on without a sound.'),
    drums: z.boolean().describe('The drummer does.'),
  }).describe('The parts that are muted.'),
  solo: z.enum(PART_NAMES).nullable().describe('The part that is heard alone; null for none.'),
}).meta({ id: 'Mix' })

/** The snapshot of a part. */
export const SNAPSHOT = objectOf<Snapshot>({
  paused: z.boolean().describe('Nothing is played.'),
  stopped: z.boolean().describe("The same, but for a pause by the player's pedal."),
  ending: z.boolean().describe('It plays to the next breath of the music and pauses there.'),
  floor: z.enum(['both', 'player', 'pianist']).describe('Whose turn it is.'),
  controls,
  setBy,
  undoable: count.describe('How many changes of controls `undo` can take back.'),
  tide: TIDE.nullable().describe('The slowly changing aims of the pianist; null where it has none.'),
  form: FORM.nullable().describe('The place of the music in its form; null where nothing returns.'),
  chords: CHORDS.nullable().describe('The chords that the music keeps to; null where there are none.'),
  groove: GROOVE.nullable().describe(
    'The place in the phrase of a model of drums; null where no bars are kept.',
  ),
  muted,
  style: z
    .string()
    .nullable()
    .describe('What the manner that is borrowed was taken from; null where none is.'),
  canTakeStyle: z.boolean().describe('Whether enough was played on the keyboard for `take-style`.'),
  beat: BEAT.nullable().describe('The beat of the band; null where there is no clock.'),
  waiting: z
    .array(names)
    .describe('The controls of which a change waits for the next beat or bar, by `quantise`.'),
  countIn: count
    .nullable()
    .describe('Beats of the count-in that are left, the current one included; null where none is counted.'),
  planned: ms.describe('How far ahead of now the music is planned, in ms.'),
  position: ms.describe('Ms of music, from its start, of which every message has been sent.'),
  held: z.array(pitch).describe('The pitches of the keys that the player holds down.'),
  heardWeights: z
    .array(z.number())
    .length(12)
    .nullable()
    .describe("What the player's keys ask for: shares for C to B with sum 1; null where no key counts."),
  slips: count.describe('How often the music was moved later because the program fell behind.'),
  slippedMs: ms.describe('By how many ms in all.'),
  rewinds: count.describe('How often the plan was drawn anew because something changed.'),
  steps: count.describe('Steps that the network has computed.'),
  events: count.describe('Events that were drawn.'),
  ahead: z.array(PLANNED_NOTE).describe('The notes that sound and those planned, by their start.'),
}).meta({ id: 'Pianist' })

const PORT = objectOf<PortMeter>({
  name: z.string().describe("The port's name."),
  way: z.enum(['out', 'in']).describe('Whether Rubato plays into it or listens to it.'),
  state: z.string().describe('`open`, `1 connected`, or what is wrong in a few words.'),
}).meta({ id: 'Port' })

const INCOMING_CONTROLLER = objectOf<IncomingController>({
  channel: z.int().min(1).max(16).describe('MIDI channel, counted from 1.'),
  controller,
  value,
  at: ms.describe('When it came.'),
}).meta({ id: 'IncomingController' })

const LATENESS = objectOf<LatenessFigures>({
  p50: ms.describe('Half of the last messages left no later than this, in ms.'),
  p99: ms.describe('99 of 100 left no later than this, in ms.'),
  max: ms.describe('The latest since the start, in ms.'),
  seconds: z.array(ms).describe('The latest in each of the last 60 seconds, oldest first, in ms.'),
}).meta({ id: 'Lateness' })

/** The meters: figures about the program around the pianist. */
export const METERS = objectOf<Meters>({
  output: z.string().describe('Where the music goes: `on Rubato`, or `in silence`.'),
  inputs: z.array(z.string()).describe('The names of the input ports.'),
  ports: z.array(PORT).describe('All ports with their states.'),
  controllers: z.array(INCOMING_CONTROLLER).describe('MIDI controllers moved lately, the last one first.'),
  eventsPerSecond: z.number().describe('Events drawn per second, over the last few seconds.'),
  cpu: z.number().describe('Processor time in percent of one core, over the last few seconds.'),
  web: z.string().nullable().describe('The address of the page.'),
  linkPeers: count
    .nullable()
    .describe(
      'How many others are in the Link session; null where Rubato does not use Link or has no network.',
    ),
  recording: z
    .string()
    .nullable()
    .describe('The file that the session is recorded to; null where it is not.'),
  realtime: objectOf<Meters['realtime']>({
    on: z.boolean().describe('The process has real-time priority.'),
    reason: z.string().describe('Why, or why not.'),
  })
    .meta({ id: 'Realtime' })
    .describe('Whether the process has real-time priority.'),
  backend: z.string().describe('What computes the network.'),
  model: z.string().describe('The name of the model.'),
  unsupported: z
    .partialRecord(names, z.string())
    .describe('Controls that do nothing with this model, and why.'),
  seed: z.number().describe('The seed of this performance.'),
  notes: count.describe('Note-ons of the pianist that were sent.'),
  sounding: z.int().describe('Notes that sound now.'),
  lateness: LATENESS.describe('How late messages left.'),
  dropped: count.describe('Note-ons dropped because they were over 30 ms late.'),
  lost: count.describe('Messages that the output port refused.'),
  echoes: count.describe('Notes of Rubato that came back in and were ignored.'),
  restarts: count.describe("How often the performer's thread was started again."),
  problem: z
    .string()
    .nullable()
    .describe('The last notice: what happened, and what to do about it; null before the first.'),
}).meta({ id: 'Meters' })

const PRESET = objectOf<Preset>({
  name: z.string().describe('Its name.'),
  controls: CONTROL_VALUES.partial().describe(
    'The controls that it sets, by their names.',
  ) as unknown as z.ZodType<ControlChanges>,
}).meta({ id: 'Preset' })

/** The presets by their numbers, which JSON writes as strings. */
export const PRESETS = z
  .partialRecord(z.enum(['1', '2', '3', '4', '5', '6', '7', '8', '9']), PRESET)
  .describe('The presets by their numbers, `1` to `9`.')
