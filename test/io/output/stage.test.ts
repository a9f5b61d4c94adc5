import { describe, expect, it } from 'vitest'
import type { SentMessage } from '../../../src/engine/language/messages.js'
import { Stage } from '../../../src/io/output/stage.js'
import { LastSent } from '../../../src/io/shared/last-sent.js'
import { Ledger } from '../../../src/io/shared/ledger.js'
import { drainSent, pushRealtime, pushTimed } from '../../../src/io/shared/ring-messages.js'
import { Ring } from '../../../src/io/shared/rings.js'
import {
  allocateSharedMemory,
  DROPPED,
  EPOCH,
  LOST,
  panic,
  REQUEST_END,
  REQUEST_FAULT,
  SILENCED_EPOCH,
  STAGE_REQUEST,
  STAGE_SILENT,
  STAGE_STATE,
} from '../../../src/io/shared/shared-memory.js'
import { balance, memoryPort, noteOff, noteOn } from '../../helpers/memory-port.js'

const OFF = 64

function setting(repeatGap?: number) {
  const memory = allocateSharedMemory()
  const port = memoryPort()
  const stage = new Stage(memory, port, { repeatGap })
  const performer = new Ring(memory.performerToStage)
  const report = new Ring(memory.stageToMain)
  return {
    memory,
    port,
    stage,
    ledger: new Ledger(memory.ledger),
    plan: (message: Parameters<typeof pushTimed>[1], epoch = 0) => pushTimed(performer, message, epoch),
    thru: new Ring(memory.earToStage),
    turn: (time: number) => stage.tick(() => time),
    told: () => {
      const messages: SentMessage[] = []
      drainSent(report, (message) => messages.push(message))
      return messages
    },
  }
}

describe('the stage', () => {
  it('sends each message when it is due, not before, and returns when the next one is', () => {
    const { plan, turn, port } = setting()
    plan(noteOn(100, 1, 60))
    plan(noteOff(150, 1))
    expect(turn(99.9)).toBe(100)
    expect(port.sent).toEqual([])
    expect(turn(100)).toBe(150)
    expect(port.sent).toEqual([[0x90, 60, 80]])
    turn(150)
    expect(port.sent[1]).toEqual([0x80, 60, OFF])
  })

  it('sends what is due now before what was planned for later', () => {
    const { plan, thru, turn, port } = setting()
    plan(noteOn(100, 1, 60))
    pushTimed(thru, noteOn(50, 0x4000_0000, 72), 0)
    turn(50)
    turn(100)
    expect(port.sent.map(([, pitch]) => pitch)).toEqual([72, 60])
  })

  it('sends note-offs before note-ons of the same time', () => {
    const { plan, turn, port } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    plan(noteOn(10, 2, 60))
    plan(noteOff(10, 1))
    plan(noteOn(10, 3, 72))
    turn(10)
    expect(port.sent.map(([status, pitch]) => [status, pitch])).toEqual([
      [0x90, 60],
      [0x80, 60],
      [0x90, 72],
    ])
    turn(12)
    expect(port.sent[3]).toEqual([0x90, 60, 80])
    expect(balance(port.sent)).toEqual([1, 1])
  })

  it('ends a note 2 ms before it is struck again, which it does on time', () => {
    const { plan, turn, port } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    plan(noteOn(50, 2, 60))
    plan(noteOff(50, 1))
    expect(turn(30)).toBe(48)
    expect(turn(48)).toBe(50)
    expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80])
    turn(50)
    expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80, 0x90])
    expect(balance(port.sent)).toEqual([1])
  })

  it('holds a note back that is struck less than 2 ms after another of its pitch, whoever strikes it', () => {
    const { plan, thru, turn, port } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    pushTimed(thru, noteOn(10, 0x4000_0000, 60), 0)
    expect(turn(10)).toBe(12)
    expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80])
    turn(12)
    expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80, 0x90])
    pushTimed(thru, noteOff(13, 0x4000_0000), 0)
    turn(13)
    expect(balance(port.sent)).toEqual([0])
  })

  it('leaves as much silence as it is told to, or none', () => {
    for (const gap of [0, 5]) {
      const { plan, turn, port } = setting(gap)
      plan(noteOn(0, 1, 60))
      turn(0)
      plan(noteOn(50, 2, 60))
      expect(turn(20)).toBe(50 - gap)
      turn(50 - gap)
      turn(50)
      expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80, 0x90])
    }
  })

  it('sends a note-off to the channel and pitch of its note-on', () => {
    const { plan, turn, port } = setting()
    plan(noteOn(0, 1, 60, { channel: 3 }))
    plan(noteOff(10, 1))
    turn(10)
    expect(port.sent).toEqual([
      [0x93, 60, 80],
      [0x83, 60, OFF],
    ])
  })

  it('ends a sounding note that is struck again, and ignores its own note-off later', () => {
    const { plan, turn, port, ledger } = setting()
    plan(noteOn(0, 1, 60))
    plan(noteOn(10, 2, 60))
    plan(noteOff(20, 1))
    turn(20)
    turn(22)
    expect(port.sent.map(([status]) => status)).toEqual([0x90, 0x80, 0x90])
    expect(ledger.soundingNotes()).toEqual([{ id: 2, channel: 0, pitch: 60 }])
    plan(noteOff(30, 2))
    turn(30)
    expect(balance(port.sent)).toEqual([0])
  })

  it('ends a note at its must-end at the latest, and only once', () => {
    const { plan, turn, port, told } = setting()
    plan(noteOn(0, 1, 60, { mustEnd: 500 }))
    expect(turn(0)).toBe(500)
    turn(500)
    plan(noteOff(600, 1))
    turn(600)
    expect(port.sent).toEqual([
      [0x90, 60, 80],
      [0x80, 60, OFF],
    ])
    expect(told().map(({ source, kind }) => [source, kind])).toEqual([
      ['performer', 'note-on'],
      ['stage', 'note-off'],
    ])
  })

  it('drops a note-on over 30 ms late with its note-off and counts it, and plays one that is 30 ms late', () => {
    const { plan, turn, port, memory, told } = setting()
    plan(noteOn(0, 1, 60))
    plan(noteOn(0.5, 2, 62))
    plan(noteOff(100, 1))
    turn(30.25)
    turn(100)
    expect(port.sent.map(([, pitch]) => pitch)).toEqual([62])
    expect(memory.control[DROPPED]).toBe(1)
    expect(told().map(({ fate }) => fate)).toEqual(['late', 'sent'])
  })

  it('always sends a note-off, however late', () => {
    const { plan, turn, port } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    plan(noteOff(10, 1))
    turn(5000)
    expect(balance(port.sent)).toEqual([0])
  })

  it('ignores a note-off of an unknown id, and never begins a note whose note-off came first', () => {
    const { plan, turn, port, told } = setting()
    plan(noteOff(5, 99))
    plan(noteOn(10, 1, 60))
    plan(noteOff(10, 1))
    turn(10)
    expect(port.sent).toEqual([])
    expect(told().map(({ fate }) => fate)).toEqual(['cancelled'])
  })

  it('sends control changes and counts malformed messages as lost', () => {
    const { plan, turn, port, memory } = setting()
    plan({ kind: 'control-change', due: 0, channel: 1, controller: 64, value: 127 })
    plan(noteOn(Number.NaN, 4, 60))
    plan(noteOn(0, 0, 60))
    turn(0)
    expect(port.sent).toEqual([[0xb1, 64, 127]])
    expect(memory.control[LOST]).toBe(2)
  })

  it('on panic ends all that sounds, silences only the used channels, and drops all older messages', () => {
    const { plan, turn, port, memory, told, ledger } = setting()
    plan(noteOn(0, 1, 60))
    plan(noteOn(0, 2, 64, { channel: 5 }))
    plan(noteOn(200, 3, 67))
    turn(0)
    plan(noteOn(10, 4, 70))
    panic(memory)
    turn(10)
    expect(port.sent.slice(2)).toEqual([
      [0x80, 60, OFF],
      [0x85, 64, OFF],
      [0xb0, 64, 0],
      [0xb0, 123, 0],
      [0xb0, 120, 0],
      [0xb5, 64, 0],
      [0xb5, 123, 0],
      [0xb5, 120, 0],
    ])
    expect(memory.control[SILENCED_EPOCH]).toBe(1)
    plan(noteOn(20, 5, 72))
    turn(300)
    expect(port.sent).toHaveLength(10)
    expect(told().filter(({ fate }) => fate === 'panicked')).toHaveLength(3)
    expect(ledger.soundingNotes()).toEqual([])
  })

  it('plays notes of the new epoch, even under an id of the old one', () => {
    const { plan, turn, port, memory } = setting()
    plan(noteOn(0, 1, 60))
    plan(noteOff(50, 1))
    turn(0)
    panic(memory)
    plan(noteOn(20, 1, 61), 1)
    turn(20)
    turn(50)
    expect(port.sent.at(-1)).toEqual([0x90, 61, 80])
    plan(noteOff(60, 1), 1)
    turn(60)
    expect(balance(port.sent)).toEqual([0, 0])
  })

  it('at the end falls silent, closes the port, reports that, and sends nothing more', () => {
    const { plan, turn, port, memory, stage } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    Atomics.store(memory.control, STAGE_REQUEST, REQUEST_END)
    plan(noteOn(5, 2, 64))
    expect(turn(5)).toBe(Number.POSITIVE_INFINITY)
    expect(memory.control[STAGE_STATE]).toBe(STAGE_SILENT)
    expect(port.closed).toBe(true)
    expect(stage.ended).toBe(true)
    expect(balance(port.sent)).toEqual([0])
    const count = port.sent.length
    turn(100)
    expect(port.sent).toHaveLength(count)
  })

  it('throws only when a test requests a fault, and can still end', () => {
    const { plan, turn, port, memory, stage } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    memory.control[STAGE_REQUEST] = REQUEST_FAULT
    expect(() => turn(1)).toThrow('fault')
    stage.end(() => 2)
    expect(balance(port.sent)).toEqual([0])
    expect(memory.control[STAGE_STATE]).toBe(STAGE_SILENT)
  })

  it('plays on when a port throws, counts that, holds the error, and sends the note-off again', () => {
    const { plan, turn, port, memory, stage, ledger, told } = setting()
    plan(noteOn(0, 1, 60))
    turn(0)
    port.broken = new Error('cable')
    plan(noteOff(10, 1))
    plan(noteOn(10, 2, 62))
    turn(10)
    expect(memory.control[LOST]).toBe(2)
    expect(stage.lastError).toBe('cable')
    expect(told().map(({ fate }) => fate)).toEqual(['sent', 'failed', 'failed'])
    port.broken = undefined
    plan(noteOn(20, 3, 64))
    turn(20)
    expect(port.sent.at(-1)).toEqual([0x90, 64, 80])
    stage.end(() => 30)
    expect(ledger.soundingNotes()).toEqual([])
    expect(balance(port.sent).every((open) => open <= 0)).toBe(true)
  })

  it('tells main what was really sent and when, and the ear what it sent last', () => {
    const { plan, turn, told, memory } = setting()
    plan(noteOn(100, 1, 60, { velocity: 33 }))
    plan({ kind: 'control-change', due: 101, channel: 0, controller: 64, value: 90 })
    turn(103)
    expect(told()).toEqual([
      {
        kind: 'note-on',
        due: 100,
        sentAt: 103,
        source: 'performer',
        fate: 'sent',
        id: 1,
        channel: 0,
        pitch: 60,
        velocity: 33,
      },
      {
        kind: 'control-change',
        due: 101,
        sentAt: 103,
        source: 'performer',
        fate: 'sent',
        channel: 0,
        controller: 64,
        value: 90,
      },
    ])
    const lastSent = new LastSent(memory.lastSent)
    expect(lastSent.isNoteOnEcho(60, 33, 133)).toBe(true)
    expect(lastSent.isNoteOnEcho(60, 33, 134)).toBe(false)
    expect(lastSent.isNoteOnEcho(60, 34, 110)).toBe(false)
    expect(lastSent.isControlEcho(64, 90, 110)).toBe(true)
  })

  it('lifts the sustain pedal when neither the pianist nor the player holds it, and no sooner', () => {
    const { plan, thru, turn, port, memory } = setting()
    const pedal = (due: number, value: number) =>
      ({ kind: 'control-change', due, channel: 2, controller: 64, value }) as const
    pushTimed(thru, pedal(10, 100), 0)
    turn(10)
    plan(pedal(20, 127))
    plan(pedal(30, 0))
    turn(30)
    expect(new LastSent(memory.lastSent).isControlEcho(64, 100, 31)).toBe(true)
    plan(pedal(40, 127))
    turn(40)
    pushTimed(thru, pedal(50, 0), 0)
    turn(50)
    plan(pedal(60, 0))
    turn(60)
    expect(port.sent.map(([, , value]) => value)).toEqual([100, 127, 100, 127, 127, 0])
  })

  it('tells of the pianist’s pedal that it lifts in a panic as of a lift by the pianist', () => {
    const { plan, turn, told, memory } = setting()
    plan({ kind: 'control-change', due: 10, channel: 2, controller: 64, value: 127 })
    turn(10)
    told()
    for (const source of ['performer', 'stage']) {
      panic(memory)
      turn(20)
      const lifts = told().filter((message) => message.kind === 'control-change' && message.controller === 64)
      expect(lifts.map((message) => message.source)).toEqual([source])
    }
  })

  it('leaves nothing sounding after an hour of random playing, panics and re-strikes', () => {
    const { plan, turn, port, memory, stage, told } = setting()
    let state = 7
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return (state >>> 8) % below
    }
    const open = new Int8Array(2048)
    let doubled = 0
    let struck = 0
    const follow = () => {
      for (const [status = 0, pitch = 0] of port.sent.splice(0)) {
        const key = ((status & 15) << 7) | pitch
        if (status >> 4 === 9 && ++struck && open[key]!++ !== 0) doubled++
        if (status >> 4 === 8 && open[key]!-- !== 1) doubled++
      }
    }
    let id = 0
    for (let time = 0; time < 3_600_000; time += 250) {
      const epoch = memory.control[EPOCH]!
      for (let n = random(5); n > 0; n--) {
        const due = time + random(400) - 50
        plan(noteOn(due, ++id, 40 + random(30), { channel: random(3), mustEnd: due + 3000 }), epoch)
        // One note in ten never gets a note-off, so that its must-end has to end it.
        if (random(10) > 0) plan(noteOff(due + random(2000), id), epoch)
      }
      if (random(500) === 0) panic(memory)
      turn(time)
      told()
      follow()
    }
    stage.end(() => 3_600_000)
    follow()
    expect(doubled).toBe(0)
    expect(open.every((notes) => notes === 0)).toBe(true)
    expect(struck).toBeGreaterThan(1000)
    expect(memory.control[DROPPED]).toBeGreaterThan(100)
  })

  it('plays to another port only after ending what sounds at the one before', () => {
    const memory = allocateSharedMemory()
    const [first, second] = [memoryPort(), memoryPort()]
    const stage = new Stage(memory, first)
    const ring = new Ring(memory.performerToStage)
    pushTimed(ring, noteOn(10, 1, 60), 0)
    stage.tick(() => 10)
    stage.hush(() => 20)
    stage.playTo(second, () => 20)
    expect(balance(first.sent)).toEqual([0])
    expect(second.sent.filter(([status]) => status! >> 4 === 9)).toEqual([])
    pushTimed(ring, noteOn(30, 2, 62), 0)
    stage.tick(() => 30)
    expect(second.sent.at(-1)).toEqual([0x90, 62, 80])
  })

  it('sends one stop at the end if it has sent a start, so that no device plays on', () => {
    for (const messages of [['start'], ['start', 'stop'], []] as const) {
      const memory = allocateSharedMemory()
      const port = memoryPort()
      const stage = new Stage(memory, port)
      const ring = new Ring(memory.performerToStage)
      for (const message of messages) pushRealtime(ring, { kind: 'realtime', due: 5, message })
      stage.tick(() => 10)
      stage.end(() => 20)
      const transport = port.sent.flat().filter((status) => status === 0xfa || status === 0xfc)
      expect(transport).toEqual(messages.length === 0 ? [] : [0xfa, 0xfc])
    }
  })
})
