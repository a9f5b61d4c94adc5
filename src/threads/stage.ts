import { parentPort, workerData } from 'node:worker_threads'
import { Refused } from '../engine/units.js'
import { measureSpinMargin, now, sleepUntil } from '../io/clock.js'
import { messageOf } from '../io/failure.js'
import { openMidiLibrary } from '../io/midi-library.js'
import { type MidiSink, openNamedOutput, openNullOutput, openVirtualOutput } from '../io/midi-out.js'
import { listPorts, requireVirtualPorts } from '../io/ports.js'
import { requestRealtime } from '../io/realtime.js'
import { STAGE_BELL, STAGE_PLAYING, STAGE_SILENT, STAGE_STATE } from '../io/shared-memory.js'
import { Stage } from '../io/stage-loop.js'
import type { Captured, StageData, StageMessage, StagePort } from './messages.js'

/** The worker that owns the MIDI output: sleeps to the next message's time, sends it, and leaves nothing sounding. */

const { memory, port, realtime } = workerData as StageData
const { control } = memory
const captured: Captured[] = []

function say(message: StageMessage): void {
  parentPort?.postMessage(message)
}

interface Opened {
  readonly sink: MidiSink
  readonly portName: string
  readonly otherwise?: true
}

async function openSink(choice: StagePort): Promise<Opened> {
  switch (choice.kind) {
    case 'virtual': {
      const library = await openMidiLibrary()
      requireVirtualPorts(listPorts(library))
      return { sink: openVirtualOutput(library, choice.name), portName: choice.name }
    }
    case 'named': {
      const library = await openMidiLibrary()
      try {
        const sink = openNamedOutput(library, choice.name, choice.own)
        return { sink, portName: sink.name }
      } catch (error) {
        if (choice.otherwise === undefined) throw error
        return { ...(await openSink({ kind: 'virtual', name: choice.otherwise })), otherwise: true }
      }
    }
    case 'null':
      return { sink: openNullOutput(), portName: 'no port' }
    case 'capture':
      return {
        sink: { send: (bytes) => captured.push({ at: now(), bytes: [...bytes] }), close() {} },
        portName: 'capture',
      }
  }
}

function play(stage: Stage, spinMargin: number): void {
  while (!stage.ended) {
    // Read before the rings are: what is pushed during the turn changes it, and the sleep returns at once.
    const bell = Atomics.load(control, STAGE_BELL)
    const due = stage.turn(now)
    if (!stage.ended) sleepUntil(control, STAGE_BELL, bell, due, spinMargin)
  }
}

let stage: Stage | undefined
try {
  const { sink, portName, otherwise = false } = await openSink(port)
  stage = new Stage(memory, sink)
  const priority = requestRealtime(realtime)
  const spinMargin = measureSpinMargin()
  Atomics.store(control, STAGE_STATE, STAGE_PLAYING)
  say({ kind: 'ready', portName, otherwise, realtime: priority, spinMargin })
  play(stage, spinMargin)
} catch (error) {
  const text = messageOf(error)
  say({ kind: 'failed', reason: error instanceof Refused ? text : `The stage failed: ${text}.` })
} finally {
  if (stage !== undefined) stage.end(now)
  else {
    Atomics.store(control, STAGE_STATE, STAGE_SILENT)
    Atomics.notify(control, STAGE_STATE)
  }
  if (port.kind === 'capture') say({ kind: 'captured', messages: captured })
}
