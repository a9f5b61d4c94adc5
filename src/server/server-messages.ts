import { z } from 'zod'
import type { Control } from '../engine/controls/control-kinds.js'
import { CONTROL_NAMES, CONTROLS, type ControlName } from '../engine/controls/controls.js'
import type { HeardMessage, SentMessage } from '../engine/language/messages.js'
import type { Answer, PresetNumber } from '../engine/surface/commands.js'
import type { Meters } from '../engine/surface/meters.js'
import type { Mix, Snapshot } from '../engine/surface/snapshot.js'
import type { Preset } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import type { MessageId } from './client-messages.js'
import {
  channel,
  controller,
  controls,
  count,
  GROOVE,
  METERS,
  MIX,
  ms,
  names,
  objectOf,
  PRESETS,
  pitch,
  SNAPSHOT,
  setBy,
  value,
  velocity,
} from './surface-schemas.js'

/** The version of the protocol. It is raised when a message changes so that an older client would misread it. */
export const PROTOCOL = 2

/** A row of the control table as a client gets it. */
type ControlRow = Control & { readonly name: ControlName }

/** The control table as a client gets it. */
export const CONTROL_ROWS: readonly ControlRow[] = CONTROL_NAMES.map((name) => ({ name, ...CONTROLS[name] }))

/** What a client is told of the drummer. */
export type DrumsState = Pick<Snapshot, 'controls' | 'setBy' | 'groove'>

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
      readonly drums: DrumsState | null
      readonly mix: Mix
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

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

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
    earlier: z
      .unknown()
      .optional()
      .describe('Its value in takes made before the control existed, where that is not its default.'),
    min: z.number().optional().describe('The least number.'),
    max: z.number().optional().describe('The greatest number.'),
    step: z.number().optional().describe('The smallest change to offer; 1 means whole numbers only.'),
    options: z.array(z.string()).optional().describe('The words of a choice.'),
    aliases: z.record(z.string(), z.string()).optional().describe('Other spellings of options.'),
    cc: z.int().min(0).max(119).optional().describe('The MIDI controller that sets it without mapping.'),
    isRig: z.literal(true).optional().describe('Presets and `reset` leave it alone.'),
  })
  .meta({ id: 'Control' })

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
    drums: objectOf<DrumsState>({
      controls,
      setBy,
      groove: GROOVE.nullable().describe('The place in the phrase; null where no bars are kept.'),
    })
      .meta({ id: 'Drums' })
      .nullable()
      .describe('The drummer; null where none plays along.'),
    mix: MIX.describe('Who plays along, and what is heard.'),
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
