import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkControl } from '../../src/engine/controls/control-values.js'
import { CONTROL_NAMES, CONTROLS } from '../../src/engine/controls/controls.js'
import { clientSchema, parseClientMessage, requestOf, valueSchema } from '../../src/server/client-messages.js'
import { randomNumbers } from '../helpers/random-numbers.js'

const SCHEMA = fileURLToPath(new URL('../../docs/client-messages.schema.json', import.meta.url))
const parse = (message: unknown) => parseClientMessage(JSON.stringify(message))

test('a set message is for the drummer where its part says so, else for the pianist', () => {
  const command = { type: 'set', control: 'density', value: 12 }
  for (const [part, request] of [
    ['drums', { type: 'drums', command }],
    ['piano', command],
    [undefined, command],
  ] as const) {
    const parsed = parse({ ...command, ...(part && { part }) })
    if (!parsed.ok) throw new Error(parsed.reason)
    expect(requestOf(parsed.message, { type: 'undo' })).toEqual(request)
  }
  expect(parse({ type: 'set', control: 'density', value: 12, part: 'choir' }).ok).toBe(false)
})

test('who plays along and what is heard is asked for as it stands; mute is for the piano where no part is named', () => {
  for (const [message, request] of [
    [
      { type: 'drummer', on: true },
      { type: 'drummer', on: true },
    ],
    [
      { type: 'mute', on: true },
      { type: 'mute', part: 'piano', on: true },
    ],
    [
      { type: 'solo', part: 'drums', id: 2 },
      { type: 'solo', part: 'drums' },
    ],
  ] as const) {
    const parsed = parse(message)
    if (!parsed.ok) throw new Error(parsed.reason)
    expect(requestOf(parsed.message, { type: 'undo' })).toEqual(request)
  }
  expect(parse({ type: 'mute', part: 'choir', on: true }).ok).toBe(false)
  expect(parse({ type: 'drummer' }).ok).toBe(false)
})

describe('a message of a client', () => {
  test.each([
    { type: 'set', control: 'density', value: 12 },
    { type: 'set', control: 'density', value: null, id: 7 },
    { type: 'set', control: 'register', value: [40, 80] },
    { type: 'set', control: 'key', value: 'F#', id: 'a' },
    { type: 'set', control: 'keyLock', value: true },
    { type: 'panic' },
    { type: 'reset' },
    { type: 'recall', preset: 9 },
    { type: 'store', preset: 1 },
    { type: 'mark-theme', id: 3 },
    { type: 'take-style', id: 3 },
    { type: 'give-theme', notes: [{ onset: 10_000, pitch: 60 }] },
    { type: 'chords', text: 'Am7 F | C G/B', id: 4 },
    { type: 'chords', text: '' },
    { type: 'drummer', on: true },
    { type: 'mute', part: 'drums', on: false, id: 4 },
    { type: 'solo', part: 'drums' },
    { type: 'solo', part: null },
    { type: 'note-on', pitch: 60, velocity: 1, channel: 16 },
    { type: 'note-off', pitch: 0, channel: 1 },
    { type: 'control-change', controller: 64, value: 127, channel: 2 },
    { type: 'ping', t: 0.5 },
  ])('$type is understood as it stands: $control', (message) => {
    expect(parse(message)).toEqual({ ok: true, message })
  })

  test.each([
    [{ type: 'set', control: 'density', value: 99 }, 'density takes auto or 0.5 to 40 notes/s.'],
    [{ type: 'set', control: 'speed', value: 1 }, '"control"'],
    [{ type: 'set', control: 'density' }, '"value"'],
    [{ type: 'set', control: '__proto__', value: 1 }, '"control"'],
    [{ type: 'dance' }, '"type" takes set, play'],
    [{ type: 'recall', preset: 0 }, '"preset"'],
    [{ type: 'note-on', pitch: 128, velocity: 5 }, '"pitch"'],
    [{ type: 'note-on', pitch: 60, velocity: 0 }, '"velocity"'],
    [{ type: 'control-change', controller: 123, value: 0 }, '"controller"'],
    [{ type: 'panic', loudly: true }, 'loudly'],
    [{ type: 'chords' }, '"text"'],
    [{ type: 'chords', text: 'C '.repeat(10_001) }, '"text"'],
    [{ type: 'give-theme' }, '"notes"'],
    [{ type: 'give-theme', notes: [{ onset: 10_001, pitch: 60 }] }, '"notes.0.onset"'],
    [{ type: 'give-theme', notes: [{ onset: 0.5, pitch: 60 }] }, '"notes.0.onset"'],
    [{ type: 'give-theme', notes: [{ onset: 0, pitch: 128 }] }, '"notes.0.pitch"'],
    [{ type: 'give-theme', notes: Array(401).fill({ onset: 0, pitch: 60 }) }, '"notes"'],
    [[], 'message'],
    [null, 'message'],
    ['panic', 'message'],
  ])('%j is refused with a reason', (message, reason) => {
    const parsed = parse(message)
    expect(parsed.ok ? '' : parsed.reason.toLowerCase()).toContain(reason.toLowerCase())
  })

  test('a refusal carries the id of what it refuses', () => {
    expect(parse({ type: 'dance', id: 5 })).toMatchObject({ ok: false, id: 5 })
    expect(parse({ type: 'set', control: 'density', value: 'x', id: 'b' })).toMatchObject({ id: 'b' })
    expect(parse({ type: 'dance', id: { deep: 1 } })).toMatchObject({ ok: false, id: undefined })
  })

  test('100,000 random and mutated messages are understood or refused with a reason, and none throws', () => {
    const random = randomNumbers(3)
    const whole = (limit: number) => Math.floor(limit * random())
    const seeds = [
      '{"type":"set","control":"density","value":12,"id":1}',
      '{"type":"set","control":"pitchWeights","value":[1,0,1,0,1,1,0,1,0,1,0,1]}',
      '{"type":"note-on","pitch":60,"velocity":80,"channel":2}',
      '{"type":"recall","preset":3}',
      '{"type":"ping","t":12.5}',
      '{"type":"panic"}',
      '{"type":"give-theme","notes":[{"onset":0,"pitch":60},{"onset":25,"pitch":64}]}',
    ]
    const junk = [
      '{',
      '}',
      '"',
      '1e999',
      '-0',
      'null',
      '\u0000',
      '[[[[',
      '__proto__',
      '\ud800',
      ',',
      '0x1',
      'NaN',
    ]
    let understood = 0
    let refused = 0
    for (let n = 0; n < 100_000; n++) {
      let text = seeds[whole(seeds.length)]!
      if (n % 3 === 0)
        text = Array.from({ length: whole(40) }, () => String.fromCharCode(whole(300))).join('')
      for (let change = whole(4); change > 0; change--) {
        const at = whole(text.length)
        const put = random() < 0.5 ? junk[whole(junk.length)]! : String.fromCharCode(whole(128))
        text = text.slice(0, at) + put + text.slice(at + whole(3))
      }
      const parsed = parseClientMessage(text)
      if (parsed.ok) understood++
      else {
        refused++
        expect(parsed.reason.length).toBeGreaterThan(5)
      }
    }
    expect(understood).toBeGreaterThan(1000)
    expect(refused).toBeGreaterThan(50_000)
  })
})

describe('the schema of client messages', () => {
  test('docs/client-messages.schema.json is as the code has it (RUBATO_WRITE_SCHEMA=1 rewrites it)', () => {
    const text = `${JSON.stringify(clientSchema(), null, 2)}\n`
    if (process.env.RUBATO_WRITE_SCHEMA) writeFileSync(SCHEMA, text)
    expect(existsSync(SCHEMA) ? readFileSync(SCHEMA, 'utf8') : '').toBe(text)
  })

  test('accepts every value that the controls accept, and some that only the controls refuse (an order, a sum)', () => {
    const values = [
      null,
      true,
      false,
      -1,
      0,
      0.5,
      1,
      1.5,
      12,
      64,
      127,
      128,
      'C',
      'off',
      'major',
      [40, 80],
      [21, 109],
      'x',
    ]
    for (const name of CONTROL_NAMES) {
      for (const value of values) {
        expect(valueSchema(CONTROLS[name]).safeParse(value).success, `${name} ${value}`).toBe(
          checkControl(name, value).ok,
        )
      }
    }
    expect(valueSchema(CONTROLS.register).safeParse([80, 40]).success).toBe(true)
    expect(checkControl('register', [80, 40]).ok).toBe(false)
  })
})
