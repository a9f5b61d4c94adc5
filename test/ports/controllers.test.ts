import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openMidiLibrary } from '../../src/io/midi/midi-library.js'
import { collectLines, noSequencer, until } from '../helpers/alsa-peer.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const MAP = `{
  "takeOver": "pickup",
  "bindings": [
    {"cc":20,"control":"density"},
    {"cc":21,"control":"temperature"},
    {"note":36,"control":"key-lock"}
  ]
}
`.replace('key-lock', 'keyLock')

const children: ChildProcess[] = []
const plugged: { unplug(): void }[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  // A test that failed may have left controllers plugged in; their ports must not disturb the next test.
  for (const controller of plugged.splice(0)) controller.unplug()
})

interface Report {
  readonly controls: Readonly<Record<string, string>>
}

function startRubato(settings: string) {
  const args = ['--headless', '--json', '--no-web', '--density', '8', '--controller', 'Knobs']
  const child = spawn('node', [CLI, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: withSettingsIn(settings),
  })
  children.push(child)
  const output = collectLines(child.stdout)
  const errors = collectLines(child.stderr)
  const gone = new Promise((resolve) => child.on('exit', resolve))
  return {
    errors,
    controls: () => (JSON.parse(output.at(-1) ?? 'null') as Report | null)?.controls ?? {},
    leave: async () => {
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Plugs in a controller with motor faders. The values that it is sent are recorded by controller number. */
async function plugIn() {
  const library = await openMidiLibrary()
  const lights = new library.Input()
  const shown = new Map<number, number>()
  lights.on('message', (_, [status = 0, number = 0, value = 0]) => {
    if (status >> 4 === 11) shown.set(number, value)
  })
  lights.openVirtualPort('Knobs')
  const knobs = new library.Output()
  knobs.openVirtualPort('Knobs')
  const controller = {
    shown,
    send: (...bytes: number[]) => knobs.sendMessage(bytes),
    unplug: () => {
      knobs.destroy()
      lights.destroy()
    },
  }
  plugged.push(controller)
  return controller
}

const place = (value: number, min: number, max: number) => Math.round((127 * (value - min)) / (max - min))

describe.skipIf(noSequencer !== '')(`a controller at a real port ${noSequencer}`, () => {
  it('changes the controls that its map names, and is sent their values, also after it was unplugged', async () => {
    const settings = mkdtempSync(join(tmpdir(), 'rubato-controller-'))
    mkdirSync(join(settings, 'controllers'))
    writeFileSync(join(settings, 'controllers', 'knobs.json'), MAP)
    const { errors, controls, leave } = startRubato(settings)
    await until('it waits', () => errors.some((line) => line.includes('Knobs')))
    const first = await plugIn()
    await until('its faders move', () => first.shown.get(20) === place(8, 0.5, 40) && first.shown.has(21))
    expect(first.shown.get(21)).toBe(place(1, 0.1, 2))
    // Below its control the fader does nothing until it passes.
    first.send(0xb0, 20, 2)
    first.send(0xb0, 20, 10)
    first.send(0x90, 36, 100)
    await until('the pad is applied', () => controls()['key-lock'] === 'on')
    expect(controls().density).toBe('8')
    first.send(0xb0, 20, 60)
    await until('the fader is applied', () => controls().density === '19')
    first.unplug()
    await until('it is missed', () => errors.some((line) => /Knobs.* is gone/.test(line)))
    const again = await plugIn()
    await until('its faders move again', () => again.shown.get(20) === place(19, 0.5, 40))
    again.unplug()
    await leave()
    expect(readFileSync(join(settings, 'controllers', 'knobs.json'), 'utf8')).toBe(MAP)
  })
})
