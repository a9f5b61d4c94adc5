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

/** The worker that owns the MIDI inputs. It has an event loop, since native callbacks arrive on one. */

/** How often the ports are looked at. Slower: a keyboard plugged in seems dead; faster: wakes a sleeping laptop's core. */
const POLL_MS: Ms = 500

/** How often a device that senses is looked after: with the 330 ms of its silence this adds up to under half a second. */
const SENSING_MS: Ms = 100

/** Status, upper four bits: presets are recalled by it, bound or not. */
const PROGRAM_CHANGE = 0xc

const data = workerData as EarData

function say(message: EarMessage): void {
  parentPort?.postMessage(message)
}

const router = new InputRouter(data.memory, (text) => say({ kind: 'warning', text }))
router.set(data.settings, now())
/** By port: a cable that is pulled is one port's. */
const sensing = new Map<string, ActiveSensing>()
const clockChoice = createClockChoice()
let sensingTimer: NodeJS.Timeout | undefined
let portName = 'Rubato'
let virtual: MidiSource | undefined
let keyboard: FollowedPort | undefined
let controllers: FollowedPort[] = []
/** By port, what is bound there. */
const bound = new Map<string, ReadonlySet<number>>()
let isLearning = false

/** What comes in from a keyboard; `port` as its map is called. */
function receive(port: string, bytes: ArrayLike<number>, at: Ms): void {
  if (sensingOf(port).record(bytes, at)) sensingTimer ??= setInterval(listenForSilence, SENSING_MS)
  if (!clockChoice.accepts(port, bytes[0] ?? 0, at)) return
  const key = keyOfBytes(bytes)
  const isBound = key !== undefined && bound.get(port)?.has(key) === true
  const isProgram = (bytes[0] ?? 0) >> 4 === PROGRAM_CHANGE
  if (isBound || isProgram || (isLearning && key !== undefined))
    say({ kind: 'controller', port, bytes: Array.from(bytes) })
  if (!isBound) router.receive(bytes, at)
  // It may have been bound while it was held: what holds it must hear of its lift.
  else router.release(bytes, at)
}

function sensingOf(port: string): ActiveSensing {
  const known = sensing.get(port)
  if (known) return known
  const made = createActiveSensing()
  sensing.set(port, made)
  return made
}

/** A device that used to say that it is there says it no more. */
function listenForSilence(): void {
  for (const port of sensing.values()) if (port.isGone(now())) router.releaseAll(now())
}

/** What was complained of last, by port, so that trying again each time doesn't say it again. */
const complaints = new Map<string, string>()

function complain(port: string, reason: string): void {
  if (reason !== '' && reason !== complaints.get(port)) say({ kind: 'unavailable', reason })
  complaints.set(port, reason)
}

function tellBack(name: string): void {
  say({ kind: 'warning', text: `The input port "${name}" is back, and used again.` })
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
      onBack: tellBack,
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
        receive: (bytes) => say({ kind: 'controller', port, bytes: Array.from(bytes) }),
        onOpen: () => say({ kind: 'controller-open', port }),
        onGone: () => {},
        onBack: tellBack,
        onTrouble: (reason) => complain(port, reason),
      },
      true,
    ),
  )
}

/** Who plays into our virtual input (ALSA addresses). */
let keyboards: readonly string[] = []

/** A keyboard that goes takes no key or pedal with it: what it held is lifted. (Which keys were whose, nobody knows.) */
function followKeyboards(): void {
  const connected = readPeers(inputName(portName), 'Connected From')
  if (keyboards.some((address) => !connected.includes(address))) router.releaseAll(now())
  keyboards = connected
}

let fingerprint: string | undefined
let reported = ''

/** Tells main of ports that came, went or were connected; follows the named input as it goes and comes back. */
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
  // A port that went and came back between two looks is the same by name: only the connections have changed.
  if (text !== reported || seen !== undefined) say(report)
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
    case 'look':
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
say({
  kind: 'listening',
  portName,
  inputs: [virtual, keyboard, ...controllers].flatMap((port) => port?.name ?? []),
})
