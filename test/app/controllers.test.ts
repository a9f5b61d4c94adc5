import { expect, test } from 'vitest'
import { Controllers } from '../../src/app/controllers/controllers.js'
import { Learning } from '../../src/app/controllers/learning.js'
import { type Controls, defaultControls, withControl } from '../../src/engine/controls/controls.js'
import { type ControllerMap, EMPTY_MAP } from '../../src/engine/mapping/bindings.js'
import type { Request } from '../../src/engine/surface/commands.js'
import type { EarCommand } from '../../src/threads/messages.js'
import { handClock } from '../helpers/hand-clock.js'

const PORT = 'Knobs'
/** An encoder on controller 20, whose detents move the density. */
const ENCODER: ControllerMap = {
  takeOver: 'pickup',
  bindings: [
    {
      source: { kind: 'cc', channel: 0, controller: 20, relative: 'twos-complement' },
      target: { kind: 'control', control: 'density' },
    },
  ],
}
/** A fader on controller 21 for the temperature. */
const FADER: ControllerMap = {
  takeOver: 'jump',
  bindings: [
    {
      source: { kind: 'cc', channel: 0, controller: 21 },
      target: { kind: 'control', control: 'temperature' },
    },
  ],
}

/**
 * The controllers at one port, and what they asked, told the ear, and saved. Only their requests change the pianist's
 * controls.
 */
async function setUp(map: ControllerMap) {
  const asked: Request[] = []
  const told: EarCommand[] = []
  const notices: string[] = []
  const saved: ControllerMap[] = []
  const clock = handClock()
  const learning = new Learning()
  let controls: Controls = { ...defaultControls(), density: 8 }
  const controllers = new Controllers({
    ports: [PORT],
    mapOf: () => map,
    saveMap: (_, changed) => saved.push(changed),
    learning,
    ask: (request) => {
      asked.push(request)
      return { ok: true, sentence: null }
    },
    standing: (part) => (part === 'piano' ? controls : undefined),
    isPaused: () => true,
    mix: () => ({ drummer: 'on', muted: { piano: false, drums: true }, solo: null }),
    tellEar: (command) => told.push(command),
    notice: (sentence) => notices.push(sentence),
    now: clock.now,
  })
  // Messages are read once the reader of messages is loaded: a program change recalls a preset without any map.
  controllers.receive('another', [0xc0, 0, 0])
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(1)
  expect(asked.splice(0)).toEqual([{ type: 'recall', preset: 1 }])
  return {
    controllers,
    learning,
    clock,
    asked,
    told,
    notices,
    saved,
    change: (name: 'density' | 'temperature', value: number) => {
      controls = withControl(controls, name, value)
    },
  }
}

const values = (asked: readonly Request[]) =>
  asked.map((request) => (request.type === 'set' ? request.value : undefined))

test('detents of an encoder add up even before a snapshot shows the first', async () => {
  const { controllers, asked } = await setUp(ENCODER)
  for (let detent = 0; detent < 3; detent++) controllers.receive(PORT, [0xb0, 20, 1])
  expect(values(asked)).toEqual([8.5, 9, 9.5])
})

test('an encoder goes on from a value that somebody else has set, and from the old value when no snapshot shows the change in time', async () => {
  const { controllers, clock, asked, change } = await setUp(ENCODER)
  controllers.receive(PORT, [0xb0, 20, 1])
  change('density', 20)
  controllers.receive(PORT, [0xb0, 20, 1])
  clock.advance(5000)
  controllers.receive(PORT, [0xb0, 20, 1])
  expect(values(asked)).toEqual([8.5, 20.5, 20.5])
})

test('an opened controller is shown every control that it is bound to, and after that what has changed', async () => {
  const { controllers, told, change } = await setUp(FADER)
  const answers = () => told.flatMap((command) => (command.kind === 'answer' ? command.messages : []))
  controllers.show()
  expect(answers()).toEqual([])
  controllers.opened(PORT)
  expect(answers()).toHaveLength(1)
  controllers.show()
  expect(answers()).toHaveLength(1)
  change('temperature', 2)
  controllers.show()
  expect(answers().slice(1)).toEqual([[0xb0, 21, 127]])
})

test('a binding learnt at one port is saved for that port, posted as a notice, and passed on by the ear from then on', async () => {
  const { controllers, learning, told, notices, saved, asked } = await setUp(EMPTY_MAP)
  learning.ask('density', 'piano')
  expect(told.at(-1)).toEqual({ kind: 'learning', on: true })
  for (const value of [10, 20, 30]) controllers.receive(PORT, [0xb0, 30, value])
  expect(learning.target).toBeNull()
  expect(saved).toMatchObject([{ bindings: [{ source: { kind: 'cc', controller: 30 } }] }])
  expect(notices).toEqual([`Density is moved by "${PORT}" now.`])
  expect(told).toContainEqual({ kind: 'learning', on: false })
  expect(told.at(-1)).toMatchObject({ kind: 'bound', port: PORT, keys: [expect.any(Number)] })
  expect(asked).toEqual([])
})

test('buttons send the drummer away or have him join, and mute a part or let it be heard', async () => {
  const map: ControllerMap = {
    ...EMPTY_MAP,
    bindings: (['drummer', 'mute-piano', 'mute-drums'] as const).map((request, n) => ({
      source: { kind: 'note', channel: null, pitch: 36 + n },
      target: { kind: 'request', request },
    })),
  }
  const { controllers, asked } = await setUp(map)
  for (const pitch of [36, 37, 38]) controllers.receive(PORT, [0x90, pitch, 100])
  expect(asked).toEqual([
    { type: 'drummer', on: false },
    { type: 'mute', part: 'piano', on: true },
    { type: 'mute', part: 'drums', on: false },
  ])
})
