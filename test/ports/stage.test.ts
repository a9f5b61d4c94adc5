import { execFileSync } from 'node:child_process'
import type { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClockMessage, HeardMessage } from '../../src/engine/language/messages.js'
import { now, wake } from '../../src/io/clock.js'
import { PLAIN_INPUT } from '../../src/io/input/input-router.js'
import { readPeers } from '../../src/io/midi/alsa-peers.js'
import { openMidiLibrary } from '../../src/io/midi/midi-library.js'
import { openNamedOutput } from '../../src/io/midi/midi-out.js'
import { listPorts } from '../../src/io/midi/ports.js'
import { endNotes, panicMessages, panicPort } from '../../src/io/output/rescue.js'
import { Ledger } from '../../src/io/shared/ledger.js'
import { drainHeard, pushTimed } from '../../src/io/shared/ring-messages.js'
import { Ring } from '../../src/io/shared/rings.js'
import { allocateSharedMemory, ECHOES, endStage, STAGE_BELL } from '../../src/io/shared/shared-memory.js'
import type { EarData, EarMessage, StageData, StageMessage, StagePort } from '../../src/threads/messages.js'
import {
  dump,
  endDumps,
  noSequencer as missing,
  countNotes as notes,
  PATIENCE,
  until,
} from '../helpers/alsa-peer.js'
import { startWorker } from '../helpers/compiled-worker.js'
import { noteOff, noteOn } from '../helpers/memory-port.js'

/** Switches off the dropping of late notes. A busy machine makes notes late, and no test here is about that. */
const NEVER_TOO_LATE = Number.POSITIVE_INFINITY

const workers: Worker[] = []

afterEach(async () => {
  endDumps()
  // A test that failed may have left workers running; their ports must not disturb the next test.
  for (const worker of workers.splice(0)) await worker.terminate()
})

function startPort<Message extends { kind: string }>(name: string, data: unknown) {
  const thread = startWorker<Message>(name, data)
  workers.push(thread.worker)
  return thread
}

function start(port: StagePort) {
  const memory = allocateSharedMemory()
  const data: StageData = { memory, port, realtime: 'off', tooLate: NEVER_TOO_LATE }
  const stage = startPort<StageMessage>('stage', data)
  const ring = new Ring(memory.performerToStage)
  const plan = (...messages: Parameters<typeof pushTimed>[1][]) => {
    for (const message of messages) pushTimed(ring, message, 0)
    wake(memory.control, STAGE_BELL)
  }
  return { memory, stage, plan }
}

describe.skipIf(missing !== '')(`the stage at a real port ${missing}`, () => {
  it('appears as Rubato, plays to its peers, knows them, falls silent at END and leaves the list of ports', async () => {
    const { memory, stage, plan } = start({ kind: 'virtual', name: 'Rubato' })
    expect((await stage.receive('ready')).portName).toBe('Rubato')
    const library = await openMidiLibrary()
    expect(listPorts(library).inputs.filter((name) => / ?Rubato \d/.test(name))).toHaveLength(1)
    const { lines } = await dump('RtMidi Output Client')
    expect(readPeers('Rubato', 'Connecting To')).toHaveLength(1)
    plan(noteOn(now() + 20, 1, 60), noteOff(now() + 60, 1), noteOn(now() + 80, 2, 64))
    await until('two notes', () => notes(lines, 'on') === 2)
    expect(notes(lines, 'off')).toBe(1)
    expect(endStage(memory, PATIENCE)).toBe(true)
    await until('their offs', () => notes(lines, 'off') === 2)
    await until('the silence', () => lines.filter((line) => line.includes('Control change')).length === 3)
    await stage.ended
    expect(listPorts(library).inputs.some((name) => name.includes('Rubato'))).toBe(false)
  })

  it('has its notes ended by main, at the peers it had, when its thread is killed', async () => {
    const { memory, stage, plan } = start({ kind: 'virtual', name: 'Rubato' })
    await stage.receive('ready')
    const { lines } = await dump('RtMidi Output Client')
    plan(noteOn(now(), 1, 60), noteOn(now(), 2, 64, { channel: 2 }))
    await until('two notes', () => notes(lines, 'on') === 2)
    const addresses = readPeers('Rubato', 'Connecting To')
    await stage.worker.terminate()
    expect(listPorts(await openMidiLibrary()).inputs.some((name) => name.includes('Rubato'))).toBe(false)
    const told = await endNotes(await openMidiLibrary(), new Ledger(memory.ledger), {
      kind: 'peers',
      addresses,
    })
    expect(told).toBe(1)
    await until('their offs', () => notes(lines, 'off') === 2)
  })

  it('plays to an existing port by a part of its name', async () => {
    const { lines } = await dump()
    const { memory, stage, plan } = start({ kind: 'named', name: 'aseq', own: [] })
    expect((await stage.receive('ready')).portName).toMatch(/^aseqdump:aseqdump \d+:0$/)
    plan(noteOn(now(), 1, 60))
    await until('a note', () => notes(lines, 'on') === 1)
    endStage(memory, PATIENCE)
    await until('its off', () => notes(lines, 'off') === 1)
    await stage.ended
  })

  it('waits for a port that is not there, with the list of those that are', async () => {
    const { memory, stage } = start({ kind: 'named', name: 'Bösendorfer', own: [] })
    expect((await stage.receive('ready')).missing).toMatch(
      /no MIDI port "Bösendorfer"; there are: "Midi Through/,
    )
    endStage(memory, PATIENCE)
    await stage.ended
  })

  it('delivers every message of a panic', async () => {
    const { lines } = await dump()
    expect(await panicPort(await openMidiLibrary(), 'aseqdump')).toMatch(/^aseqdump/)
    const count = () => notes(lines, 'off') + lines.filter((line) => line.includes('Control change')).length
    await until('every message', () => count() === panicMessages().length)
  })
})

describe.skipIf(missing !== '')(`the ear at a real port ${missing}`, () => {
  function listen(data: Partial<EarData> = {}) {
    const memory = data.memory ?? allocateSharedMemory()
    const whole: EarData = {
      memory,
      settings: PLAIN_INPUT,
      virtual: true,
      from: null,
      controllers: [],
      ...data,
    }
    const ear = startPort<EarMessage>('ear', whole)
    const ring = new Ring(memory.earToPerformer)
    const heard: (HeardMessage | ClockMessage)[] = []
    return {
      memory,
      ear,
      heard: () => {
        drainHeard(ring, (message) => heard.push(message))
        return heard
      },
    }
  }

  it('receives what is played to "Rubato in", with times in the past and in order, and reports new ports', async () => {
    const { ear, heard } = listen()
    const listening = await ear.receive('listening')
    expect(listening).toEqual({ kind: 'listening', portName: 'Rubato', inputs: ['Rubato in'] })
    const library = await openMidiLibrary()
    const output = openNamedOutput(library, 'Rubato in')
    const sent: number[] = []
    for (let n = 0; n < 20; n++) {
      output.send([0x90, 60 + n, 80])
      sent.push(now())
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    output.send([0xfa, 0, 0])
    await until('all', () => heard().length >= 20)
    const arrived = heard().filter(({ kind }) => kind === 'note-on')
    expect(arrived.map((message) => 'pitch' in message && message.pitch)).toEqual(sent.map((_, n) => 60 + n))
    for (const { at } of arrived) expect(at).toBeLessThanOrEqual(now())
    // Only the nearer half of the messages is checked, because a machine that stalls delays others.
    const offsets = arrived.map(({ at }, n) => Math.abs(at - sent[n]!)).sort((a, b) => a - b)
    expect(offsets[10]).toBeLessThan(50)
    output.close()
    await dump()
    await until('the news', () =>
      ear.said.some(
        (message) => message.kind === 'ports' && message.outputs.some((name) => name.includes('aseqdump')),
      ),
    )
    const offered = ear.said.flatMap((message) => (message.kind === 'ports' ? message.outputs : []))
    expect(offered.some((name) => name.includes('Rubato in'))).toBe(false)
    ear.worker.postMessage({ kind: 'close' })
    await ear.ended
  })

  it('is called Rubato 2 beside a first instance', async () => {
    const first = listen()
    await first.ear.receive('listening')
    const { stage, memory } = start({ kind: 'virtual', name: 'Rubato' })
    await stage.receive('ready')
    const second = listen()
    expect(await second.ear.receive('listening')).toMatchObject({
      portName: 'Rubato 2',
      inputs: ['Rubato 2 in'],
    })
    for (const { ear } of [first, second]) ear.worker.postMessage({ kind: 'close' })
    endStage(memory, PATIENCE)
    await Promise.all([first.ear.ended, second.ear.ended, stage.ended])
  })

  it('ignores its own output when it is looped back, and warns once', async () => {
    const { memory, ear, heard } = listen()
    await ear.receive('listening')
    const port: StagePort = { kind: 'virtual', name: 'Rubato' }
    const data: StageData = { memory, port, realtime: 'off', tooLate: NEVER_TOO_LATE }
    const stage = startPort<StageMessage>('stage', data)
    await stage.receive('ready')
    execFileSync('aconnect', ['RtMidi Output Client:0', 'RtMidi Input Client:0'])
    const ring = new Ring(memory.performerToStage)
    const begin = now() + 1000
    for (let n = 0; n < 10; n++) {
      pushTimed(ring, noteOn(begin + n * 60, n + 1, 50 + n), 0)
      pushTimed(ring, noteOff(begin + n * 60 + 40, n + 1), 0)
    }
    wake(memory.control, STAGE_BELL)
    // Three of the ten notes are enough: on a busy machine some come back too late to be taken for echoes.
    await until('echoes', () => Atomics.load(memory.control, ECHOES) >= 3)
    await new Promise((resolve) => setTimeout(resolve, 400))
    const echoes = Atomics.load(memory.control, ECHOES)
    expect(heard().filter(({ kind }) => kind === 'note-on').length + echoes).toBeLessThanOrEqual(10)
    await until('the warning', () => ear.said.some(({ kind }) => kind === 'warning'))
    expect(ear.said.filter(({ kind }) => kind === 'warning')).toHaveLength(1)
    ear.worker.postMessage({ kind: 'close' })
    endStage(memory, PATIENCE)
    await Promise.all([ear.ended, stage.ended])
  })

  it('waits for a named port and lifts its keys when it goes', async () => {
    const { ear, heard } = listen({ virtual: false, from: 'Keys' })
    await ear.receive('listening')
    expect((await ear.receive('unavailable')).reason).toMatch(/no MIDI port "Keys"/)
    const library = await openMidiLibrary()
    const keyboard = new library.Output()
    keyboard.openVirtualPort('Keys')
    await until('the ear opens it', () => readPeers('Keys', 'Connecting To').length === 1)
    keyboard.sendMessage([0x90, 60, 80])
    await until('a note', () => heard().length === 1)
    keyboard.destroy()
    await until('its lift', () => heard().length === 2)
    expect(heard()[1]).toMatchObject({ kind: 'note-off', pitch: 60 })
    await until('the complaint', () =>
      ear.said.some((message) => message.kind === 'unavailable' && message.reason.includes('is gone')),
    )
    ear.worker.postMessage({ kind: 'close' })
    await ear.ended
  })
})
