import { parentPort, workerData } from 'node:worker_threads'
import { Refused } from '../engine/refused.js'
import { measureSpinMargin, now, sleepUntil } from '../io/clock.js'
import { messageOf } from '../io/error-text.js'
import { openMidiLibrary } from '../io/midi/midi-library.js'
import {
  createNamedOutput,
  type MidiSink,
  type NamedOutput,
  openNullOutput,
  openVirtualOutput,
} from '../io/midi/midi-out.js'
import { fittingPorts, foreignPorts } from '../io/midi/port-names.js'
import { listPorts, requireVirtualPorts } from '../io/midi/ports.js'
import { KeptNotes } from '../io/output/kept-notes.js'
import { requestRealtime } from '../io/output/realtime.js'
import { Stage } from '../io/output/stage.js'
import {
  REQUEST_REOPEN,
  STAGE_BELL,
  STAGE_PLAYING,
  STAGE_REQUEST,
  STAGE_SILENT,
  STAGE_STATE,
} from '../io/shared/shared-memory.js'
import type { Captured, StageData, StageMessage, StagePort } from './messages.js'

/** The worker that owns the MIDI output. It sleeps until the next message is due, sends it, and leaves nothing sounding. */
const { memory, port, realtime, tooLate, repeatGap, keptFile } = workerData as StageData
const { control } = memory
const captured: Captured[] = []

function post(message: StageMessage): void {
  parentPort?.postMessage(message)
}

interface Opened {
  readonly sink: MidiSink
  readonly portName: string
  /** Why the output isn't the named port, in a sentence. */
  readonly missing?: string
}

/** The other program's port that is played to, or waited for; undefined where the stage plays elsewhere. */
let named: NamedOutput | undefined

async function openSink(choice: StagePort): Promise<Opened> {
  switch (choice.kind) {
    case 'virtual': {
      const library = await openMidiLibrary()
      requireVirtualPorts(listPorts(library))
      return { sink: openVirtualOutput(library, choice.name), portName: choice.name }
    }
    case 'named': {
      const library = await openMidiLibrary()
      const output = createNamedOutput(library, choice.name, choice.own)
      named = output
      try {
        return { sink: output, portName: output.open() }
      } catch (error) {
        const missing = messageOf(error)
        if (choice.otherwise !== undefined) {
          return { ...(await openSink({ kind: 'virtual', name: choice.otherwise })), missing }
        }
        const others = foreignPorts(listPorts(library).outputs, choice.own)
        // If several ports fit, or a port that can't be opened, waiting would not help.
        if (fittingPorts(others, choice.name).length > 0) throw error
        return { sink: output, portName: choice.name, missing }
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

function reopenIfAsked(stage: Stage): void {
  if (Atomics.compareExchange(control, STAGE_REQUEST, REQUEST_REOPEN, 0) !== REQUEST_REOPEN || !named) return
  try {
    stage.hush(now)
    const portName = named.open()
    stage.playTo(named, now)
    post({ kind: 'reopened', portName, reason: null })
  } catch (error) {
    post({ kind: 'reopened', portName: '', reason: messageOf(error) })
  }
}

function play(stage: Stage, spinMargin: number): void {
  while (!stage.ended) {
    reopenIfAsked(stage)
    // The bell is read before the rings: anything that is pushed during this tick changes it, and then the sleep returns at
    // once.
    const bell = Atomics.load(control, STAGE_BELL)
    const due = stage.tick(now)
    if (!stage.ended) sleepUntil(control, STAGE_BELL, bell, due, spinMargin)
  }
}

let stage: Stage | undefined
try {
  const { sink, portName, missing = null } = await openSink(port)
  const kept = keptFile === undefined ? undefined : new KeptNotes(keptFile)
  stage = new Stage(memory, sink, { tooLate, repeatGap, kept })
  const priority = requestRealtime(realtime)
  const spinMargin = measureSpinMargin()
  Atomics.store(control, STAGE_STATE, STAGE_PLAYING)
  post({ kind: 'ready', portName, missing, realtime: priority, spinMargin })
  play(stage, spinMargin)
} catch (error) {
  const text = messageOf(error)
  post({ kind: 'failed', reason: error instanceof Refused ? text : `The stage failed: ${text}.` })
} finally {
  if (stage !== undefined) stage.end(now)
  else {
    Atomics.store(control, STAGE_STATE, STAGE_SILENT)
    Atomics.notify(control, STAGE_STATE)
  }
  if (port.kind === 'capture') post({ kind: 'captured', messages: captured })
}
