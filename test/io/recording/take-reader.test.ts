import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONTROL_NAMES, defaultControls } from '../../../src/engine/controls/controls.js'
import type { TakeHeader } from '../../../src/engine/offline/take.js'
import { Refused } from '../../../src/engine/refused.js'
import { NEUTRAL_PROFILE } from '../../../src/engine/style/neutral-profile.js'
import type { TakenInput } from '../../../src/engine/surface/inputs.js'
import { parseLeadSheet } from '../../../src/io/lead-sheet/lead-sheet.js'
import { parseTake, readTake } from '../../../src/io/recording/take-reader.js'
import { createTakeWriter } from '../../../src/io/recording/take-writer.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-take-'))

const HEADER: TakeHeader = {
  program: '0.1.0',
  weights: 'a'.repeat(64),
  backend: 'wasm int16',
  model: 'tiny',
  seed: 7,
  controls: { ...defaultControls(), density: 8, register: [40, 80] },
  prompt: [60, 355],
  followTransport: false,
  horizon: 20,
}

const INPUTS: TakenInput[] = [
  { horizon: 0, origin: 1000.25, input: { kind: 'command', command: { type: 'play' }, by: 'keys' } },
  { horizon: 10.5, origin: 1000.25, input: { kind: 'slip', ms: 3.125 } },
  {
    horizon: 700,
    origin: 1003.375,
    input: {
      kind: 'heard',
      message: { kind: 'note-on', at: 650.1, channel: 2, pitch: 60, velocity: 90 },
    },
  },
  { horizon: 700, origin: 1003.375, input: { kind: 'command', command: { type: 'mark-theme' }, by: 'keys' } },
  { horizon: 700, origin: 1003.375, input: { kind: 'command', command: { type: 'take-style' }, by: 'web' } },
  {
    horizon: 700,
    origin: 1003.375,
    input: {
      kind: 'command',
      command: { type: 'set-style', style: { name: 'a.mid', profile: NEUTRAL_PROFILE } },
      by: 'keys',
    },
  },
  { horizon: 700, origin: 1003.375, input: { kind: 'command', command: { type: 'set-style', style: null } } },
  {
    horizon: 700,
    origin: 1003.375,
    input: {
      kind: 'command',
      command: { type: 'set-progression', progression: parseLeadSheet('3/4 Am7 | F:1 G/B | N.C.') },
      by: 'web',
    },
  },
  {
    horizon: 700,
    origin: 1003.375,
    input: { kind: 'command', command: { type: 'set-progression', progression: null } },
  },
  {
    horizon: 700,
    origin: 1003.375,
    input: {
      kind: 'command',
      command: {
        type: 'give-theme',
        notes: [
          { onset: 0, pitch: 60 },
          { onset: 10_000, pitch: 127 },
        ],
      },
    },
  },
  {
    horizon: 800,
    origin: 1003.375,
    input: { kind: 'command', command: { type: 'set', control: 'key', value: 'F#' }, by: 'web' },
  },
  {
    horizon: 800,
    origin: 1003.375,
    input: { kind: 'command', command: { type: 'set-some', controls: { density: 8, key: 'D' } } },
  },
  {
    horizon: 800,
    origin: 1003.375,
    input: {
      kind: 'command',
      command: {
        type: 'give-score',
        notes: [
          { onset: 0, pitch: 60, length: 50 },
          { onset: 50, pitch: 62, length: 50, loudness: { mean: 71.5, deviation: 12 } },
        ],
        freedom: 0.5,
      },
      by: 'keys',
    },
  },
]

const fresh = (name: string) => join(folder, name)

describe('a take', () => {
  it('can be read after every write, and is as it was written', () => {
    const path = fresh('whole.json')
    const writer = createTakeWriter(path, HEADER, (reason) => expect.fail(reason))
    expect(readTake(path)).toEqual({ ...HEADER, inputs: [], position: 0 })
    for (const [i, input] of INPUTS.entries()) {
      writer.add([input], input.horizon + 1 / 3)
      writer.flush()
      const inputs = JSON.parse(JSON.stringify(INPUTS.slice(0, i + 1)))
      expect(readTake(path)).toEqual({ ...HEADER, inputs, position: input.horizon + 1 / 3 })
    }
    writer.add([], 900)
    writer.end()
    expect(readTake(path).position).toBe(900)
  })

  it('is written on at the cost of the new inputs alone, however long it is already', () => {
    const path = fresh('long.json')
    const writer = createTakeWriter(path, HEADER, (reason) => expect.fail(reason))
    for (let n = 0; n < 20_000; n++) {
      writer.add([{ ...INPUTS[3]!, horizon: n }], n)
      if (n % 100 === 0) writer.flush()
    }
    writer.end()
    expect(readTake(path).inputs).toHaveLength(20_000)
  })

  it('reaches at least to its last input, even if an earlier position was given: else it could not be read', () => {
    const path = fresh('reach.json')
    const writer = createTakeWriter(path, HEADER, (reason) => expect.fail(reason))
    writer.add(INPUTS, 0)
    writer.end()
    expect(readTake(path).position).toBe(INPUTS.at(-1)?.horizon)
  })

  it('is never written over an existing file', () => {
    const path = fresh('there.json')
    writeFileSync(path, 'mine')
    expect(() => createTakeWriter(path, HEADER, () => {})).toThrow(Refused)
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  const text = (change: (take: Record<string, unknown>) => void): Uint8Array => {
    const take: Record<string, unknown> = structuredClone({
      format: 'rubato-take',
      version: 1,
      ...HEADER,
      inputs: INPUTS,
      position: 900,
    })
    change(take)
    return new TextEncoder().encode(JSON.stringify(take))
  }

  it('that was made before a control existed has the default of that control', () => {
    const { glide, ...older } = HEADER.controls
    expect(glide).toBe(0)
    const read = parseTake(text((take) => Object.assign(take, { controls: older })))
    expect(read.controls).toEqual(HEADER.controls)
  })

  const withTheme = (notes: unknown) => (take: Record<string, unknown>) =>
    Object.assign(take, {
      inputs: [{ horizon: 0, origin: 0, input: { kind: 'command', command: { type: 'give-theme', notes } } }],
    })

  const withStyle = (style: unknown) => (take: Record<string, unknown>) =>
    Object.assign(take, {
      inputs: [{ horizon: 0, origin: 0, input: { kind: 'command', command: { type: 'set-style', style } } }],
    })

  it('says what is wrong with a style', () => {
    const broken = withStyle({ name: 'a', profile: { ...NEUTRAL_PROFILE, density: 1000 } })
    expect(() => parseTake(text(broken))).toThrow(/a style has 1000 as density/)
  })

  it.each<[string, (take: Record<string, unknown>) => void]>([
    ['another format', (take) => Object.assign(take, { format: 'x' })],
    ['a later version', (take) => Object.assign(take, { version: 2 })],
    ['a seed out of range', (take) => Object.assign(take, { seed: 2 ** 32 })],
    ['a control that is unknown', (take) => Object.assign(take, { controls: { mood: 1 } })],
    [
      'a control out of range',
      (take) => Object.assign(take, { controls: { ...HEADER.controls, density: 400 } }),
    ],
    ['an event that is none', (take) => Object.assign(take, { prompt: [388] })],
    ['inputs out of order', (take) => Object.assign(take, { inputs: [...INPUTS].reverse() })],
    ['an end before its last input', (take) => Object.assign(take, { position: 5 })],
    ['a field that is unknown', (take) => Object.assign(take, { mood: 'sad' })],
    [
      'a command that is unknown',
      (take) =>
        Object.assign(take, {
          inputs: [{ horizon: 0, origin: 0, input: { kind: 'command', command: { type: 'dance' } } }],
        }),
    ],
    ['a theme of too many notes', withTheme(Array.from({ length: 401 }, () => ({ onset: 0, pitch: 60 })))],
    ['a theme that lasts too long', withTheme([{ onset: 10_001, pitch: 60 }])],
    ['a theme that begins before its beginning', withTheme([{ onset: -1, pitch: 60 }])],
    ['a theme between two steps', withTheme([{ onset: 0.5, pitch: 60 }])],
    ['a theme of a pitch that is none', withTheme([{ onset: 0, pitch: 128 }])],
    ['a theme of a note that has more to it', withTheme([{ onset: 0, pitch: 60, velocity: 80 }])],
    ['a theme without notes', withTheme(undefined)],
    ['a style without a profile', withStyle({ name: 'a' })],
    ['a style without a name', withStyle({ profile: NEUTRAL_PROFILE })],
    ['a style of too long a name', withStyle({ name: 'a'.repeat(256), profile: NEUTRAL_PROFILE })],
    ['a style that is no object', withStyle([])],
    [
      'a style of shares that sum to 2',
      withStyle({ name: 'a', profile: { ...NEUTRAL_PROFILE, waits: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0] } }),
    ],
  ])('with %s is refused with a reason', (_what, change) => {
    expect(() => parseTake(text(change))).toThrow(Refused)
  })

  it('that was changed at random, a thousand times, is read or refused with a reason', () => {
    const original = text(() => {})
    const random = randomNumbers(11)
    let refused = 0
    for (let n = 0; n < 1000; n++) {
      let bytes = Uint8Array.from(original)
      for (let change = 0; change <= 3 * random(); change++) {
        const at = Math.floor(bytes.length * random())
        const kind = random()
        if (kind < 0.5) bytes[at] = Math.floor(256 * random())
        else if (kind < 0.7) bytes = bytes.slice(0, at)
        else
          bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + Math.floor(9 * random()))])
      }
      try {
        const take = parseTake(bytes)
        expect(CONTROL_NAMES.every((name) => name in take.controls)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message.length).toBeGreaterThan(5)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(700)
  })
})
