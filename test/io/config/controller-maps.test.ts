import { describe, expect, test } from 'vitest'
import type { ControllerMap } from '../../../src/engine/mapping/bindings.js'
import { factoryMap } from '../../../src/engine/mapping/factory-maps.js'
import { Refused } from '../../../src/engine/refused.js'
import {
  controllerFile,
  formatControllerMap,
  parseControllerMap,
} from '../../../src/io/config/controller-maps.js'
import { controllerBytes, openMessageReader } from '../../../src/io/midi/controller-messages.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The map that a text is read as, and the complaints about it. */
function read(text: string) {
  const complaints: string[] = []
  const map = parseControllerMap(bytesOf(text), (clause) => complaints.push(clause))
  return { map, complaints }
}

function parse(text: string): ControllerMap {
  const { map, complaints } = read(text)
  expect(complaints).toEqual([])
  return map
}

const MAP: ControllerMap = {
  takeOver: 'scaled',
  bindings: [
    { source: { kind: 'cc', channel: 3, controller: 74 }, target: { kind: 'control', control: 'density' } },
    {
      source: { kind: 'cc', channel: null, controller: 7, relative: 'offset-64' },
      target: { kind: 'control', control: 'temperature' },
    },
    { source: { kind: 'cc14', channel: null, controller: 2 }, target: { kind: 'control', control: 'topP' } },
    { source: { kind: 'bend', channel: 0 }, target: { kind: 'control', control: 'dynamics' } },
    { source: { kind: 'note', channel: 9, pitch: 36 }, target: { kind: 'request', request: 'take-over' } },
    { source: { kind: 'program', channel: null, number: 5 }, target: { kind: 'preset', preset: 3 } },
    {
      source: { kind: 'cc', channel: null, controller: 75 },
      target: { kind: 'control', control: 'density', part: 'drums' },
    },
    {
      source: { kind: 'cc', channel: null, controller: 60, button: true },
      target: { kind: 'control', control: 'keyLock' },
    },
    {
      source: { kind: 'note', channel: null, pitch: 40 },
      target: { kind: 'control', control: 'mode', value: 'duet' },
    },
  ],
}

describe("a controller's map", () => {
  test('is read as it was written, with one line for each binding', () => {
    const text = formatControllerMap(MAP)
    expect(parse(text)).toEqual(MAP)
    expect(text.split('\n').filter((line) => line.includes('{"')).length).toBe(9)
    expect(text).toContain('{"channel":4,"cc":74,"control":"density"}')
    const shipped = factoryMap('nanoKONTROL2')
    expect(parse(formatControllerMap(shipped))).toEqual(shipped)
  })

  test.each([
    ['[]', "it isn't a table."],
    ['{"bindings":7}', "its bindings aren't a list of at most 256."],
    ['{"takeOver":"grab","bindings":[]}', 'takeOver takes jump, pickup, scaled, not "grab".'],
  ])('%s is refused with a reason', (text, reason) => {
    expect(() => read(text)).toThrow(reason)
    expect(() => read(text)).toThrow(Refused)
  })

  test.each([
    ['{"bindings":[{"cc":200,"control":"density"}]}', 'cc takes a whole number from 0 to 127, not 200.'],
    ['{"bindings":[{"cc":1,"control":"loudness"}]}', /^control takes temperature, .*, not "loudness"\.$/],
    ['{"bindings":[{"cc":1,"control":"register"}]}', /no single place/],
    [
      '{"bindings":[{"control":"density"}]}',
      'a binding has none of cc, cc14, note, program and "bend": true.',
    ],
    ['{"bindings":[{"cc":1,"control":"density","speed":2}]}', /speed/],
    ['{"bindings":[{"note":1,"control":"mode","value":"trio"}]}', /^mode takes one of/],
    ['{"bindings":[{"cc":1,"control":"density","part":"choir"}]}', /^part takes piano, drums/],
    ['{"bindings":[{"cc":1,"control":"mode","player":"drums"}]}', /drummer has no mode/],
  ])('of %s is used but for that binding, and a notice says what is left out', (text, reason) => {
    const whole = text.replace('[{', '[{"cc":9,"control":"topP"},{')
    const { map, complaints } = read(whole)
    expect(map.bindings.map(({ source }) => source)).toEqual([{ kind: 'cc', channel: null, controller: 9 }])
    expect(complaints).toHaveLength(1)
    const said = complaints[0]?.replace('binding 2 is left out: ', '') ?? ''
    if (typeof reason === 'string') expect(said).toBe(reason)
    else expect(said).toMatch(reason)
  })

  test('has a file name of letters, digits and dashes, without the port numbers that change', () => {
    expect(controllerFile('nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0')).toBe(
      'controllers/nanokontrol2-nanokontrol2-midi-1.json',
    )
    expect(controllerFile('../../etc/passwd')).toBe('controllers/etc-passwd.json')
    expect(controllerFile('鍵盤')).toBe('controllers/unnamed.json')
  })

  test('of 2,000 mutated files each is read or refused with a reason; nothing else is thrown', () => {
    const random = randomNumbers(8)
    const text = formatControllerMap(MAP)
    let refused = 0
    for (let n = 0; n < 2000; n++) {
      const bytes = bytesOf(text)
      for (let k = 0; k < 1 + 4 * random(); k++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(256 * random())
      }
      try {
        expect(parseControllerMap(bytes, () => {}).bindings.length).toBeLessThanOrEqual(9)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message.length).toBeGreaterThan(5)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(1000)
  })
})

describe('the messages of a controller', () => {
  test('are read from their bytes; a note-on of velocity 0 is a note-off', async () => {
    const read = await openMessageReader()
    expect(read([0xb2, 74, 100])).toEqual({ kind: 'cc', channel: 2, controller: 74, value: 100 })
    expect(read([0xe0, 1, 2])).toEqual({ kind: 'bend', channel: 0, value: 257 })
    expect(read([0xc5, 9])).toEqual({ kind: 'program', channel: 5, number: 9 })
    expect(read([0x90, 60, 1])).toEqual({ kind: 'note-on', channel: 0, pitch: 60, velocity: 1 })
    expect(read([0x90, 60, 0])).toEqual({ kind: 'note-off', channel: 0, pitch: 60 })
    expect(read([0x80, 60, 5])).toEqual({ kind: 'note-off', channel: 0, pitch: 60 })
  })

  test('that are cut short, have a stray byte or are of another kind are undefined', async () => {
    const read = await openMessageReader()
    for (const bytes of [
      [],
      [0xb0],
      [0xb0, 1],
      [0xb0, 128, 1],
      [60, 1, 2],
      [0xf8],
      [0xd0, 4],
      [0xb0, 1, Number.NaN],
    ]) {
      expect(read(bytes)).toBeUndefined()
    }
  })

  test('are written as bytes that read as the same message', async () => {
    const read = await openMessageReader()
    const random = randomNumbers(5)
    for (let n = 0; n < 2000; n++) {
      const status = [0x80, 0x90, 0xb0, 0xe0][Math.floor(4 * random())] ?? 0x80
      const bytes = [
        status | Math.floor(16 * random()),
        Math.floor(128 * random()),
        1 + Math.floor(127 * random()),
      ]
      const message = read(bytes)
      expect(message).toBeDefined()
      if (message) expect(read(controllerBytes(message))).toEqual(message)
    }
  })
})
