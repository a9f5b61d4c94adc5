import { describe, expect, it } from 'vitest'
import type { HeardMessage, SentMessage } from '../../../src/engine/language/messages.js'
import { createLatenessRecord } from '../../../src/io/meters/lateness.js'
import { createMidiMonitor } from '../../../src/io/meters/midi-monitor.js'
import { NOTE_ON, pack, pushHeard, writeSent } from '../../../src/io/shared/ring-messages.js'
import { blankRecord, Ring } from '../../../src/io/shared/rings.js'
import { allocateSharedMemory } from '../../../src/io/shared/shared-memory.js'

function setting() {
  const memory = allocateSharedMemory()
  const sent = new Ring(memory.stageToMain)
  const heard = new Ring(memory.earToMain)
  return {
    traffic: createMidiMonitor(memory),
    hear: (message: HeardMessage) => pushHeard(heard, message),
    send: (due: number, sentAt: number, source: number) => {
      const record = blankRecord()
      writeSent(record, NOTE_ON, due, sentAt, 1, pack(0x90, 60, 80), source, 0)
      sent.push(record)
    },
  }
}

const turn = (controller: number, value: number, at = 0): HeardMessage => ({
  kind: 'control-change',
  at,
  channel: 0,
  controller,
  value,
})

describe('the MIDI monitor', () => {
  it('counts only the notes that were planned, and records how late they were', () => {
    const { traffic, send } = setting()
    send(1000, 1001, 0)
    send(1000, 1005, 1)
    traffic.poll()
    expect(traffic.notes).toBe(1)
    expect(traffic.lateness(1500)).toMatchObject({ p50: 1, max: 1 })
  })

  it('tells every watcher of every message, until the watcher is removed', () => {
    const { traffic, send, hear } = setting()
    const sent: SentMessage[] = []
    const heard: HeardMessage[] = []
    const unwatch = traffic.onSent((message) => sent.push(message))
    traffic.onHeard((message) => heard.push(message))
    send(0, 1, 0)
    hear(turn(1, 5))
    traffic.poll()
    unwatch()
    send(2, 3, 0)
    traffic.poll()
    expect(sent.map(({ sentAt }) => sentAt)).toEqual([1])
    expect(heard).toEqual([turn(1, 5)])
  })

  it('lists the last value of each controller, the one that moved last first', () => {
    const { traffic, hear } = setting()
    for (let controller = 0; controller < 12; controller++) hear(turn(controller, 1))
    hear(turn(5, 99, 7))
    traffic.poll()
    const controllers = traffic.controllers()
    expect(controllers.map(({ controller }) => controller)).toEqual([5, 11, 10, 9, 8, 7, 6, 4])
    expect(controllers[0]).toEqual({ channel: 1, controller: 5, value: 99, at: 7 })
  })
})

describe('the record of lateness', () => {
  it('has the worst lateness of each of the last 60 seconds, oldest first, and 0 for seconds without notes', () => {
    const record = createLatenessRecord()
    record.add(3, 100_500)
    record.add(1, 100_900)
    record.add(2, 103_000)
    const { seconds, max } = record.figures(104_200)
    expect(seconds).toHaveLength(60)
    expect(seconds.slice(-5)).toEqual([3, 0, 0, 2, 0])
    expect(max).toBe(3)
    expect(record.figures(500_000).seconds.every((worst) => worst === 0)).toBe(true)
  })
})
