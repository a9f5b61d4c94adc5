import { parentPort, workerData } from 'node:worker_threads'
import type { Ms } from '../engine/units.js'
import { now } from '../io/clock.js'
import { messageOf } from '../io/error-text.js'
import { type ActiveSensing, createActiveSensing } from '../io/input/active-sensing.js'
import { keyOfBytes } from '../io/input/binding-filter.js'
import { createClockChoice } from '../io/input/clock-choice.js'
import { InputRouter } from '../io/input/input-router.js'
import { readPeers } from '../io/midi/alsa-peers.js'
import { type FollowedPort, followPort } from '../io/midi/followed-port.js'
import { type MidiSource, openVirtualInput } from '../io/midi/midi-in.js'
import { type MidiLibrary, openMidiLibrary } from '../io/midi/midi-library.js'
import { foreignPorts, inputName, ownPorts } from '../io/midi/port-names.js'
import { choosePortName, listPorts, portFingerprint, requireVirtualPorts } from '../io/midi/ports.js'
import { EAR_CLOSED, EAR_STATE } from '../io/shared/shared-memory.js'
import { type EarCommand, type EarData, type EarMessage, VIRTUAL_PORT } from './messages.js'

/**
 * The worker that owns the MIDI inputs. Unlike performer and stage it has an event loop: native callbacks arrive on one.
 */

/** How often the ports are polled. Less often, a keyboard just plugged in seems dead; more often wakes an idle laptop. */
const POLL_MS: Ms = 500

/**
 * How often devices that send active sensing are checked. Such a device counts as gone after 330 ms without a message, so
 * its keys are lifted within 430 ms; with rarer checks they sound for longer, with more frequent ones the thread wakes
 * more often.
 */
const SENSING_MS: Ms = 100

/** Upper four bits of the status byte (MIDI 1.0). Program changes recall presets whether or not a map binds them. */
const PROGRAM_CHANGE = 0xc

const data = workerData as EarData

function post(message: EarMessage): void {
  parentPort?.postMessage(message)
}

const router = new InputRouter(data.memory, (text) => post({ kind: 'warning', text }))
router.set(data.settings, now())
/** The state of active sensing at each port. */
const sensing = new Map<string, ActiveSensing>()
const clockChoice = createClockChoice()
let sensingTimer: NodeJS.Timeout | undefined
let portName = 'Rubato'
let virtual: MidiSource | undefined
let keyboard: FollowedPort | undefined
let controllers: FollowedPort[] = []
/** The messages that the map of each port binds, as `keyOfBytes` numbers them. */
const bound = new Map<string, ReadonlySet<number>>()
let isLearning = false

/** Handles a message of a keyboard at `port`, by the name that its map goes by. */
function receive(port: string, bytes: ArrayLike<number>, at: Ms): void {
  if (sensingOf(port).record(bytes, at)) sensingTimer ??= setInterval(listenForSilence, SENSING_MS)
  if (!clockChoice.accepts(port, bytes[0] ?? 0, at)) return
  const key = keyOfBytes(bytes)
  const isBound = key !== undefined && bound.get(port)?.has(key) === true
  const isProgram = (bytes[0] ?? 0) >> 4 === PROGRAM_CHANGE
  if (isBound || isProgram || (isLearning && key !== undefined))
    post({ kind: 'controller', port, bytes: Array.from(bytes) })
  if (!isBound) router.receive(bytes, at)
  // A key may have been bound while it was held: then its release still has to reach the performer and the stage.
  else router.release(bytes, at)
}

function sensingOf(port: string): ActiveSensing {
  const known = sensing.get(port)
  if (known) return known
  const made = createActiveSensing()
  sensing.set(port, made)
  return made
}

/** Lifts all held keys and pedals when a device that sent active sensing has fallen silent. */
function listenForSilence(): void {
  for (const port of sensing.values()) if (port.isGone(now())) router.releaseAll(now())
}

/** The last complaint about each port: a port is tried again and again, but the same reason is posted once. */
const complaints = new Map<string, string>()

function complain(port: string, reason: string): void {
  if (reason !== '' && reason !== complaints.get(port)) post({ kind: 'unavailable', reason })
  complaints.set(port, reason)
}

function postBack(name: string): void {
  post({ kind: 'warning', text: `The input port "${name}" is back, and used again.` })
}

function openInputs(library: MidiLibrary): void {
  const ports = listPorts(library)
  portName = choosePortName(ports)
  if (data.virtual) {
    try {
      requireVirtualPorts(ports)
      const name = inputName(portName)
      virtual = openVirtualInput(library, name, now, (bytes, at) => receive(VIRTUAL_PORT, bytes, at))
    } catch (error) {
      complain(portName, messageOf(error))
    }
  }
  const own = () => ownPorts(portName)
  const { from } = data
  if (from !== null) {
    keyboard = followPort(library, from, own, now, {
      receive: (bytes, at) => receive(from, bytes, at),
      onGone: () => router.releaseAll(now()),
      onBack: postBack,
      onTrouble: (reason) => complain(from, reason),
    })
  }
  controllers = data.controllers.map((port) =>
    followPort(
      library,
      port,
      own,
      now,
      {
        receive: (bytes) => post({ kind: 'controller', port, bytes: Array.from(bytes) }),
        onOpen: () => post({ kind: 'controller-open', port }),
        onGone: () => {},
        onBack: postBack,
        onTrouble: (reason) => complain(port, reason),
      },
      true,
    ),
  )
}

/** The ALSA addresses that are connected to Rubato's virtual input. */
let keyboards: readonly string[] = []

/**
 * Lifts every held key and pedal when a keyboard is disconnected from Rubato's virtual input, since its own releases
 * won't come. All are lifted, because it is unknown which keyboard holds which key.
 */
function followKeyboards(): void {
  const connected = readPeers(inputName(portName), 'Connected From')
  if (keyboards.some((address) => !connected.includes(address))) router.releaseAll(now())
  keyboards = connected
}

let fingerprint: string | undefined
let reported = ''

/** Tells main of ports that came, went or were connected, and opens named inputs again when they are back. */
function poll(library: MidiLibrary): void {
  const seen = portFingerprint()
  if (seen !== undefined && seen === fingerprint) return
  fingerprint = seen
  const ports = listPorts(library)
  for (const port of [keyboard, ...controllers]) port?.poll(ports)
  followKeyboards()
  const own = ownPorts(portName)
  const report: EarMessage = {
    kind: 'ports',
    inputs: foreignPorts(ports.inputs, own),
    outputs: foreignPorts(ports.outputs, own),
    peers: readPeers(portName, 'Connecting To'),
  }
  const text = JSON.stringify(report)
  // A port that went and came back between two polls has the same name; only the fingerprint shows the change.
  if (text !== reported || seen !== undefined) post(report)
  reported = text
}

let timer: NodeJS.Timeout | undefined
try {
  const library = await openMidiLibrary()
  openInputs(library)
  poll(library)
  timer = setInterval(() => {
    try {
      poll(library)
    } catch (error) {
      complain('', messageOf(error))
    }
  }, POLL_MS)
} catch (error) {
  complain('', messageOf(error))
}

parentPort?.on('message', (command: EarCommand) => {
  switch (command.kind) {
    case 'settings':
      router.set(command.settings, now())
      return
    case 'bytes':
      receive(VIRTUAL_PORT, command.bytes, now())
      return
    case 'bound':
      bound.set(command.port, new Set(command.keys))
      return
    case 'report-ports':
      fingerprint = undefined
      reported = ''
      return
    case 'learning':
      isLearning = command.on
      return
    case 'answer':
      for (const bytes of command.messages)
        controllers.find(({ wanted }) => wanted === command.port)?.send(bytes)
      return
    case 'close':
      router.releaseAll(now())
      clearInterval(timer)
      clearInterval(sensingTimer)
      virtual?.close()
      for (const port of [keyboard, ...controllers]) port?.close()
      Atomics.store(data.memory.control, EAR_STATE, EAR_CLOSED)
      Atomics.notify(data.memory.control, EAR_STATE)
      parentPort?.close()
  }
})
post({
  kind: 'listening',
  portName,
  inputs: [virtual, keyboard, ...controllers].flatMap((port) => port?.name ?? []),
})
