import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CONTROL_NAMES, defaultControls } from '../../../src/engine/controls/controls.js'
import { Refused } from '../../../src/engine/refused.js'
import { touchedControls } from '../../../src/io/config/control-record.js'
import {
  DEFAULT_PORTS,
  formatSettings,
  parseSettings,
  readSettings,
  type Settings,
  writeSettings,
} from '../../../src/io/config/settings.js'
import { userFilePath } from '../../../src/io/config/user-folder.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const SETTINGS: Settings = {
  ports: {
    to: 'IAC Driver Bus 1',
    from: 'Keys',
    controller: 'nanoKONTROL2',
    fromChannel: 3,
    thru: 'same',
    split: 60,
    sync: 'transport',
  },
  controls: {
    ...defaultControls(),
    temperature: 0.9,
    density: 6,
    pitchWeights: [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0.5],
    key: 'D',
    keyLock: true,
    register: [48, 72],
  },
}
const bytesOf = (text: string) => new TextEncoder().encode(text)

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-settings-'))
  path = join(folder, 'deep', 'settings.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The settings read at `path`, and the notices, in which the folder is left out. */
function read(): { settings: Settings | null; said: string[] } {
  const said: string[] = []
  const settings = readSettings(path, (sentence) => said.push(sentence.replaceAll(folder, '')))
  return { settings, said }
}

describe('settings', () => {
  test('are read as they were written, and the folder is made', () => {
    writeSettings(path, SETTINGS)
    expect(read()).toEqual({ settings: SETTINGS, said: [] })
    expect(readdirSync(join(folder, 'deep'))).toEqual(['settings.json'])
  })

  test('name only the controls that were changed; the others are read as their defaults', () => {
    expect(touchedControls(SETTINGS.controls)).toEqual([
      'temperature',
      'density',
      'pitchWeights',
      'key',
      'keyLock',
      'register',
    ])
    const untouched = { ports: DEFAULT_PORTS, controls: defaultControls() }
    expect(JSON.parse(formatSettings(untouched)).controls).toEqual({})
    expect(parseSettings(bytesOf('{}'))).toEqual(untouched)
  })

  test('are null where there is no file, without a notice', () => {
    expect(read()).toEqual({ settings: null, said: [] })
    expect(existsSync(join(folder, 'deep'))).toBe(false)
  })

  test.each([
    ['no JSON', '{', "it isn't valid JSON"],
    ['a list', '[]', "it isn't a table of settings"],
    ['no UTF-8', Uint8Array.of(123, 255, 125), "it isn't UTF-8 text"],
    ['a key twice', '{"ports":{},"ports":{}}', 'it gives the key "ports" twice'],
    ['a part unknown', '{"port":{}}', 'it has a setting "port" that isn\'t known here'],
    ['controls of a wrong type', '{"controls":[]}', "its controls aren't a table"],
    ['ports of a wrong type', '{"ports":"x"}', "its ports aren't a table"],
    [
      'a control unknown',
      '{"controls":{"loudness":1}}',
      'it has a setting "loudness" that isn\'t known here',
    ],
    ['a control out of range', '{"controls":{"temperature":9}}', 'temperature takes 0.1 to 2'],
    ['a control of a wrong type', '{"controls":{"keyLock":1}}', 'keyLock takes on or off'],
    ['a port unknown', '{"ports":{"via":"x"}}', 'it has a setting "via" that isn\'t known here'],
    ['a name that is none', '{"ports":{"to":1}}', 'to takes the name of a port, not 1'],
    [
      'a name that moves the cursor',
      '{"ports":{"from":"a\\u001b[2J"}}',
      'from takes the name of a port, not "a\\u001b[2J"',
    ],
    ['a channel out of range', '{"ports":{"fromChannel":0}}', 'fromChannel takes 1 to 16, not 0'],
    ['a thru unknown', '{"ports":{"thru":"up"}}', 'thru takes off, same or 1 to 16, not "up"'],
    ['a split of a wrong type', '{"ports":{"split":"60"}}', 'split takes 0 to 127, not "60"'],
    ['a sync unknown', '{"ports":{"sync":"sun"}}', 'sync takes off, transport, clock, link, master, not "sun"'],
    ['64 KB', ' '.repeat(65_537), 'it is 65537 bytes long, too much for settings'],
  ])('of %s are set aside, with a notice', (_, content, reason) => {
    mkdirSync(join(folder, 'deep'))
    writeFileSync(path, content)
    expect(read()).toEqual({
      settings: null,
      said: [
        `/deep/settings.json can't be used: ${reason}; it was set aside as settings.json.broken, and Rubato goes on without it.`,
      ],
    })
    expect(readFileSync(`${path}.broken`)).toEqual(Buffer.from(content))
    expect(read()).toEqual({ settings: null, said: [] })
    writeSettings(path, SETTINGS)
    expect(read().settings).toEqual(SETTINGS)
  })

  test('that are a folder are set aside; a notice says so if that fails too', () => {
    mkdirSync(path, { recursive: true })
    expect(read().said).toEqual([
      "/deep/settings.json can't be used: it isn't a file; it was set aside as settings.json.broken, and Rubato goes on without it.",
    ])
    mkdirSync(path)
    writeFileSync(join(`${path}.broken`, 'x'), '')
    expect(read().said).toHaveLength(1)
    expect(() => writeSettings(path, SETTINGS)).toThrow(Refused)
  })

  test('below a file instead of a folder are null, and writing them is refused in a sentence', () => {
    writeFileSync(join(folder, 'deep'), '')
    expect(read()).toEqual({ settings: null, said: [] })
    expect(() => writeSettings(path, SETTINGS)).toThrow(/ can't be made \(\w+\), so nothing is remembered\.$/)
  })

  test('of 1000 files with bytes changed, cut or added each is read or refused; nothing else is thrown', () => {
    const random = randomNumbers(11)
    const below = (limit: number) => Math.floor(random() * limit)
    const original = bytesOf(formatSettings(SETTINGS))
    let refused = 0
    for (let n = 0; n < 1000; n++) {
      const bytes = Uint8Array.from(mutate([...original], below))
      try {
        const { ports, controls } = parseSettings(bytes)
        expect(Object.keys(controls)).toEqual(CONTROL_NAMES)
        expect(Object.keys(ports)).toEqual(Object.keys(DEFAULT_PORTS))
        // Settings that were read can be written and read again.
        expect(parseSettings(bytesOf(formatSettings({ ports, controls })))).toEqual({ ports, controls })
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message).toMatch(/^[^\n]+\.$/)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(500)
    expect(refused).toBeLessThan(990)
  })
})

/** Makes one or two changes: bytes are cut out, inserted or replaced, by any bytes or by characters that JSON uses. */
function mutate(bytes: number[], below: (limit: number) => number): number[] {
  const alphabet = bytesOf('{}[]",:0123456789.-eE nulltruefalse\\u')
  for (let left = 1 + below(2); left > 0; left--) {
    const at = below(bytes.length)
    const kind = below(5)
    if (kind === 0) bytes.splice(at, 1 + below(20))
    else if (kind === 1) bytes.splice(at, 0, alphabet[below(alphabet.length)]!)
    else if (kind === 2) bytes[at] = below(256)
    else if (kind === 3) bytes[at] = alphabet[below(alphabet.length)]!
    else bytes.length = at
  }
  return bytes
}

describe('the path of the settings', () => {
  const at = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
    userFilePath('settings.json', env, platform)?.replaceAll('\\', '/')

  test.each([
    ['linux', { HOME: '/home/x' }, '/home/x/.config/rubato/settings.json'],
    ['linux', { HOME: '/home/x', XDG_CONFIG_HOME: '/conf' }, '/conf/rubato/settings.json'],
    ['linux', { HOME: '/home/x', XDG_CONFIG_HOME: 'conf' }, '/home/x/.config/rubato/settings.json'],
    ['darwin', { HOME: '/Users/x' }, '/Users/x/Library/Preferences/rubato/settings.json'],
    ['win32', { HOME: 'C:/x', APPDATA: 'C:/x/Roaming' }, 'C:/x/Roaming/rubato/Config/settings.json'],
    ['win32', { HOME: 'C:/x' }, 'C:/x/AppData/Roaming/rubato/Config/settings.json'],
    ['linux', { HOME: '/home/x', RUBATO_CONFIG: '/mine' }, '/mine/settings.json'],
  ] as const)('on %s with %j is %s', (platform, env, path) => {
    expect(at(env, platform)).toBe(path)
  })
})
