import type { WebSocket } from 'ws'
import { resetOf } from '../engine/surface/commands.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import { type ClientMessage, type MessageId, parseClientMessage, requestOf } from './client-messages.js'
import { HeldKeys } from './held-keys.js'
import { MessageRate, MOST_MESSAGES } from './message-rate.js'
import type { ServerMessage } from './server-messages.js'

/** One client on the WebSocket. Its functions neither throw nor wait. */
export interface Client {
  /** Sends a message that must not be left out. */
  send(message: ServerMessage): void
  /** Sends a message, written as JSON, that may be left out: a client that reads too slowly gets the next one. */
  offer(text: string): void
  /**
   * Pings the client; disconnects one that left too many pings unanswered or never finishes closing. Call every few
   * seconds.
   */
  check(): void
  /** Disconnects at once. */
  end(): void
}

/**
 * Most bytes that may wait in our memory for a client to read: a second of snapshots. Less: messages are left out at
 * every hiccup of a network. More: every client may use more memory.
 */
const MOST_WAITING_BYTES = 256 * 1024

/**
 * Unread bytes at which a client is disconnected. Answers are sent even beyond {@link MOST_WAITING_BYTES}, so a client
 * that goes on asking and never reads them comes to this.
 */
const MOST_UNREAD_BYTES = 2 * MOST_WAITING_BYTES

/**
 * Pings in a row that may stay unanswered. Fewer: a client is lost at a hiccup of the network. More: the keys of a client
 * that is gone are held for longer. Pings are counted, not timed, because a program that was stopped for a minute mustn't
 * find all its clients late.
 */
const MOST_UNANSWERED = 3

/** The close code for a client that sends far too much (RFC 6455, 7.4.1: policy violation). */
const POLICY_VIOLATION = 1008

/** A client over an open `socket`, which plays and adjusts `surface`. */
export function createClient(socket: WebSocket, surface: ControlSurface): Client {
  return new SocketClient(socket, surface)
}

class SocketClient implements Client {
  readonly #socket: WebSocket
  readonly #surface: ControlSurface
  readonly #keys: HeldKeys
  readonly #rate = new MessageRate()
  /** How many messages were left out since one was last sent. */
  #missed = 0
  /** How many pings were sent since the client last answered one. */
  #unanswered = 0

  constructor(socket: WebSocket, surface: ControlSurface) {
    this.#socket = socket
    this.#surface = surface
    this.#keys = new HeldKeys((bytes) => surface.receive(bytes))
    socket.on('message', (data, isBinary) => this.#receive(String(data), isBinary))
    socket.on('pong', () => {
      this.#unanswered = 0
    })
    // After an error the socket closes, but that may take until the other side agrees, so the keys are released now.
    socket.on('error', () => this.#keys.releaseAll())
    socket.on('close', () => this.#keys.releaseAll())
  }

  send(message: ServerMessage): void {
    if (!this.#isOpen) return
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES) this.end()
    else this.#socket.send(JSON.stringify(message))
  }

  offer(text: string): void {
    if (!this.#isOpen) return
    if (this.#socket.bufferedAmount > MOST_WAITING_BYTES) {
      this.#missed++
      return
    }
    if (this.#missed > 0) this.send({ type: 'missed', messages: this.#missed })
    this.#missed = 0
    this.#socket.send(text)
  }

  check(): void {
    if (!this.#isOpen || this.#unanswered >= MOST_UNANSWERED) {
      this.end()
      return
    }
    this.#unanswered++
    this.#socket.ping()
  }

  end(): void {
    this.#socket.terminate()
    this.#keys.releaseAll()
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  #receive(text: string, isBinary: boolean): void {
    // A client that is being disconnected may go on sending until it reads that it is.
    if (!this.#isOpen || !this.#admit()) return
    if (isBinary) {
      this.#refuse(undefined, 'Messages must be JSON text.')
      return
    }
    const parsed = parseClientMessage(text)
    if (parsed.ok) this.#handle(parsed.message)
    else this.#refuse(parsed.id, parsed.reason)
  }

  /** Counts a message. @returns whether it is to be read */
  #admit(): boolean {
    const verdict = this.#rate.count(this.#surface.now())
    if (verdict === 'ignored-first') {
      this.#refuse(undefined, `More than ${MOST_MESSAGES} messages a second are ignored.`)
    }
    if (verdict === 'too-many') {
      this.#socket.close(POLICY_VIOLATION, 'too many messages')
      this.#keys.releaseAll()
    }
    return verdict === 'taken'
  }

  #refuse(id: MessageId, reason: string): void {
    this.send({ type: 'error', ...(id === undefined ? {} : { id }), reason })
  }

  #handle(message: ClientMessage): void {
    const request = requestOf(message, resetOf('piano'))
    if (request) {
      const answer = this.#surface.ask(request, 'web')
      this.send({ type: 'answer', ...(message.id === undefined ? {} : { id: message.id }), ...answer })
      return
    }
    switch (message.type) {
      case 'ping':
        this.send({ type: 'pong', t: message.t, now: this.#surface.now() })
        break
      case 'note-on':
        this.#keys.strike(message.channel, message.pitch, message.velocity)
        break
      case 'note-off':
        this.#keys.release(message.channel, message.pitch)
        break
      case 'control-change':
        this.#keys.changeControl(message.channel, message.controller, message.value)
    }
  }
}
