import { describe, expect, it } from 'vitest'
import type { ClockMessage, HeardMessage } from '../../../src/engine/language/messages.js'
import { InputRouter, type InputSettings, PLAIN_INPUT } from '../../../src/io/input/input-router.js'
import { Stage } from '../../../src/io/output/stage.js'
import { LastSent } from '../../../src/io/shared/last-sent.js'
import { drainHeard } from '../../../src/io/shared/ring-messages.js'
import { Ring } from '../../../src/io/shared/rings.js'
import {
  allocateSharedMemory,
  ECHOES,
  IGNORED,
  PERFORMER_BELL,
  STAGE_BELL,
} from '../../../src/io/shared/shared-memory.js'
import { balance, memoryPort } from '../../helpers/memory-port.js'

/** A router with a real stage behind it, so that the tests see what a DAW would receive. */
function setting(settings: Partial<InputSettings> = {}) {
  const memory = allocateSharedMemory()
  const port = memoryPort()
  const stage = new Stage(memory, port)
  const warnings: string[] = []
  const intake = new InputRouter(memory, (text) => warnings.push(text))
  intake.set({ ...PLAIN_INPUT, ...settings }, 0)
  const heard = new Ring(memory.earToPerformer)
  return {
    memory,
    port,
    stage,
    warnings,
    intake,
    set: (more: Partial<InputSettings>, at: number) =>
      intake.set({ ...PLAIN_INPUT, ...settings, ...more }, at),
    play(bytes: number[], at: number) {
      intake.receive(bytes, at)
      stage.tick(() => at)
    },
    heard: () => {
      const messages: (HeardMessage | ClockMessage)[] = []
      drainHeard(heard, (message) => messages.push(message))
      return messages
    },
  }
}

const kinds = (messages: (ClockMessage | HeardMessage)[]) =>
  messages.map((message) => ('pitch' in message ? `${message.kind} ${message.pitch}` : message.kind))

describe('the input router', () => {
  it('hands notes, controls and transport to the performer and wakes it; without thru nothing is passed on', () => {
    const { play, heard, port, memory } = setting()
    play([0x90, 60, 80], 10)
    play([0xb0, 64, 127], 11)
    play([0xfa], 12)
    play([0x90, 60, 0], 13)
    expect(heard()).toEqual([
      { kind: 'note-on', at: 10, channel: 0, pitch: 60, velocity: 80 },
      { kind: 'control-change', at: 11, channel: 0, controller: 64, value: 127 },
      { kind: 'transport', at: 12, action: 'start' },
      { kind: 'note-off', at: 13, channel: 0, pitch: 60, velocity: 0 },
    ])
    expect(port.sent).toEqual([])
    expect(memory.control[PERFORMER_BELL]).toBe(4)
    expect(memory.control[STAGE_BELL]).toBe(0)
  })

  it('uses only the channel that is set, and counts the messages of other channels', () => {
    const { play, heard, memory } = setting({ fromChannel: 2 })
    play([0x92, 60, 80], 1)
    play([0x93, 61, 80], 2)
    play([0xb3, 1, 1], 3)
    play([0xfa], 4)
    expect(kinds(heard())).toEqual(['note-on 60', 'transport'])
    expect(memory.control[IGNORED]).toBe(2)
  })

  it.each([
    ['same', 0x93],
    [7, 0x97],
  ] as const)(
    'with thru %s passes keys, pedal and controllers on and also steers with them',
    (thru, status) => {
      const { play, heard, port, memory } = setting({ thru })
      play([0x93, 60, 80], 10)
      play([0xb3, 64, 127], 11)
      play([0x83, 60, 30], 12)
      expect(port.sent).toEqual([
        [status, 60, 80],
        [status + 0x20, 64, 127],
        [status - 0x10, 60, 64],
      ])
      expect(heard()).toHaveLength(3)
      expect(memory.control[STAGE_BELL]).toBe(3)
    },
  )

  it('with a split, keys below it only steer and keys from it on are only passed on', () => {
    const { play, heard, port } = setting({ thru: 'same', split: 60 })
    play([0x90, 59, 80], 1)
    play([0x90, 60, 80], 2)
    play([0x80, 59, 0], 3)
    play([0x80, 60, 0], 4)
    expect(kinds(heard())).toEqual(['note-on 59', 'note-off 59'])
    expect(port.sent.map(([, pitch]) => pitch)).toEqual([60, 60])
  })

  it('sends a note-off where its note-on went, whatever was set in between', () => {
    const { play, set, heard, port } = setting({ thru: 3 })
    play([0x90, 60, 80], 1)
    set({ thru: 'off', split: 20, fromChannel: 9 }, 2)
    play([0x80, 60, 0], 3)
    expect(port.sent).toEqual([
      [0x93, 60, 80],
      [0x83, 60, 64],
    ])
    expect(kinds(heard())).toEqual(['note-on 60', 'note-off 60'])
  })

  it('ends the old note of a key that is struck again without a lift, also if thru goes elsewhere now', () => {
    const { play, set, port } = setting({ thru: 3 })
    play([0x90, 60, 80], 1)
    set({ thru: 4 }, 40)
    play([0x90, 60, 81], 50)
    play([0x80, 60, 0], 60)
    expect(balance(port.sent)).toEqual([0, 0])
  })

  it('passes on no note-off without a note-on before it', () => {
    const { play, heard, port } = setting({ thru: 'same' })
    play([0x80, 60, 0], 1)
    expect(heard()).toEqual([])
    expect(port.sent).toEqual([])
  })

  it('lifts a pedal it passed down when thru goes elsewhere', () => {
    const { play, set, port, stage } = setting({ thru: 'same' })
    play([0xb2, 64, 127], 1)
    set({ thru: 'off' }, 2)
    stage.tick(() => 2)
    expect(port.sent).toEqual([
      [0xb2, 64, 127],
      [0xb2, 64, 0],
    ])
  })

  it.each([120, 123])(
    'on CC%i lifts the keys of its channel and passes no channel mode through',
    (controller) => {
      const { play, heard, port } = setting({ thru: 'same' })
      play([0x90, 60, 80], 1)
      play([0x91, 62, 80], 2)
      play([0xb0, controller, 0], 3)
      expect(port.sent).toEqual([
        [0x90, 60, 80],
        [0x91, 62, 80],
        [0x80, 60, 64],
      ])
      expect(kinds(heard())).toEqual(['note-on 60', 'note-on 62', 'note-off 60', 'control-change'])
    },
  )

  it('ignores echoes of the pianist’s pedal, even while the player holds a pedal', () => {
    const { play, intake, heard, memory } = setting()
    const lastSent = new LastSent(memory.lastSent)
    play([0xb0, 64, 127], 10)
    for (const channel of [0, 1]) {
      const from = 100 + 1000 * channel
      lastSent.recordControl(64, 127, from)
      intake.receive([0xb0 | channel, 64, 127], from + 5)
      lastSent.recordControl(64, 0, from + 100)
      intake.receive([0xb0 | channel, 64, 0], from + 105)
    }
    expect(heard()).toHaveLength(1)
    // This lift comes just after one of the pianist's, but no press on its channel was an echo.
    intake.receive([0xb0, 64, 0], 1210)
    expect(heard()).toHaveLength(1)
    expect(memory.control[ECHOES]).toBe(4)
  })

  it('ignores an echo of a sent note, and its note-off, and warns once', () => {
    const { play, heard, memory, warnings, port } = setting({ thru: 'same' })
    const lastSent = new LastSent(memory.lastSent)
    for (const at of [100, 200]) {
      lastSent.recordNoteOn(60, 80, at)
      play([0x90, 60, 80], at + 29)
      play([0x80, 60, 64], at + 60)
    }
    expect(heard()).toEqual([])
    expect(port.sent).toEqual([])
    expect(memory.control[ECHOES]).toBe(2)
    expect(warnings).toHaveLength(1)
    play([0x90, 60, 80], 231)
    play([0x90, 61, 80], 232)
    expect(kinds(heard())).toEqual(['note-on 60', 'note-on 61'])
  })

  it('passes a key, a control and a lift on only once when a DAW loops our output back with thru on', () => {
    const { play, heard, port } = setting({ thru: 'same' })
    const all: number[][] = []
    // Every message that is sent comes back 5 ms later.
    const loop = (from: number) => {
      for (let at = from; port.sent.length > 0 && at < from + 500; at += 5) {
        for (const bytes of port.sent.splice(0)) {
          all.push(bytes)
          play(bytes, at)
        }
      }
    }
    play([0x90, 60, 80], 100)
    play([0xb0, 64, 127], 101)
    loop(106)
    play([0x80, 60, 0], 200)
    loop(205)
    expect(all).toEqual([
      [0x90, 60, 80],
      [0xb0, 64, 127],
      [0x80, 60, 64],
    ])
    expect(kinds(heard())).toEqual(['note-on 60', 'control-change', 'note-off 60'])
  })

  it('lifts everything when its input is gone', () => {
    const { play, intake, port, stage, heard } = setting({ thru: 'same' })
    play([0x90, 60, 80], 1)
    play([0xb4, 64, 100], 2)
    intake.releaseAll(3)
    stage.tick(() => 3)
    expect(port.sent.slice(2)).toEqual([
      [0x80, 60, 64],
      [0xb4, 64, 0],
    ])
    expect(kinds(heard())).toEqual(['note-on 60', 'control-change', 'note-off 60', 'control-change'])
  })

  it('lifts keys and pedals for the performer when an input is gone, those that are down and no other', () => {
    const { intake, play, heard } = setting()
    play([0x90, 60, 80], 0)
    play([0xb0, 64, 127], 1)
    play([0xb3, 66, 100], 2)
    play([0xb5, 64, 127], 3)
    play([0xb5, 64, 0], 4)
    heard()
    intake.releaseAll(9)
    expect(heard()).toEqual([
      { kind: 'note-off', at: 9, channel: 0, pitch: 60, velocity: 0 },
      { kind: 'control-change', at: 9, channel: 0, controller: 64, value: 0 },
      { kind: 'control-change', at: 9, channel: 3, controller: 66, value: 0 },
    ])
    intake.releaseAll(10)
    expect(heard()).toEqual([])
  })

  it('puts every pedal, modulation and expression that it passed on back to rest when an input is gone', () => {
    const { intake, play, port, stage } = setting({ thru: 'same' })
    for (const controller of [64, 66, 67, 69, 1]) play([0xb0, controller, 100], 1)
    play([0xb0, 11, 40], 2)
    play([0xb0, 7, 90], 3)
    play([0xb0, 67, 0], 4)
    port.sent.length = 0
    intake.releaseAll(9)
    stage.tick(() => 9)
    expect(port.sent.toSorted((a, b) => a[1]! - b[1]!)).toEqual([
      [0xb0, 1, 0],
      [0xb0, 11, 127],
      [0xb0, 64, 0],
      [0xb0, 66, 0],
      [0xb0, 69, 0],
    ])
  })

  it('puts the controllers of one channel back to rest on reset all controllers', () => {
    const { play, port } = setting({ thru: 'same' })
    play([0xb0, 64, 127], 1)
    play([0xb1, 64, 127], 100)
    port.sent.length = 0
    play([0xb0, 121, 0], 200)
    expect(port.sent).toEqual([[0xb0, 64, 0]])
  })

  it('lifts the pedal of a keyboard that is layered on two channels on both', () => {
    const { intake, stage, port } = setting({ thru: 'same' })
    for (const [value, at] of [
      [127, 100],
      [0, 200],
    ] as const) {
      intake.receive([0xb0, 64, value], at)
      intake.receive([0xb1, 64, value], at)
      stage.tick(() => at)
    }
    expect(port.sent.filter(([, , value]) => value === 0)).toEqual([
      [0xb0, 64, 0],
      [0xb1, 64, 0],
    ])
  })

  it('releases keys and pedals that were bound to a control while they were held, and no others', () => {
    const { intake, play, heard, port } = setting({ thru: 'same' })
    play([0x90, 60, 80], 1)
    play([0xb0, 64, 127], 2)
    for (const bytes of [
      [0x80, 60, 0],
      [0xb0, 64, 0],
      [0xb0, 64, 0],
      [0xb0, 74, 3],
      [0x90, 61, 80],
    ])
      intake.release(bytes, 50)
    expect(kinds(heard())).toEqual(['note-on 60', 'control-change', 'note-off 60', 'control-change'])
    play([0xfe], 60)
    expect(balance(port.sent)).toEqual([0])
  })

  it('tells main once of every key that goes down and up, wherever it is routed', () => {
    const { memory, play, intake } = setting({ thru: 'same', split: 60 })
    play([0x90, 50, 80], 1)
    play([0x90, 70, 80], 2)
    play([0x80, 50, 0], 3)
    play([0x80, 50, 0], 4)
    play([0xb0, 64, 127], 5)
    intake.releaseAll(9)
    const shown: (HeardMessage | ClockMessage)[] = []
    drainHeard(new Ring(memory.earToMain), (message) => shown.push(message))
    expect(kinds(shown)).toEqual([
      'note-on 50',
      'note-on 70',
      'note-off 50',
      'control-change',
      'note-off 70',
      'control-change',
    ])
    expect(shown.at(-1)).toMatchObject({ controller: 64, value: 0, at: 9 })
  })
})
