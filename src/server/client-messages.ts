import { z } from 'zod'
import type { Control } from '../engine/controls/control-kinds.js'
import { checkControl } from '../engine/controls/control-values.js'
import { CONTROL_NAMES, CONTROLS, type ControlName, type ControlValue } from '../engine/controls/controls.js'
import { PART_NAMES } from '../engine/controls/parts.js'
import { LONGEST_CHORDS } from '../engine/surface/chords-text.js'
import { GIVEN_LIMITS, type PresetNumber, type Request, requestTo } from '../engine/surface/commands.js'

/** The parts of client messages that several have, each with its description for the schema and the docs. */
const id = z
  .union([z.string().max(64), z.number()])
  .describe('Any name or number of yours; the answer carries it.')
  .optional()
const preset = z.int().min(1).max(9).describe('The number of the preset.')
const pitch = z.int().min(0).max(127).describe('MIDI pitch; 60 is middle C.')
const channel = z.int().min(1).max(16).default(1).describe('MIDI channel.')
const part = z.enum(PART_NAMES).describe('The part whose control it is; the piano unless given.').optional()
const heardPart = z.enum(PART_NAMES)
const control = z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]]).describe('The name of the control.')

/** The messages without fields of their own, by type, and what each does. */
export const ACTIONS = {
  play: 'Begins to play, or goes on after a pause.',
  pause: 'Plays no new notes; those that sound end as planned, within 1 s.',
  end: 'Ends with a cadence, or, where nothing returns, at the next breath, within 4 s; then pauses.',
  panic: 'Silences everything at once, drops the plan and pauses.',
  again: 'Goes back 4 s (with a clock: to the last bar) and plays on from there differently.',
  'mark-theme': 'Keeps the passage just played as a theme, so that it returns.',
  'take-style': 'Borrows the manner of what you have played of late.',
  'forget-style': 'Borrows no manner any more.',
  'take-over': 'In a mode of turns, gives the floor to the pianist, or back to the player.',
  forget: 'Ends all notes, forgets the music so far and begins a new performance.',
  undo: "Takes back the last change of the pianist's controls, whoever made it.",
  reset: 'Sets the controls of the music to their defaults.',
  capture: 'Writes what was played in the last 2 minutes into a MIDI file, in whole bars where a beat runs.',
  'tap-tempo': 'A tapped beat: from the second on they set the tempo, and the last is a beat.',
} as const
type ActionName = keyof typeof ACTIONS
const ACTION_NAMES = Object.keys(ACTIONS) as [ActionName, ...ActionName[]]

/** A message without fields of its own: its type is one of the keys of {@link ACTIONS}. */
export const ACTION = z.strictObject({ type: z.enum(ACTION_NAMES), id })

/** A message that sets a control. Its value is checked against the control table after the schema. */
const SET = z
  .strictObject({
    type: z.literal('set'),
    control,
    value: z.unknown().describe('The new value, as the control takes it; null for auto.'),
    part,
    id,
  })
  .describe('Sets a control.')

/** Every message of a client that isn't an action. */
export const CLIENT_MESSAGES = [
  SET,
  z.strictObject({ type: z.literal('recall'), preset, id }).describe('Recalls a preset.'),
  z.strictObject({ type: z.literal('store'), preset, id }).describe('Stores the controls as a preset.'),
  z
    .strictObject({
      type: z.literal('learn'),
      control: control.nullable().describe('The name of the control; null ends learning.'),
      part,
      id,
    })
    .describe('MIDI learn: binds the next knob or key of a controller that is moved to a control.'),
  z
    .strictObject({
      type: z.literal('drummer'),
      on: z.boolean().describe('Whether he plays along.'),
      id,
    })
    .describe('Has a drummer play along, from the next bar on, or no longer.'),
  z
    .strictObject({
      type: z.literal('mute'),
      part: heardPart.default('piano').describe('The part; the piano unless given.'),
      on: z.boolean().describe('Whether it is muted.'),
      id,
    })
    .describe('Has a part play on without a sound, or with one again.'),
  z
    .strictObject({
      type: z.literal('solo'),
      part: heardPart.nullable().describe('The part; null has all parts heard again.'),
      id,
    })
    .describe('Has one part heard alone.'),
  z
    .strictObject({
      type: z.literal('give-theme'),
      notes: z
        .array(
          z.strictObject({
            onset: z
              .int()
              .min(0)
              .max(GIVEN_LIMITS.onset)
              .describe("Steps of 10 ms since the theme's beginning."),
            pitch: pitch.describe('The MIDI pitch that shall sound.'),
          }),
        )
        .max(GIVEN_LIMITS.most)
        .describe('Its notes, 12 of them at least.'),
      id,
    })
    .describe('Gives the music a theme, which returns.'),
  z
    .strictObject({
      type: z.literal('chords'),
      text: z
        .string()
        .max(LONGEST_CHORDS)
        .describe('Bars of chords as on a lead sheet, such as `Am7 F | C G/B`; empty to end them.'),
      id,
    })
    .describe('Keeps to these chords from the next bar on, over and over.'),
  z
    .strictObject({
      type: z.literal('note-on'),
      pitch,
      velocity: z.int().min(1).max(127).describe('MIDI velocity.'),
      channel,
      id,
    })
    .describe('Strikes a key, as on a keyboard that the pianist listens to.'),
  z.strictObject({ type: z.literal('note-off'), pitch, channel, id }).describe('Releases a key.'),
  z
    .strictObject({
      type: z.literal('control-change'),
      controller: z.int().min(0).max(119).describe('MIDI controller; 64 is the sustain pedal.'),
      value: z.int().min(0).max(127).describe('Its new value.'),
      channel,
      id,
    })
    .describe('Moves a pedal or another MIDI controller of that keyboard.'),
  z
    .strictObject({
      type: z.literal('ping'),
      t: z.number().describe('Any number, such as your time; comes back in `pong`.'),
      id,
    })
    .describe("Asks for a `pong`, which tells the server's time."),
] as const

/** All types of messages, in the order in which a refusal lists them. */
const TYPES = ['set', ...ACTION_NAMES, ...CLIENT_MESSAGES.slice(1).map(({ shape }) => shape.type.value)]
const MESSAGE = z.discriminatedUnion('type', [ACTION, ...CLIENT_MESSAGES])

type Given = z.infer<typeof MESSAGE>

/** A valid message of a client. */
export type ClientMessage =
  | Exclude<Given, { type: 'set' }>
  | (Omit<Extract<Given, { type: 'set' }>, 'value'> & { readonly value: ControlValue })

/** The `id` that a client may give to a message. */
export type MessageId = string | number | undefined

/** A valid message; or the `id` of an invalid one, if it had one, and why it is invalid. */
type Parsed =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly id: MessageId; readonly reason: string }

/** Reads a message that a client sent. Never throws. */
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

/**
 * The request that a message makes of the program, with `reset` for the message of that name; undefined if it makes
 * none.
 */
export function requestOf(message: ClientMessage, reset: Request): Request | undefined {
  switch (message.type) {
    case 'set': {
      const command = { type: 'set', control: message.control, value: message.value } as const
      return requestTo(message.part ?? 'piano', command)
    }
    case 'recall':
    case 'store':
      return { type: message.type, preset: message.preset as PresetNumber }
    case 'give-theme':
      return { type: 'give-theme', notes: message.notes }
    case 'chords':
      return { type: 'chords', text: message.text }
    case 'learn':
      return { type: 'learn', control: message.control, part: message.part ?? 'piano' }
    case 'drummer':
      return { type: 'drummer', on: message.on }
    case 'mute':
      return { type: 'mute', part: message.part, on: message.on }
    case 'solo':
      return { type: 'solo', part: message.part }
    case 'reset':
      return reset
    case 'forget-style':
      return { type: 'set-style', style: null }
    case 'note-on':
    case 'note-off':
    case 'control-change':
    case 'ping':
      return undefined
    default:
      return { type: message.type }
  }
}

/** The JSON schema (draft 2020-12) of every message of a client, the values of the controls included. */
export function clientSchema(): unknown {
  const sets = CONTROL_NAMES.map((name) =>
    z
      .strictObject({
        type: z.literal('set'),
        control: z.literal(name),
        value: valueSchema(CONTROLS[name]),
        part,
        id,
      })
      .describe(CONTROLS[name].help),
  )
  return z.toJSONSchema(z.union([...sets, ACTION, ...CLIENT_MESSAGES.slice(1)]), { io: 'input' })
}

/**
 * The schema of a control's values. Conditions that a schema can't express (an order, a sum) are left to `checkControl`.
 */
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
