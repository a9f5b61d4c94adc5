import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SentMessage } from '../../src/engine/language/messages.js'
import { now, wake } from '../../src/io/clock.js'
import { Ledger } from '../../src/io/shared/ledger.js'
import { drainSent, lateness, pushTimed } from '../../src/io/shared/ring-messages.js'
import { Ring } from '../../src/io/shared/rings.js'
import {
  allocateSharedMemory,
  awaitSilence,
  endStage,
  panic,
  REQUEST_FAULT,
  STAGE_BELL,
  STAGE_REQUEST,
} from '../../src/io/shared/shared-memory.js'
import type { StageData, StageMessage } from '../../src/threads/messages.js'
import { BUILD, startWorker, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { balance, noteOff, noteOn } from '../helpers/memory-port.js'

/** Longest wait for silence, in ms: far more than it takes, for no test here is about speed. */
const PATIENCE = 20_000

/** The scheduling policy of a thread of this process, '1' being SCHED_FIFO; undefined if the thread has just ended. */
function policyOf(task: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
    // proc(5), field 41. Field 3 is the first after the name in parentheses, which may hold anything.
    return stat.split(') ').at(-1)?.split(' ')[38]
  } catch {
    return undefined
  }
}

/** Starts a stage that plays into memory. */
function start() {
  const memory = allocateSharedMemory()
  // No note is too late here: a busy machine makes notes late, and late notes are dropped.
  const tooLate = Number.POSITIVE_INFINITY
  const data: StageData = { memory, port: { kind: 'capture' }, realtime: 'off', tooLate }
  const stage = startWorker<StageMessage>('stage', data)
  const ring = new Ring(memory.performerToStage)
  const report = new Ring(memory.stageToMain)
  return {
    memory,
    stage,
    plan(messages: Parameters<typeof pushTimed>[1][], epoch = 0) {
      for (const message of messages) pushTimed(ring, message, epoch)
      wake(memory.control, STAGE_BELL)
    },
    /** The next `count` messages that the stage reports. */
    async told(count: number): Promise<SentMessage[]> {
      const messages: SentMessage[] = []
      while (messages.length < count) {
        drainSent(report, (message) => messages.push(message))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      return messages
    },
    async captured() {
      const { messages } = await stage.receive('captured')
      await stage.ended
      return messages
    },
  }
}

describe.skipIf(!threadsAreBuilt)(`the stage thread (${BUILD})`, () => {
  it('sends 200 notes from another thread in order, none early, each with its off', async () => {
    const { stage, plan, told, captured, memory } = start()
    const ready = await stage.receive('ready')
    expect(ready).toMatchObject({ portName: 'capture', realtime: { on: false } })
    expect(ready.spinMargin).toBeGreaterThanOrEqual(0.2)
    const begin = now() + 60
    const messages = Array.from({ length: 200 }, (_, n) => {
      const due = begin + n * 2.5
      return [noteOn(due, n + 1, 30 + (n % 60)), noteOff(due + 40, n + 1)]
    })
    plan(messages.flat())
    const sent = await told(400)
    expect(endStage(memory, PATIENCE)).toBe(true)
    const kept = await captured()
    expect(balance(kept.map(({ bytes }) => bytes)).every((open) => open === 0)).toBe(true)
    const struck = sent.filter(({ kind, fate }) => kind === 'note-on' && fate === 'sent')
    expect(struck).toHaveLength(200)
    const ids = struck.flatMap((message) => (message.kind === 'note-on' ? [message.id] : []))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    for (const message of sent) expect(lateness(message) ?? 0).toBeGreaterThanOrEqual(0)
    expect(kept.slice(0, sent.length).every(({ at }, n) => n === 0 || at >= kept[n - 1]!.at)).toBe(true)
  })

  it('is silent after END, when the blocking wait returns', async () => {
    const { stage, plan, told, captured, memory } = start()
    await stage.receive('ready')
    plan([noteOn(now(), 1, 60), noteOn(now(), 2, 64, { channel: 3 }), noteOn(now() + 60_000, 3, 67)])
    await told(2)
    expect(endStage(memory, PATIENCE)).toBe(true)
    expect(new Ledger(memory.ledger).soundingNotes()).toEqual([])
    const bytes = (await captured()).map((message) => message.bytes)
    expect(balance(bytes)).toEqual([0, 0])
    expect(bytes.slice(-3)).toEqual([
      [0xb3, 64, 0],
      [0xb3, 123, 0],
      [0xb3, 120, 0],
    ])
  })

  it('is silent after a panic, drops notes from before it, and plays those from after it', async () => {
    const { stage, plan, told, captured, memory } = start()
    await stage.receive('ready')
    plan([noteOn(now(), 1, 60), noteOn(now() + 60_000, 2, 62)])
    await told(1)
    const epoch = panic(memory)
    expect(awaitSilence(memory, epoch, PATIENCE)).toBe(true)
    expect(new Ledger(memory.ledger).soundingNotes()).toEqual([])
    plan([noteOn(now(), 3, 64)], 0)
    plan([noteOn(now(), 4, 65)], epoch)
    await told(4 + 2)
    endStage(memory, PATIENCE)
    const bytes = (await captured()).map((message) => message.bytes)
    expect(bytes.filter(([status]) => status === 0x90).map(([, pitch]) => pitch)).toEqual([60, 65])
    expect(balance(bytes)).toEqual([0, 0])
  })

  it('ends what sounds when its loop throws, and reports it', async () => {
    const { stage, plan, told, captured, memory } = start()
    await stage.receive('ready')
    plan([noteOn(now(), 1, 60)])
    await told(1)
    Atomics.store(memory.control, STAGE_REQUEST, REQUEST_FAULT)
    wake(memory.control, STAGE_BELL)
    expect((await stage.receive('failed')).reason).toBe('The stage failed: a fault was asked for.')
    expect(balance((await captured()).map((message) => message.bytes))).toEqual([0])
    expect(endStage(memory, PATIENCE)).toBe(true)
  })

  it('leaves its notes in the ledger when it is killed, so that main can end them', async () => {
    const { stage, plan, told, memory } = start()
    await stage.receive('ready')
    plan([noteOn(now(), 1, 60)])
    await told(1)
    await stage.worker.terminate()
    expect(new Ledger(memory.ledger).soundingNotes()).toEqual([{ id: 1, channel: 0, pitch: 60 }])
  })

  it('reports why its port cannot be had, and nobody waits for its silence', async () => {
    const memory = allocateSharedMemory()
    const data: StageData = {
      memory,
      port: { kind: 'named', name: 'No such port', own: [] },
      realtime: 'off',
    }
    const stage = startWorker<StageMessage>('stage', data)
    expect((await stage.receive('failed')).reason).toMatch(/\.$/)
    await stage.ended
    expect(endStage(memory, 10)).toBe(true)
  })

  const mayRaise = process.platform === 'linux' && process.getuid?.() === 0
  it.skipIf(!mayRaise)(
    'raises its own thread and no other to SCHED_FIFO (skipped unless root on Linux)',
    async () => {
      const memory = allocateSharedMemory()
      const data: StageData = { memory, port: { kind: 'null' }, realtime: 'auto' }
      const stage = startWorker<StageMessage>('stage', data)
      const { realtime } = await stage.receive('ready')
      const policies = readdirSync('/proc/self/task').map(policyOf)
      expect(policies.filter((policy) => policy === '1')).toHaveLength(realtime.on ? 1 : 0)
      expect(realtime.reason).toMatch(/\.$/)
      endStage(memory, PATIENCE)
      await stage.ended
    },
  )
})
