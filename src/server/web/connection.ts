import type { Ms } from '../../engine/units.js'
import type { ServerMessage } from '../server-messages.js'
import type { ServerClock } from './server-clock.js'

/** A message of a client; docs/client-messages.schema.json has them all. */
export type PageMessage = { readonly type: string } & Readonly<Record<string, unknown>>

export interface Connection {
  /** Sends a message; does nothing while there is no connection. */
  send(message: PageMessage): void
}

export interface ConnectionEvents {
  readonly onOpen: () => void
  readonly onMessage: (message: ServerMessage) => void
  /** The connection is lost; the next attempt is in `retry` ms. */
  readonly onClosed: (retry: Ms) => void
}

const FIRST_RETRY_MS: Ms = 500
const LONGEST_RETRY_MS: Ms = 8000
/** The first pings come quickly, so that the server's clock is known before the first note. */
const QUICK_PINGS = 6
const QUICK_PING_MS: Ms = 100
const PING_MS: Ms = 2000

/**
 * Connects to `url`, and again whenever the connection is lost, ever less often. Sends pings, whose answers set
 * `clock`.
 */
export function connect(url: string, clock: ServerClock, events: ConnectionEvents): Connection {
  let socket: WebSocket | undefined
  let retry = FIRST_RETRY_MS
  let pings = 0
  let timer = 0

  function ping(): void {
    if (socket?.readyState !== WebSocket.OPEN) return
    socket.send(JSON.stringify({ type: 'ping', t: performance.now() }))
    timer = window.setTimeout(ping, ++pings < QUICK_PINGS ? QUICK_PING_MS : PING_MS)
  }

  function open(): void {
    socket = new WebSocket(url)
    socket.onopen = () => {
      retry = FIRST_RETRY_MS
      pings = 0
      ping()
      events.onOpen()
    }
    socket.onmessage = ({ data }) => {
      const received = performance.now()
      const message = JSON.parse(String(data)) as ServerMessage
      if (message.type === 'pong') clock.sample(message.t, message.now, received)
      else events.onMessage(message)
    }
    socket.onclose = () => {
      window.clearTimeout(timer)
      events.onClosed(retry)
      window.setTimeout(open, retry)
      retry = Math.min(LONGEST_RETRY_MS, 2 * retry)
    }
  }

  open()
  return {
    send: (message) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
  }
}
