import { parentPort, workerData } from 'node:worker_threads'
import type { Ms } from '../engine/units.js'
import { createActiveSensing } from '../io/active-sensing.js'
import { readPeers } from '../io/alsa-peers.js'
import { now } from '../io/clock.js'
import { messageOf } from '../io/failure.js'
import { Intake } from '../io/intake.js'
import { type MidiSource, openNamedInput, openVirtualInput } from '../io/midi-in.js'
import { type MidiLibrary, openMidiLibrary } from '../io/midi-library.js'
import { foreignPorts, inputName, ownPorts } from '../io/port-names.js'
import { choosePortName, listPorts, portFingerprint, requireVirtualPorts } from '../io/ports.js'
import type { EarCommand, EarData, EarMessage } from './messages.js'

/** The worker that owns the MIDI inputs. It has an event loop, since native callbacks arrive on one. */

/** How often the ports are looked at. Slower: a keyboard plugged in seems dead; faster: wakes a sleeping laptop's core. */
const POLL_MS: Ms = 500

/** How often a device that senses is looked after: with the 330 ms of its silence this adds up to under half a second. */
const SENSING_MS: Ms = 100

const data = workerData as EarData

function say(message: EarMessage): void {
  parentPort?.postMessage(message)
}

const intake = new Intake(data.memory, (text) => say({ kind: 'warning', text }))
intake.set(data.settings, now())
const sensing = createActiveSensing()
let sensingTimer: NodeJS.Timeout | undefined

function receive(bytes: ArrayLike<number>, at: Ms): void {
  if (sensing.note(bytes, at)) sensingTimer ??= setInterval(listenForSilence, SENSING_MS)
  intake.receive(bytes, at)
}

/** A device that used to say that it is there says it no more. */
function listenForSilence(): void {
  if (!sensing.isGone(now())) return
  intake.releaseAll(now())
  clearInterval(sensingTimer)
  sensingTimer = undefined
}

let portName = 'Rubato'
let virtual: MidiSource | undefined
let named: MidiSource | undefined
/** What `unavailable` said last, so that trying again each second doesn't say it again. */
let complaint = ''

function complain(error: unknown): void {
  const reason = messageOf(error)
  if (reason !== complaint) say({ kind: 'unavailable', reason })
  complaint = reason
}

function tryNamed(library: MidiLibrary, from: string): void {
  try {
    named = openNamedInput(library, from, ownPorts(portName), now, receive)
    complaint = ''
  } catch (error) {
    complain(error)
  }
}

function openInputs(library: MidiLibrary): void {
  const ports = listPorts(library)
  portName = choosePortName(ports)
  if (data.virtual) {
    try {
      requireVirtualPorts(ports)
      virtual = openVirtualInput(library, inputName(portName), now, receive)
    } catch (error) {
      complain(error)
    }
  }
  if (data.from !== null) tryNamed(library, data.from)
}

/** Who plays into our virtual input (ALSA addresses). */
let keyboards: readonly string[] = []

/** A keyboard that goes takes no key or pedal with it: what it held is lifted. (Which keys were whose, nobody knows.) */
function followKeyboards(): void {
  const connected = readPeers(inputName(portName), 'Connected From')
  if (keyboards.some((address) => !connected.includes(address))) intake.releaseAll(now())
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
  if (named !== undefined && !ports.inputs.includes(named.name)) {
    complain(new Error(`The input port "${named.name}" is gone; it is used again when it comes back.`))
    named.close()
    named = undefined
    intake.releaseAll(now())
  } else if (named === undefined && data.from !== null) tryNamed(library, data.from)
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
      complain(error)
    }
  }, POLL_MS)
} catch (error) {
  complain(error)
}

parentPort?.on('message', (command: EarCommand) => {
  switch (command.kind) {
    case 'settings':
      intake.set(command.settings, now())
      return
    case 'bytes':
      intake.receive(command.bytes, now())
      return
    case 'close':
      intake.releaseAll(now())
      clearInterval(timer)
      clearInterval(sensingTimer)
      virtual?.close()
      named?.close()
      parentPort?.close()
  }
})
say({
  kind: 'listening',
  portName,
  inputs: [virtual, named].flatMap((source) => (source === undefined ? [] : [source.name])),
})
