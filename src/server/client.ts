import type { WebSocket } from 'ws'
import { defaultControls } from '../engine/controls.js'
import type { Face } from '../engine/face.js'
import { SUSTAIN } from '../engine/notes.js'
import type { Ms } from '../engine/units.js'
import {
  type ClientMessage,
  type MessageId,
  parseClientMessage,
  requestOf,
  type ServerMessage,
} from './protocol.js'

/** One client on the WebSocket. Nothing here throws or waits. */
export interface Client {
  /** Sends what matters to it alone, or to all: `text` is a message already written. */
  send(message: ServerMessage): void
  /** Sends a message that may be left out: a client that reads too slowly gets the next. */
  offer(text: string): void
  /** To be called every second or so: pings it, and lets one go that doesn't answer or read. */
  check(): void
  end(): void
}

/** Messages a second: over it they are ignored, and said so. A knob sends 100 a second, a fast pianist 50. */
const RATE = 200
/** Ignored messages a second at which a client is let go: it isn't listening to what it is told. */
const MOST_IGNORED = 2000
/**
 * What may wait in our memory for a client: a second of snapshots. Less leaves out messages at every hiccup of a
 * network, more is memory that 32 clients may take.
 */
const MOST_WAITING_BYTES = 256 * 1024
/** A client that reads nothing for so long is let go. */
const PATIENCE_MS: Ms = 15_000
/** What a client that is let go gets as its reason (RFC 6455, 7.4.1: policy violation). */
const POLICY = 1008

/** A client over an open `socket`; it plays `face`. */
export function createClient(socket: WebSocket, face: Face): Client {
  /** Keys and pedals that it holds, as the bytes that lift them. */
  const held = new Map<number, readonly number[]>()
  let second = 0
  let taken = 0
  let ignored = 0
  let missed = 0
  /** When it was last seen to read. */
  let lastSign = face.now()

  function send(message: ServerMessage): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
  }

  function offer(text: string): void {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MOST_WAITING_BYTES) {
      missed++
      return
    }
    if (missed > 0) send({ type: 'missed', messages: missed })
    missed = 0
    socket.send(text)
  }

  /** Whether there is room for one more message in this second. */
  function admit(): boolean {
    const now = Math.floor(face.now() / 1000)
    if (now !== second) {
      second = now
      taken = 0
      ignored = 0
    }
    taken++
    if (taken <= RATE) return true
    ignored++
    if (ignored === 1) refuse(undefined, `More than ${RATE} messages a second are ignored.`)
    if (ignored > MOST_IGNORED) socket.close(POLICY, 'too many messages')
    return false
  }

  function refuse(id: MessageId, reason: string): void {
    send({ type: 'error', ...(id === undefined ? {} : { id }), reason })
  }

  function take(text: string): void {
    if (!admit()) return
    const parsed = parseClientMessage(text)
    if (!parsed.ok) refuse(parsed.id, parsed.reason)
    else obey(parsed.message)
  }

  function obey(message: ClientMessage): void {
    const request = requestOf(message, { type: 'set-all', controls: defaultControls() })
    if (request) {
      const answer = face.ask(request, 'web')
      send({ type: 'answer', ...(message.id === undefined ? {} : { id: message.id }), ...answer })
    } else if (message.type === 'ping') send({ type: 'pong', t: message.t, now: face.now() })
    else play(message)
  }

  function play(message: ClientMessage): void {
    switch (message.type) {
      case 'note-on':
        press(0x90, message.channel, message.pitch, message.velocity)
        break
      case 'note-off':
        lift(0x80, message.channel, message.pitch)
        break
      case 'control-change':
        turn(message.channel, message.controller, message.value)
    }
  }

  function turn(channel: number, controller: number, value: number): void {
    if (controller !== SUSTAIN) face.receive([0xb0 | (channel - 1), controller, value])
    else if (value > 0) press(0xb0, channel, SUSTAIN, value)
    else lift(0xb0, channel, SUSTAIN)
  }

  function press(status: 0x90 | 0xb0, channel: number, number: number, value: number): void {
    const off = (status === 0x90 ? 0x80 : 0xb0) | (channel - 1)
    held.set((off << 7) | number, [off, number, 0])
    face.receive([status | (channel - 1), number, value])
  }

  function lift(status: 0x80 | 0xb0, channel: number, number: number): void {
    const off = status | (channel - 1)
    held.delete((off << 7) | number)
    face.receive([off, number, 0])
  }

  function check(): void {
    if (face.now() - lastSign > PATIENCE_MS) socket.terminate()
    else if (socket.readyState === socket.OPEN) socket.ping()
  }

  socket.on('message', (data, isBinary) => {
    if (isBinary) refuse(undefined, 'Messages are JSON text.')
    else take(String(data))
  })
  socket.on('pong', () => {
    lastSign = face.now()
  })
  // What is wrong with the socket is followed by its close.
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const bytes of held.values()) face.receive(bytes)
    held.clear()
  })
  return { send, offer, check, end: () => socket.terminate() }
}
