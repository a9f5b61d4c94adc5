import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { CONTROL_FLAGS, controlsFrom, parseFlags } from '../../src/cli/flags/flags.js'
import { inputSettingsOf, PORT_FLAGS, portsFrom } from '../../src/cli/flags/port-flags.js'
import { describeRemembered } from '../../src/cli/remembered.js'
import { defaultControls } from '../../src/engine/controls/controls.js'
import { DEFAULT_PORTS, parseSettings } from '../../src/io/config/settings.js'
import { modelFolder } from '../../src/io/models/model-files.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const given = (args: string) =>
  parseFlags(args.split(' ').filter(Boolean), [...PORT_FLAGS, ...CONTROL_FLAGS], false)

const PORTS = {
  to: 'FLUID',
  from: 'Keys',
  controller: 'nanoKONTROL2',
  fromChannel: 2,
  thru: 5,
  split: 48,
  sync: 'transport',
} as const

describe('remembered settings', () => {
  test('give way to flags, one by one', () => {
    expect(portsFrom(given(''), PORTS)).toEqual(PORTS)
    expect(portsFrom(given('--to Other --thru off --sync off'), PORTS)).toEqual({
      ...PORTS,
      to: 'Other',
      thru: 'off',
      sync: 'off',
    })
    expect(
      portsFrom(given('--to none --from none --controller none --from-channel any --split none'), PORTS),
    ).toEqual({
      ...DEFAULT_PORTS,
      thru: 5,
      sync: 'transport',
    })
    const before = { ...defaultControls(), temperature: 0.9, keyLock: true }
    expect(controlsFrom(given('--density 3'), before)).toEqual({ ...before, density: 3 })
    expect(controlsFrom(given('--no-key-lock --temperature 1'), before)).toEqual(defaultControls())
  })

  test('reach the ear with channels 0-15', () => {
    expect(inputSettingsOf(PORTS)).toEqual({ fromChannel: 1, thru: 4, split: 48 })
    expect(inputSettingsOf(DEFAULT_PORTS)).toEqual({ fromChannel: 'any', thru: 'off', split: 'none' })
  })

  test('are listed in one line, without those that flags set anew', () => {
    const controls = { ...defaultControls(), temperature: 0.9, key: 'D' as const }
    const settings = { ports: DEFAULT_PORTS, controls }
    expect(describeRemembered(given(''), settings)).toBe(
      'Remembered: temperature 0.9, key D (--fresh forgets).',
    )
    expect(describeRemembered(given('--key off --to X'), { ports: PORTS, controls })).toBe(
      'Remembered: from "Keys", controller "nanoKONTROL2", from-channel 2, thru 5, split 48, sync transport, temperature 0.9 (--fresh forgets).',
    )
    expect(describeRemembered(given('--key E --temperature 1'), settings)).toBeNull()
    expect(describeRemembered(given(''), { ports: DEFAULT_PORTS, controls: defaultControls() })).toBeNull()
  })
})

describe.skipIf(!threadsAreBuilt)(`play (${BUILD})`, () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rubato-remembered-'))
  })
  const file = () => join(folder, 'settings.json')

  /** Plays the tiny model for half a second. @returns what it writes to stderr */
  async function play(...args: string[]): Promise<string> {
    const flags = ['--headless', '--for', '0.5', '--seed', '1', '--model', modelFolder('tiny'), ...args]
    const { stderr } = await promisify(execFile)('node', [BUILT_CLI, ...flags], {
      env: withSettingsIn(folder),
    })
    return stderr
  }

  test('remembers controls and ports, lists them, and forgets them with --fresh', async () => {
    const first = await play('--temperature', '0.9', '--key', 'D', '--split', '60')
    expect(first).not.toContain('Remembered')
    expect(parseSettings(readFileSync(file()))).toEqual({
      ports: { ...DEFAULT_PORTS, split: 60 },
      controls: { ...defaultControls(), temperature: 0.9, key: 'D' },
    })
    expect(await play('--key', 'E')).toContain('Remembered: split 60, temperature 0.9 (--fresh forgets).\n')
    expect(await play()).toContain('Remembered: split 60, temperature 0.9, key E (--fresh forgets).\n')
    expect(await play('--split', 'none')).toContain('Remembered: temperature 0.9, key E (--fresh forgets).\n')
    expect(parseSettings(readFileSync(file())).ports).toEqual(DEFAULT_PORTS)
    expect(await play('--fresh')).not.toContain('Remembered')
    expect(await play()).not.toContain('Remembered')
    expect(parseSettings(readFileSync(file()))).toEqual({
      ports: DEFAULT_PORTS,
      controls: defaultControls(),
    })
  })

  test('sets a broken settings file aside with a sentence and plays', async () => {
    writeFileSync(file(), '{"controls":{"temperature":"hot"}}')
    const said = await play('--density', '4')
    expect(said).toMatch(
      /settings\.json can't be used: temperature takes 0\.1 to 2; it was set aside as settings\.json\.broken, and Rubato goes on without it\.\nRubato plays|.*Playing on in silence/,
    )
    expect(readFileSync(`${file()}.broken`, 'utf8')).toBe('{"controls":{"temperature":"hot"}}')
    expect(parseSettings(readFileSync(file())).controls.density).toBe(4)
  })

  test('starts without a remembered port that is gone, and still remembers its name', async () => {
    writeFileSync(file(), JSON.stringify({ ports: { to: 'No Such Port' } }))
    const said = await play()
    expect(said).toContain('Remembered: to "No Such Port" (--fresh forgets).\n')
    expect(said).toContain('Rubato plays ')
    // The port may be back the next time.
    expect(parseSettings(readFileSync(file())).ports.to).toBe('No Such Port')
  })

  test('changes no settings where it is refused', async () => {
    writeFileSync(file(), '{"controls":{"density":3}}')
    await expect(play('--fresh', '--temperature', '7')).rejects.toMatchObject({ code: 2 })
    await expect(play('--to', 'No Such Port')).rejects.toMatchObject({ code: 2 })
    expect(readFileSync(file(), 'utf8')).toBe('{"controls":{"density":3}}')
    expect(existsSync(`${file()}.broken`)).toBe(false)
  })

  test('reports once that the settings cannot be written, and plays', async () => {
    writeFileSync(join(folder, 'taken'), '')
    folder = join(folder, 'taken')
    const said = await play('--density', '4')
    expect(said.split('\n').filter((line) => line.includes('so nothing is remembered'))).toHaveLength(1)
    expect(said).toContain('Rubato plays ')
  })
})
