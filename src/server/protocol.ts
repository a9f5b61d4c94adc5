import { z } from 'zod'
import type { Control } from '../engine/controls/control-kinds.js'
import { checkControl } from '../engine/controls/control-values.js'
import { CONTROL_NAMES, CONTROLS, type ControlName, type ControlValue } from '../engine/controls/controls.js'
import { PART_NAMES } from '../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../engine/language/messages.js'
import { type Answer, type PresetNumber, type Request, requestTo } from '../engine/surface/commands.js'
import type { Meters } from '../engine/surface/meters.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Preset } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'

/** Counted up when a message changes so that an older client would misread it. */
export const PROTOCOL = 2

/** A client may give its messages an `id`; the answer carries it. */
const id = z.union([z.string().max(64), z.number()]).optional()
const preset = z.int().min(1).max(9)
const data = z.int().min(0).max(127)

/** As musicians count them. */
const channel = z.int().min(1).max(16).default(1)

/** Whose control; the pianist's where nothing is said. */
const part = z.enum(PART_NAMES).optional()

const ACTIONS = [
  'play',
  'pause',
  'end',
  'panic',
  'again',
  'take-over',
  'forget',
  'undo',
  'reset',
  'capture',
] as const

/** Everything a client may say but `set`, whose values are for the control table to judge. */
const OTHERS = [
  z.strictObject({ type: z.enum(ACTIONS), id }),
  z.strictObject({ type: z.literal('recall'), preset, id }),
  z.strictObject({ type: z.literal('store'), preset, id }),
  z.strictObject({
    type: z.literal('learn'),
    control: z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]]).nullable(),
    part,
    id,
  }),
  z.strictObject({ type: z.literal('note-on'), pitch: data, velocity: z.int().min(1).max(127), channel, id }),
  z.strictObject({ type: z.literal('note-off'), pitch: data, channel, id }),
  z.strictObject({
    type: z.literal('control-change'),
    controller: z.int().min(0).max(119),
    value: data,
    channel,
    id,
  }),
  z.strictObject({ type: z.literal('ping'), t: z.number(), id }),
] as const
const SET = z.strictObject({
  type: z.literal('set'),
  control: z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]]),
  value: z.unknown(),
  part,
  id,
})
const TYPES = ['set', ...ACTIONS, 'recall', 'store', 'learn', 'note-on', 'note-off', 'control-change', 'ping']
const MESSAGE = z.discriminatedUnion('type', [SET, ...OTHERS])

type Given = z.infer<typeof MESSAGE>

/** What a client says. */
export type ClientMessage =
  | Exclude<Given, { type: 'set' }>
  | (Omit<Extract<Given, { type: 'set' }>, 'value'> & { readonly value: ControlValue })

export type MessageId = string | number | undefined

/** A message that makes sense, or why it doesn't. */
export type Parsed =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly id: MessageId; readonly reason: string }

/** Reads what a client sent. Never throws. */
export function parseClientMessage(text: string): Parsed {
  const json = parseJson(text)
  if (json === undefined) return { ok: false, id: undefined, reason: "This isn't JSON." }
  const result = MESSAGE.safeParse(json)
  if (!result.success) return { ok: false, id: idOf(json), reason: reasonOf(result.error) }
  const message = result.data
  if (message.type !== 'set') return { ok: true, message }
  const checked = checkControl(message.control, message.value)
  return checked.ok
    ? { ok: true, message: { ...message, value: checked.value } }
    : { ok: false, id: message.id, reason: checked.reason }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function idOf(json: unknown): MessageId {
  const given = typeof json === 'object' && json !== null && 'id' in json ? json.id : undefined
  const parsed = id.safeParse(given)
  return parsed.success ? parsed.data : undefined
}

function reasonOf({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'This makes no sense.'
  const path = issue.path.join('.')
  if (issue.code === 'invalid_union') return `"type" takes ${TYPES.join(', ')}.`
  return `${path === '' ? 'The message' : `"${path}"`}: ${issue.message}.`
}

/** The request that a message makes of the program, if it makes one. */
export function requestOf(message: ClientMessage, reset: Request): Request | undefined {
  switch (message.type) {
    case 'set': {
      const command = { type: 'set', control: message.control, value: message.value } as const
      return requestTo(message.part ?? 'piano', command)
    }
    case 'recall':
    case 'store':
      return { type: message.type, preset: message.preset as PresetNumber }
    case 'learn':
      return { type: 'learn', control: message.control, part: message.part ?? 'piano' }
    case 'reset':
      return reset
    case 'play':
    case 'pause':
    case 'end':
    case 'panic':
    case 'again':
    case 'take-over':
    case 'forget':
    case 'undo':
    case 'capture':
      return { type: message.type }
    default:
      return undefined
  }
}

/** What the server says. Times are its own process time, in ms. */
export type ServerMessage =
  | {
      readonly type: 'hello'
      readonly protocol: number
      readonly version: string
      readonly now: Ms
      readonly controls: readonly (Control & { readonly name: ControlName })[]
    }
  | {
      readonly type: 'snapshot'
      readonly at: Ms
      readonly snapshot: Snapshot | null
      /** How the drummer stands, where one plays along. */
      readonly drums: Pick<Snapshot, 'controls' | 'setBy'> | null
      readonly meters: Meters
      readonly presets: Readonly<Partial<Record<PresetNumber, Preset>>>
    }
  /** What left for the port (or was dropped) since the last such message. */
  | { readonly type: 'notes'; readonly at: Ms; readonly sent: readonly SentMessage[] }
  /** What the part did since. */
  | { readonly type: 'heard'; readonly at: Ms; readonly messages: readonly HeardMessage[] }
  | ({ readonly type: 'answer'; readonly id?: MessageId } & Answer)
  /** A message was refused; `id` if it had one. */
  | { readonly type: 'error'; readonly id?: MessageId; readonly reason: string }
  | { readonly type: 'notice'; readonly sentence: string }
  /** This client reads too slowly: so many messages were left out. */
  | { readonly type: 'missed'; readonly messages: number }
  | { readonly type: 'pong'; readonly t: number; readonly now: Ms }

/** The control table as a client gets it. */
export const CONTROL_ROWS = CONTROL_NAMES.map((name) => ({ name, ...CONTROLS[name] }))

/** The JSON schema of all that a client may say, the controls' values included (draft 2020-12). */
export function clientSchema(): unknown {
  const sets = CONTROL_NAMES.map((name) =>
    z
      .strictObject({
        type: z.literal('set'),
        control: z.literal(name),
        value: valueSchema(CONTROLS[name]),
        part: SET.shape.part,
        id,
      })
      .describe(CONTROLS[name].help),
  )
  return z.toJSONSchema(z.union([...sets, ...OTHERS]), { io: 'input' })
}

/** What `checkControl` takes, as a schema. */
export function valueSchema(control: Control): z.ZodType {
  switch (control.kind) {
    case 'number':
      return numberSchema(control)
    case 'auto-number':
      return numberSchema(control).nullable()
    case 'range':
      return z.tuple([numberSchema(control), numberSchema(control)])
    case 'choice':
      return z.enum(control.options as [string, ...string[]])
    case 'switch':
      return z.boolean()
    case 'weights':
      return z.array(z.number().min(0).max(1e6)).length(12).nullable()
  }
}

function numberSchema({
  min,
  max,
  step,
}: {
  readonly min: number
  readonly max: number
  readonly step: number
}) {
  const number = step === 1 ? z.int() : z.number()
  return number.min(min).max(max)
}
