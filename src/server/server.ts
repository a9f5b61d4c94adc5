import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { PART_NAMES } from '../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../engine/language/messages.js'
import { Refused } from '../engine/refused.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import { type Address, isLoopback } from './address.js'
import { createAdmission, type Refusal } from './admission.js'
import { type Client, createClient } from './client.js'
import { CONTROL_ROWS, PROTOCOL, type ServerMessage } from './protocol.js'
import { createStaticFiles, sendFile } from './static-files.js'

export interface ServerOptions {
  readonly face: ControlSurface
  readonly address: Address
  /** What a client must know; null: nothing, which is refused beyond loopback. */
  readonly token: string | null
  /** The package's folder. */
  readonly root: string
  readonly version: string
  /** Is told, in a sentence, what the player should know. */
  readonly onNotice: (sentence: string) => void
}

/** The page and the WebSocket, served. */
export interface RunningServer {
  readonly url: string
  /** Lets every client go and frees the port. */
  close(): Promise<void>
}

export const MOST_CLIENTS = 32

/**
 * Connections of any kind, pages that load included. Fewer refuse a page that 32 browsers open at once, more let
 * callers that say nothing use up the files that the program may open.
 */
const MOST_CONNECTIONS = 256
const MOST_MESSAGE_BYTES = 64 * 1024

/** How often notes go out: a client that plays them leaves more time than this before they sound. */
const NOTES_MS: Ms = 33

/** Every second time a snapshot goes too: 15 a second. */
const TICKS_A_SNAPSHOT = 2

/** A snapshot goes out so often though nothing has changed: meters may have. */
const LONGEST_SILENCE_MS: Ms = 1000
const CHECK_MS: Ms = 5000

/**
 * Serves the page over HTTP and the protocol over a WebSocket at `address` (port 0: any that is free). Throws
 * {@link Refused} for a port that is taken, for an empty token, and beyond loopback without a token.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { face, address, token, version, onNotice } = options
  // An unset variable on the command line, which would let in everybody who says nothing.
  if (token === '') throw new Refused('--token takes a secret, not nothing.')
  if (!isLoopback(address.host)) {
    if (token === null) {
      throw new Refused(`--web ${address.host} lets everybody on the network play: give a --token too.`)
    }
    onNotice(`Who knows the token can play Rubato from anywhere that reaches ${address.host}.`)
  }
  const clients = new Set<Client>()
  const http = createServer((request, response) => void serve(request, response))
  // A handshake needs no more; slow ones mustn't pile up.
  http.headersTimeout = 10_000
  http.requestTimeout = 10_000
  http.maxConnections = MOST_CONNECTIONS
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  await listen(http, address)
  // A connection that the system couldn't give us is its caller's to ask for again; the music goes on.
  http.on('error', () => {})
  const { port } = http.address() as AddressInfo
  const admission = createAdmission({ host: address.host, port }, token)
  const files = createStaticFiles(options.root)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    const { host } = request.headers
    response.setHeader(
      'content-security-policy',
      // The synthesiser's clock is a worker that its library makes from a blob.
      `default-src 'self'; worker-src 'self' blob:; connect-src 'self' ws://${host}; frame-ancestors 'none'; base-uri 'none'`,
    )
    const wrongHost = admission.host(request)
    if (wrongHost) {
      refuse(response, wrongHost)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const file = files(path)
    if (path === '/capture.mid') sendCapture(request, response)
    else if (file) await sendFile(response, file, request.method === 'GET')
    else response.writeHead(404).end()
  }

  function refuse(response: ServerResponse, { status, reason }: Refusal): void {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`)
  }

  function sendCapture(request: IncomingMessage, response: ServerResponse): void {
    const wrong = admission.token(request) ?? admission.origin(request)
    if (wrong) {
      refuse(response, wrong)
      return
    }
    const bytes = face.captured()
    if (bytes === null) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('Nothing has been played in the last 2 minutes.\n')
      return
    }
    response.writeHead(200, {
      'content-type': 'audio/midi',
      'content-disposition': 'attachment; filename="rubato.mid"',
      'content-length': bytes.length,
      'cache-control': 'no-store',
    })
    response.end(request.method === 'GET' ? bytes : undefined)
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    const full: Refusal | null =
      clients.size < MOST_CLIENTS
        ? null
        : { status: 503, reason: `${MOST_CLIENTS} clients are here already.` }
    const wrong = admission.host(request) ?? admission.origin(request) ?? admission.token(request) ?? full
    if (wrong) {
      // Not waiting for the other side to hang up: it may never, and would keep the port from closing.
      socket.end(
        `HTTP/1.1 ${wrong.status} ${STATUS_CODES[wrong.status]}\r\nConnection: close\r\n\r\n${wrong.reason}\n`,
        () => socket.destroy(),
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = createClient(webSocket, face)
      clients.add(client)
      webSocket.on('close', () => clients.delete(client))
      client.send({ type: 'hello', protocol: PROTOCOL, version, now: face.now(), controls: CONTROL_ROWS })
      client.offer(JSON.stringify(snapshotMessage()))
    })
  })
  sockets.on('wsClientError', (_error, socket) => socket.destroy())

  let sent: SentMessage[] = []
  let heard: HeardMessage[] = []
  let lastSnapshots: readonly (Snapshot | undefined)[] = []
  let lastAt: Ms = Number.NEGATIVE_INFINITY
  let ticks = 0

  function snapshotMessage(): ServerMessage {
    const { controls, setBy } = face.snapshot('drums') ?? {}
    return {
      type: 'snapshot',
      at: face.now(),
      snapshot: face.snapshot() ?? null,
      drums: controls && setBy ? { controls, setBy } : null,
      meters: face.meters(),
      presets: face.presets(),
    }
  }

  /** Written once, sent to all. */
  function broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message)
    for (const client of clients) client.offer(text)
  }

  function tick(): void {
    const messages = { sent, heard }
    if (sent.length > 0) sent = []
    if (heard.length > 0) heard = []
    if (clients.size === 0) return
    const at = face.now()
    if (messages.sent.length > 0) broadcast({ type: 'notes', at, sent: messages.sent })
    if (messages.heard.length > 0) broadcast({ type: 'heard', at, messages: messages.heard })
    if (++ticks % TICKS_A_SNAPSHOT !== 0) return
    const snapshots = PART_NAMES.map((part) => face.snapshot(part))
    const isSame = snapshots.every((snapshot, n) => snapshot === lastSnapshots[n])
    if (isSame && at - lastAt < LONGEST_SILENCE_MS) return
    lastSnapshots = snapshots
    lastAt = at
    broadcast(snapshotMessage())
  }

  const unwatch = [
    face.onSent((message) => {
      if (clients.size > 0) sent.push(message)
    }),
    face.onHeard((message) => {
      if (clients.size > 0) heard.push(message)
    }),
    face.onNotice((sentence) => broadcast({ type: 'notice', sentence })),
  ]
  const timers = [
    setInterval(tick, NOTES_MS),
    setInterval(() => {
      for (const client of clients) client.check()
    }, CHECK_MS),
  ]

  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      for (const stop of unwatch) stop()
      for (const client of clients) client.end()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

async function listen(http: ReturnType<typeof createServer>, { host, port }: Address): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen({ host, port, exclusive: true }, () => {
        http.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    const what = code === 'EADDRINUSE' ? 'is taken' : `can't be had (${code})`
    throw new Refused(`The web address ${host}:${port} ${what}; --web PORT names another.`)
  }
}
