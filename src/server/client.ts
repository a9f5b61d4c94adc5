import type { WebSocket } from 'ws'
import { SOSTENUTO, SUSTAIN } from '../engine/language/messages.js'
import { resetOf } from '../engine/surface/commands.js'
import type { ControlSurface } from '../engine/surface/surface.js'
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
  /** To be called every few seconds: pings it; ends one that left the last pings unanswered, or lingers at its close. */
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
/** Answers come on top of that, and aren't left out: one that asks on and never reads them is let go here. */
const MOST_UNREAD_BYTES = 2 * MOST_WAITING_BYTES
/**
 * Pings in a row that may go unanswered. Fewer lose a client at a hiccup of the network, more hold the keys of one
 * that died. Counted, not timed: a program that was stopped for a minute mustn't find that all its clients are late.
 */
const MOST_UNANSWERED = 3
/** What a client that is let go gets as its reason (RFC 6455, 7.4.1: policy violation). */
const POLICY = 1008

/** Controllers that keep notes sounding, as a key does. */
const PEDALS: readonly number[] = [SUSTAIN, SOSTENUTO]

/** A client over an open `socket`; it plays `face`. */
export function createClient(socket: WebSocket, face: ControlSurface): Client {
  /** Keys and pedals that it holds, as the bytes that lift them. */
  const held = new Map<number, readonly number[]>()
  let second = 0
  let taken = 0
  let ignored = 0
  let missed = 0
  let unanswered = 0

  function send(message: ServerMessage): void {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MOST_UNREAD_BYTES) end()
    else socket.send(JSON.stringify(message))
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
    if (ignored > MOST_IGNORED) {
      socket.close(POLICY, 'too many messages')
      liftAll()
    }
    return false
  }

  function refuse(id: MessageId, reason: string): void {
    send({ type: 'error', ...(id === undefined ? {} : { id }), reason })
  }

  function take(text: string): void {
    const parsed = parseClientMessage(text)
    if (!parsed.ok) refuse(parsed.id, parsed.reason)
    else obey(parsed.message)
  }

  function obey(message: ClientMessage): void {
    const request = requestOf(message, resetOf('piano'))
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
    if (!PEDALS.includes(controller)) face.receive([0xb0 | (channel - 1), controller, value])
    else if (value > 0) press(0xb0, channel, controller, value)
    else lift(0xb0, channel, controller)
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

  function liftAll(): void {
    for (const bytes of held.values()) face.receive(bytes)
    held.clear()
  }

  function end(): void {
    socket.terminate()
    liftAll()
  }

  function check(): void {
    if (socket.readyState !== socket.OPEN || unanswered >= MOST_UNANSWERED) {
      end()
      return
    }
    unanswered++
    socket.ping()
  }

  socket.on('message', (data, isBinary) => {
    // One that was shown out goes on talking until it has read so.
    if (socket.readyState !== socket.OPEN || !admit()) return
    if (isBinary) refuse(undefined, 'Messages are JSON text.')
    else take(String(data))
  })
  socket.on('pong', () => {
    unanswered = 0
  })
  // What is wrong with the socket is followed by its close, but that may wait for the other side.
  socket.on('error', liftAll)
  socket.on('close', liftAll)
  return { send, offer, check, end }
}
