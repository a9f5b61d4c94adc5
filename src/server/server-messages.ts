import { z } from 'zod'
import type { Control } from '../engine/controls/control-kinds.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
} from '../engine/controls/controls.js'
import type { HeardMessage, SentMessage } from '../engine/language/messages.js'
import type { Answer, PresetNumber } from '../engine/surface/commands.js'
import type { IncomingController, LatenessFigures, Meters, PortMeter } from '../engine/surface/meters.js'
import type { Beat, PlannedNote, Snapshot, TideAims } from '../engine/surface/snapshot.js'
import type { Preset } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import { type MessageId, valueSchema } from './client-messages.js'

/** Counted up when a message changes so that an older client would misread it. */
export const PROTOCOL = 2

/** A row of the control table as a client gets it. */
type ControlRow = Control & { readonly name: ControlName }

/** The control table as a client gets it. */
export const CONTROL_ROWS: readonly ControlRow[] = CONTROL_NAMES.map((name) => ({ name, ...CONTROLS[name] }))

/** A message of the server. Times are its process time, in ms; the schemas below say what each field means. */
export type ServerMessage =
  | {
      readonly type: 'hello'
      readonly protocol: number
      readonly version: string
      readonly now: Ms
      readonly controls: readonly ControlRow[]
    }
  | {
      readonly type: 'snapshot'
      readonly at: Ms
      readonly snapshot: Snapshot | null
      readonly drums: Pick<Snapshot, 'controls' | 'setBy'> | null
      readonly meters: Meters
      readonly presets: Readonly<Partial<Record<PresetNumber, Preset>>>
    }
  | { readonly type: 'notes'; readonly at: Ms; readonly sent: readonly SentMessage[] }
  | { readonly type: 'heard'; readonly at: Ms; readonly messages: readonly HeardMessage[] }
  | ({ readonly type: 'answer'; readonly id?: MessageId } & Answer)
  | { readonly type: 'error'; readonly id?: MessageId; readonly reason: string }
  | { readonly type: 'notice'; readonly sentence: string }
  | { readonly type: 'missed'; readonly messages: number }
  | { readonly type: 'pong'; readonly t: number; readonly now: Ms }

/** The schema of an object with exactly the fields of `Value`: the compiler asks for each, with its type. */
function objectOf<Value>(shape: { readonly [Key in keyof Value]-?: z.ZodType<Value[Key]> }) {
  return z.strictObject(shape)
}

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

const names = z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]])
const ms = z.number()
const count = z.int().min(0)
const channel = z.int().min(0).max(15).describe('MIDI channel, counted from 0.')
const pitch = z.int().min(0).max(127).describe('MIDI pitch; 60 is middle C.')
const velocity = z.int().min(1).max(127).describe('MIDI velocity.')
const controller = z.int().min(0).max(127).describe('MIDI controller.')
const value = z.int().min(0).max(127).describe('Its value.')
const messageId = z
  .union([z.string(), z.number()])
  .optional()
  .describe('The `id` of the message that this answers; missing where that had none.')

const CONTROL_ROW = z
  .strictObject({
    name: names.describe('The name of the control, as `set` takes it.'),
    kind: z
      .enum(['number', 'auto-number', 'range', 'choice', 'switch', 'weights'])
      .describe('Which values it takes. `auto-number` and `weights` also take null, for auto.'),
    label: z.string().describe('A short name to show.'),
    group: z
      .enum(['Play', 'Harmony', 'Together', 'Time', 'Expression', 'Output', 'More'])
      .describe('The group that a musician would look for it in.'),
    acts: z
      .enum(['draw', 'conditioning', 'output'])
      .describe(
        'What it changes: how events are drawn, what the network is told, or the notes on their way out.',
      ),
    help: z.string().describe('What it does, in half a sentence.'),
    unit: z.string().describe('The unit of its numbers; empty where there is none.'),
    default: z.unknown().describe('Its value until somebody sets it.'),
    min: z.number().optional().describe('The least number.'),
    max: z.number().optional().describe('The greatest number.'),
    step: z.number().optional().describe('The smallest change to offer; 1 means whole numbers only.'),
    options: z.array(z.string()).optional().describe('The words of a choice.'),
    aliases: z.record(z.string(), z.string()).optional().describe('Other spellings of options.'),
    cc: z.int().min(0).max(119).optional().describe('The MIDI controller that sets it without mapping.'),
    isRig: z.literal(true).optional().describe('Presets and `reset` leave it alone.'),
  })
  .meta({ id: 'Control' })

const CONTROL_VALUES = z.strictObject(
  Object.fromEntries(CONTROL_NAMES.map((name) => [name, valueSchema(CONTROLS[name])])),
)
const controls = CONTROL_VALUES.describe(
  'Every control by its name, with its value.',
) as unknown as z.ZodType<Controls>
const setBy = z
  .partialRecord(names, z.enum(['keys', 'controller', 'web', 'keyboard']))
  .describe('Who set each control last, by its name; `keyboard` while held keys lead it.')

const PLANNED_NOTE = objectOf<PlannedNote>({
  pitch: pitch.describe('The pitch that sounds, after transposing.'),
  velocity,
  start: ms.describe('When it starts.'),
  end: ms.nullable().describe('When it ends; null where the plan does not reach so far.'),
}).meta({ id: 'PlannedNote' })

const BEAT = objectOf<Beat>({
  tempo: z.number().describe('Quarter notes per minute.'),
  position: z.number().nullable().describe('Place in the song in quarter notes; null while it is stopped.'),
  source: z.enum(['heard', 'ours']).describe('Whether Rubato follows a clock or gives it.'),
}).meta({ id: 'Beat' })

const TIDE = objectOf<TideAims>({
  density: z.number().describe('Note-ons per second.'),
  tonic: z.int().min(0).max(11).describe('The tonic of the key that sounds; C is 0.'),
  mode: z.enum(['major', 'minor']).describe('The mode of that key.'),
}).meta({ id: 'Tide' })

const SNAPSHOT = objectOf<Snapshot>({
  paused: z.boolean().describe('Nothing is played.'),
  ending: z.boolean().describe('It plays to the next breath of the music and pauses there.'),
  floor: z.enum(['both', 'player', 'pianist']).describe('Whose turn it is.'),
  controls,
  setBy,
  undoable: count.describe('How many changes of controls `undo` can take back.'),
  tide: TIDE.nullable().describe('The slowly changing aims of the pianist; null where it has none.'),
  beat: BEAT.nullable().describe('The beat of the band; null where there is no clock.'),
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

const METERS = objectOf<Meters>({
  output: z.string().describe('Where the music goes: `on Rubato`, or `in silence`.'),
  inputs: z.array(z.string()).describe('The names of the input ports.'),
  ports: z.array(PORT).describe('All ports with their states.'),
  controllers: z.array(INCOMING_CONTROLLER).describe('MIDI controllers moved lately, the last one first.'),
  eventsPerSecond: z.number().describe('Events drawn per second, over the last few seconds.'),
  cpu: z.number().describe('Processor time in percent of one core, over the last few seconds.'),
  web: z.string().nullable().describe('The address of the page.'),
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
  idle: z.partialRecord(names, z.string()).describe('Controls that do nothing with this model, and why.'),
  seed: z.number().describe('The seed of this performance.'),
  notes: count.describe('Note-ons of the pianist that were sent.'),
  sounding: z.int().describe('Notes that sound now.'),
  lateness: LATENESS.describe('How late messages left.'),
  dropped: count.describe('Note-ons dropped because they were over 30 ms late.'),
  lost: count.describe('Messages that the output port refused.'),
  echoes: count.describe('Notes of Rubato that came back in and were ignored.'),
  restarts: count.describe("How often the performer's thread was started again."),
  problem: z.string().nullable().describe('What is wrong and what to do about it; null while all is well.'),
}).meta({ id: 'Meters' })

const PRESET = objectOf<Preset>({
  name: z.string().describe('Its name.'),
  controls: CONTROL_VALUES.partial().describe(
    'The controls that it sets, by their names.',
  ) as unknown as z.ZodType<ControlChanges>,
}).meta({ id: 'Preset' })

/** The presets by their numbers, which JSON writes as strings. */
const PRESETS = z
  .partialRecord(z.enum(['1', '2', '3', '4', '5', '6', '7', '8', '9']), PRESET)
  .describe('The presets by their numbers, `1` to `9`.')

const noteId = z.int().describe('Names one sounding note from its note-on to its note-off.')
const delivery = {
  due: ms.describe('When it was to sound, exactly.'),
  sentAt: ms.describe('When it left for the port, or was dropped.'),
  source: z
    .enum(['performer', 'ear', 'stage'])
    .describe(
      "`performer`: planned music; `ear`: the player's keys, passed through; `stage`: safety, as in a panic.",
    ),
  fate: z
    .enum(['sent', 'late', 'panicked', 'cancelled', 'failed'])
    .describe('What became of it; all but `sent` were not heard.'),
}
const SENT = z
  .union([
    z.strictObject({ kind: z.literal('note-on'), ...delivery, id: noteId, channel, pitch, velocity }),
    z.strictObject({ kind: z.literal('note-off'), ...delivery, id: noteId, channel, pitch }),
    z.strictObject({ kind: z.literal('control-change'), ...delivery, channel, controller, value }),
  ])
  .meta({ id: 'SentMessage' }) satisfies z.ZodType<SentMessage>

const arrived = ms.describe('When it arrived.')
const HEARD = z
  .union([
    z.strictObject({ kind: z.literal('note-on'), at: arrived, channel, pitch, velocity }),
    z.strictObject({
      kind: z.literal('note-off'),
      at: arrived,
      channel,
      pitch,
      velocity: z.int().min(0).max(127).describe('How fast the key was released.'),
    }),
    z.strictObject({ kind: z.literal('control-change'), at: arrived, channel, controller, value }),
    z.strictObject({
      kind: z.literal('transport'),
      at: arrived,
      action: z.enum(['start', 'continue', 'stop']).describe('What the clock of the band did.'),
    }),
  ])
  .meta({ id: 'HeardMessage' }) satisfies z.ZodType<HeardMessage>

const at = ms.describe("The server's time when the message was made.")

/** The schema of each message of the server. */
export const SERVER_MESSAGES = [
  objectOf<MessageOf<'hello'>>({
    type: z.literal('hello'),
    protocol: z
      .literal(PROTOCOL)
      .describe('Counted up when a message changes so that older clients misread it.'),
    version: z.string().describe("Rubato's version."),
    now: ms.describe("The server's time."),
    controls: z.array(CONTROL_ROW).describe('The table of controls.') as unknown as z.ZodType<
      readonly ControlRow[]
    >,
  }).describe('The first message after connecting.'),
  objectOf<MessageOf<'snapshot'>>({
    type: z.literal('snapshot'),
    at,
    snapshot: SNAPSHOT.nullable().describe('The pianist; null until it is ready.'),
    drums: objectOf<Pick<Snapshot, 'controls' | 'setBy'>>({ controls, setBy })
      .meta({ id: 'Drums' })
      .nullable()
      .describe('The drummer; null where none plays along.'),
    meters: METERS.describe('The program around them.'),
    presets: PRESETS,
  }).describe('How everything stands: up to 15 a second while something changes, else one a second.'),
  objectOf<MessageOf<'notes'>>({
    type: z.literal('notes'),
    at,
    sent: z.array(SENT).describe('What left for the port, or was dropped, since the last `notes`.'),
  }).describe('What was played, up to 30 times a second.'),
  objectOf<MessageOf<'heard'>>({
    type: z.literal('heard'),
    at,
    messages: z.array(HEARD).describe('What the player did since the last `heard`.'),
  }).describe('What the player did, up to 30 times a second.'),
  objectOf<Extract<MessageOf<'answer'>, { ok: true }>>({
    type: z.literal('answer'),
    id: messageId,
    ok: z.literal(true).describe('The request was carried out.'),
    sentence: z.string().nullable().describe('What there is to tell about it, if anything.'),
  }).describe('A request was carried out.'),
  objectOf<Extract<MessageOf<'answer'>, { ok: false }>>({
    type: z.literal('answer'),
    id: messageId,
    ok: z.literal(false).describe('The request was refused.'),
    reason: z.string().describe('Why, in a sentence.'),
  }).describe('A request was understood and refused.'),
  objectOf<MessageOf<'error'>>({
    type: z.literal('error'),
    id: messageId,
    reason: z.string().describe('Why, in a sentence.'),
  }).describe('A message was not understood, or ignored.'),
  objectOf<MessageOf<'notice'>>({
    type: z.literal('notice'),
    sentence: z.string().describe('What the player should read.'),
  }).describe('Something happened that the player should know.'),
  objectOf<MessageOf<'missed'>>({
    type: z.literal('missed'),
    messages: count.describe('How many.'),
  }).describe('This client reads too slowly, so messages before this one were left out.'),
  objectOf<MessageOf<'pong'>>({
    type: z.literal('pong'),
    t: z.number().describe('The `t` of the `ping`.'),
    now: ms.describe("The server's time."),
  }).describe('The answer to a `ping`.'),
] as const
