import { describe, expect, it } from 'vitest'
import type { ClockMessage, HeardMessage, SentMessage } from '../../src/engine/language/messages.js'
import { now } from '../../src/io/clock.js'
import { keysOfSource } from '../../src/io/input/binding-filter.js'
import { PLAIN_INPUT } from '../../src/io/input/input-router.js'
import { drainHeard, drainSent } from '../../src/io/shared/ring-messages.js'
import { Ring } from '../../src/io/shared/rings.js'
import {
  allocateSharedMemory,
  EAR_CLOSED,
  EAR_STATE,
  endStage,
  PERFORMER_BELL,
} from '../../src/io/shared/shared-memory.js'
import {
  type EarCommand,
  type EarData,
  type EarMessage,
  type StageData,
  type StageMessage,
  VIRTUAL_PORT,
} from '../../src/threads/messages.js'
import { BUILD, startWorker, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { balance } from '../helpers/memory-port.js'

/** Longest that anything is waited for: a busy machine may be slow, and no test here is about speed. */
const PATIENCE = { timeout: 20_000 }

describe.skipIf(!threadsAreBuilt)(`the ear thread (${BUILD})`, () => {
  it('works without ports: bytes reach the performer and pass through the stage, and held keys are lifted when it closes', async () => {
    const memory = allocateSharedMemory()
    // No note is too late here: a busy machine makes notes late, and late notes are dropped.
    const tooLate = Number.POSITIVE_INFINITY
    const stageData: StageData = { memory, port: { kind: 'capture' }, realtime: 'off', tooLate }
    const stage = startWorker<StageMessage>('stage', stageData)
    await stage.receive('ready')
    const data: EarData = { memory, settings: PLAIN_INPUT, virtual: false, from: null, controllers: [] }
    const ear = startWorker<EarMessage>('ear', data)
    const tell = (command: EarCommand) => ear.worker.postMessage(command)
    await ear.receive('listening')

    const before = now()
    tell({ kind: 'bytes', bytes: [0x90, 60, 80] })
    tell({ kind: 'settings', settings: { ...PLAIN_INPUT, thru: 4 } })
    tell({ kind: 'bytes', bytes: [0x90, 64, 80] })
    tell({ kind: 'bytes', bytes: [0xb0, 64, 127] })
    tell({ kind: 'bytes', bytes: [0xf8] })
    tell({ kind: 'close' })
    await ear.ended
    const heard: (HeardMessage | ClockMessage)[] = []
    drainHeard(new Ring(memory.earToPerformer), (message) => heard.push(message))
    expect(heard.map(({ kind }) => kind)).toEqual([
      'note-on',
      'note-on',
      'control-change',
      'clock',
      'note-off',
      'note-off',
      // The pedal of a keyboard that is gone is lifted too.
      'control-change',
    ])
    expect(heard.every(({ at }) => at >= before && at <= now())).toBe(true)
    expect(Atomics.load(memory.control, PERFORMER_BELL)).toBe(7)
    // A process that exits waits for this state.
    expect(Atomics.load(memory.control, EAR_STATE)).toBe(EAR_CLOSED)
    // The stage ends at once when asked to, and drops what it hasn't sent: wait for note, pedal and their ends
    // first.
    const sent: SentMessage[] = []
    const report = new Ring(memory.stageToMain)
    await expect
      .poll(() => {
        drainSent(report, (message) => sent.push(message))
        return sent.length
      }, PATIENCE)
      .toBe(4)
    endStage(memory, 20_000)
    const bytes = (await stage.receive('captured')).messages.map((message) => message.bytes)
    expect(balance(bytes)).toEqual([0])
    expect(bytes.slice(0, 4)).toEqual([
      [0x94, 64, 80],
      [0xb4, 64, 127],
      [0x84, 64, 64],
      [0xb4, 64, 0],
    ])
    await stage.ended
  })

  it('a key that is bound while it is held is still lifted for the performer', async () => {
    const memory = allocateSharedMemory()
    const data: EarData = { memory, settings: PLAIN_INPUT, virtual: false, from: null, controllers: [] }
    const ear = startWorker<EarMessage>('ear', data)
    const tell = (command: EarCommand) => ear.worker.postMessage(command)
    await ear.receive('listening')
    tell({ kind: 'learning', on: true })
    tell({ kind: 'bytes', bytes: [0x90, 60, 80] })
    await ear.receive('controller')
    tell({ kind: 'learning', on: false })
    const keys = keysOfSource({ kind: 'note', channel: 0, pitch: 60 })
    tell({ kind: 'bound', port: VIRTUAL_PORT, keys })
    tell({ kind: 'bytes', bytes: [0x80, 60, 0] })
    tell({ kind: 'bytes', bytes: [0x90, 60, 80] })
    // The bound key is struck in vain; the key beside it shows that all has been handled.
    tell({ kind: 'bytes', bytes: [0x90, 61, 80] })
    const heard: string[] = []
    await expect
      .poll(() => {
        drainHeard(new Ring(memory.earToPerformer), (message) => {
          if ('pitch' in message) heard.push(`${message.kind} ${message.pitch}`)
        })
        return heard
      }, PATIENCE)
      .toEqual(['note-on 60', 'note-off 60', 'note-on 61'])
    tell({ kind: 'close' })
    await ear.ended
  })
})
