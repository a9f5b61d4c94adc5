import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { checkControl } from '../../engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  type ControlName,
  type Controls,
  earlierControls,
} from '../../engine/controls/controls.js'
import { CHORD_LIMITS } from '../../engine/language/chords.js'
import { EVENT_COUNT } from '../../engine/language/events.js'
import type { Take } from '../../engine/offline/take.js'
import { Refused } from '../../engine/refused.js'
import { parseStrictJson } from '../../engine/strict-json.js'
import { checkProfile, LONGEST_NAME } from '../../engine/style/profile.js'
import { GIVEN_LIMITS, MOST_SCORE_NOTES } from '../../engine/surface/commands.js'
import type { TakenInput } from '../../engine/surface/inputs.js'
import type { Ms } from '../../engine/units.js'
import { codeOf } from '../error-text.js'
import { decodeText } from '../text-file.js'
import { TAKE_FORMAT, TAKE_VERSION } from './take-writer.js'

/** Most bytes of a take that is read: ten hours in which knobs are turned all the time make less. */
const MAX_BYTES = 256 * 1024 * 1024
/** The latest time in a score, in steps: a day, as in a MIDI file. */
const LONGEST_SCORE = 8_640_000
const origin = z.enum(['keys', 'controller', 'web', 'band']).optional()
const controlName = z.enum(CONTROL_NAMES as [ControlName, ...ControlName[]])
const data = z.int().min(0).max(127)
const channel = z.int().min(0).max(15)
const at = z.number()

const givenNote = z.strictObject({ onset: z.int().min(0).max(GIVEN_LIMITS.onset), pitch: data })

const set = z
  .strictObject({ type: z.literal('set'), control: controlName, value: z.unknown() })
  .refine(
    ({ control, value }) => checkControl(control, value).ok,
    'a control has a value that it does not take',
  )
const changes = z
  .strictObject(Object.fromEntries(CONTROL_NAMES.map((name) => [name, z.unknown()])))
  .partial()
  .refine(
    (given) => CONTROL_NAMES.every((name) => !(name in given) || checkControl(name, given[name]).ok),
    'a control has a value that it does not take',
  )
const profile = z.unknown().transform((given, context) => {
  try {
    return checkProfile(given, 'a style')
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    context.addIssue(error.message)
    return z.NEVER
  }
})
const style = z.strictObject({ name: z.string().max(LONGEST_NAME), profile })
const chord = z.strictObject({
  symbol: z.string().max(CHORD_LIMITS.symbol),
  tones: z.int().min(1).max(0xfff),
  bass: z.int().min(0).max(11),
})
const progression = z.strictObject({
  spans: z
    .array(z.strictObject({ chord: chord.nullable(), beats: z.number().positive().max(CHORD_LIMITS.beats) }))
    .min(1)
    .max(CHORD_LIMITS.spans),
  beatsPerBar: z.number().positive().max(CHORD_LIMITS.beats),
})
const loudness = z.strictObject({ mean: z.number().min(1).max(127), deviation: z.number().min(1).max(127) })
const command = z.discriminatedUnion('type', [
  set,
  z.strictObject({ type: z.literal('set-some'), controls: changes }),
  z.strictObject({ type: z.literal('mute'), on: z.boolean() }),
  z.strictObject({
    type: z.literal('give-score'),
    freedom: z.number().min(0).max(1),
    notes: z
      .array(
        z.strictObject({
          onset: z.int().min(0).max(LONGEST_SCORE),
          pitch: data,
          length: z.int().min(1).max(LONGEST_SCORE),
          loudness: loudness.optional(),
        }),
      )
      .max(MOST_SCORE_NOTES),
  }),
  z.strictObject({ type: z.literal('again'), back: z.number().min(0).max(600_000).optional() }),
  z.strictObject({ type: z.literal('give-theme'), notes: z.array(givenNote).max(GIVEN_LIMITS.most) }),
  z.strictObject({ type: z.literal('set-progression'), progression: progression.nullable() }),
  z.strictObject({ type: z.literal('set-style'), style: style.nullable() }),
  z.strictObject({
    type: z.enum([
      'undo',
      'play',
      'pause',
      'end',
      'panic',
      'take-over',
      'mark-theme',
      'take-style',
      'forget',
    ]),
  }),
])
const heard = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('note-on'), at, channel, pitch: data, velocity: data }),
  z.strictObject({ kind: z.literal('note-off'), at, channel, pitch: data, velocity: data }),
  z.strictObject({ kind: z.literal('control-change'), at, channel, controller: data, value: data }),
  z.strictObject({ kind: z.literal('transport'), at, action: z.enum(['start', 'continue', 'stop']) }),
])
const input = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('command'), command, by: origin }),
  z.strictObject({ kind: z.literal('heard'), message: heard }),
  z.strictObject({ kind: z.literal('tempo'), beatMs: z.number().positive().nullable() }),
  z.strictObject({
    kind: z.literal('pulse'),
    pulse: z.strictObject({ at: z.number(), beatMs: z.number().positive() }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('song'),
    song: z.strictObject({ beat: z.number(), tempo: z.number().positive() }).nullable(),
  }),
  z.strictObject({ kind: z.literal('bar'), clock: z.int() }),
  z.strictObject({ kind: z.literal('slip'), ms: z.number() }),
])
const take = z.strictObject({
  format: z.literal(TAKE_FORMAT),
  version: z.literal(TAKE_VERSION),
  program: z.string().max(64),
  weights: z.string().regex(/^[0-9a-f]{64}$/),
  backend: z.string().max(64),
  model: z.string().max(256),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  controls: changes,
  prompt: z
    .array(
      z
        .int()
        .min(0)
        .max(EVENT_COUNT - 1),
    )
    .max(100_000),
  followTransport: z.boolean(),
  horizon: z.number().min(0).max(1000),
  inputs: z.array(z.strictObject({ horizon: at, origin: at, rate: z.number().positive().optional(), input })),
  position: at,
})

/** The longest performance that is replayed, 30 days. A take with a longer one is damaged. */
const LONGEST_MS: Ms = 30 * 24 * 3600 * 1000

/** Reads the bytes of a take. Throws {@link Refused}, whose message is a clause, for anything that it can't use. */
export function parseTake(bytes: Uint8Array): Take {
  const result = take.safeParse(parseStrictJson(decodeText(bytes), 'it'))
  if (!result.success) {
    const [issue] = result.error.issues
    throw new Refused(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it makes no sense'}.`)
  }
  const { format, version, ...parsed } = result.data
  let reached = Number.NEGATIVE_INFINITY
  for (const { horizon } of parsed.inputs) {
    if (horizon < reached) throw new Refused('its inputs are not in order of time.')
    reached = horizon
  }
  if (parsed.position < reached || parsed.position > LONGEST_MS) {
    throw new Refused('it ends before its last input, or lasts longer than 30 days.')
  }
  return {
    ...parsed,
    // A take that was made before a control existed doesn't name it.
    controls: { ...earlierControls(), ...(parsed.controls as Partial<Controls>) },
    inputs: parsed.inputs as TakenInput[],
  }
}

/** Reads the take at `path`. Throws {@link Refused}, naming the path. */
export function readTake(path: string): Take {
  try {
    const found = statSync(path)
    if (!found.isFile()) throw new Refused("it isn't a file.")
    if (found.size > MAX_BYTES) throw new Refused(`it is ${found.size} bytes long, too much for a take.`)
    return parseTake(readFileSync(path))
  } catch (error) {
    if (error instanceof Refused) throw new Refused(`${path} can't be used: ${error.message}`)
    throw new Refused(`${path} can't be read (${codeOf(error)}).`)
  }
}
