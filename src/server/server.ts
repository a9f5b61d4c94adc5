import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { Refused } from '../engine/refused.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import { type Address, hostText, isLoopback, requireToken } from './address.js'
import { type Admission, createAdmission, type Refusal } from './admission.js'
import { Audience } from './audience.js'
import { createClient } from './client.js'
import { createPageRequests } from './page-requests.js'
import { createStaticFiles } from './static-files.js'

export interface ServerOptions {
  readonly surface: ControlSurface
  readonly address: Address
  /** The secret that a client must send; null for none, which is refused beyond loopback. */
  readonly token: string | null
  /** The package's folder. */
  readonly root: string
  readonly version: string
  /** A callback that gets sentences for the player to read. */
  readonly onNotice: (sentence: string) => void
}

/** The running server of the page and the WebSocket. */
export interface RunningServer {
  readonly url: string
  /** Disconnects every client and frees the port. */
  close(): Promise<void>
}

/** Most clients of the WebSocket at a time. */
export const MOST_CLIENTS = 32

/**
 * Most connections at a time, those of pages that load included. Fewer: a page that 32 browsers open at once is refused
 * to some. More: callers that send nothing use up the files that the program may open.
 */
const MOST_CONNECTIONS = 256

/**
 * Most connections from one address. Fewer: some browsers behind one router are refused. More: one machine can take all
 * places.
 */
const MOST_FROM_ADDRESS = 128

/** Most bytes of a client's message; a longer one ends its connection. No valid message comes near this limit. */
const MOST_MESSAGE_BYTES = 64 * 1024

/** How long a request or handshake may take to arrive. Without a limit, connections that send slowly would pile up. */
const REQUEST_TIMEOUT_MS = 10_000

/** How long a connection without a WebSocket may be silent both ways, which ends those that never read an answer. */
const IDLE_TIMEOUT_MS = 30_000

/**
 * Serves the page over HTTP and the protocol over a WebSocket at `address` (port 0: any that is free). Throws
 * {@link Refused} for a port that is taken, for an empty token, and beyond loopback without a token.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { surface, address, token } = options
  // An unset variable on the command line gives an empty token, which would let in everybody.
  if (token === '') throw new Refused('--token is empty; give it a secret.')
  requireToken(address, token)
  if (!isLoopback(address.host)) {
    options.onNotice(
      `Anyone who knows the token can play Rubato from every machine that reaches ${address.host}.`,
    )
  }
  const http = createServer()
  http.headersTimeout = REQUEST_TIMEOUT_MS
  http.requestTimeout = REQUEST_TIMEOUT_MS
  http.timeout = IDLE_TIMEOUT_MS
  http.maxConnections = MOST_CONNECTIONS
  limitAddresses(http)
  await listen(http, address)
  // After the start, an error means that the system could not accept a connection. The caller may try again; the music
  // goes on.
  http.on('error', () => {})
  const { port } = http.address() as AddressInfo
  const admission = createAdmission({ host: address.host, port }, token)
  const audience = new Audience(surface, options.version)
  const files = createStaticFiles(options.root)
  http.on(
    'request',
    createPageRequests({ admission, files, captured: () => surface.captured(), now: () => surface.now() }),
  )
  const sockets = acceptClients(http, admission, audience, surface)
  return {
    url: `http://${hostText(address.host)}:${port}`,
    close: async () => {
      audience.close()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** Ends connections beyond {@link MOST_FROM_ADDRESS} from one address. */
function limitAddresses(http: Server): void {
  const connections = new Map<string, number>()
  http.on('connection', (socket) => {
    const from = socket.remoteAddress ?? ''
    const count = (connections.get(from) ?? 0) + 1
    connections.set(from, count)
    socket.once('close', () => {
      const left = (connections.get(from) ?? 1) - 1
      if (left === 0) connections.delete(from)
      else connections.set(from, left)
    })
    if (count > MOST_FROM_ADDRESS) socket.destroy()
  })
}

/** Makes every admitted WebSocket handshake a client of the audience. */
function acceptClients(
  http: Server,
  admission: Admission,
  audience: Audience,
  surface: ControlSurface,
): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    const refusal =
      admission.host(request) ??
      admission.origin(request) ??
      admission.token(request) ??
      refuseTooMany(audience.size)
    if (refusal) {
      refuseHandshake(socket, refusal)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = createClient(webSocket, surface)
      webSocket.on('close', () => audience.delete(client))
      audience.add(client)
    })
  })
  sockets.on('wsClientError', (_error, socket) => socket.destroy())
  return sockets
}

function refuseTooMany(clients: number): Refusal | null {
  return clients < MOST_CLIENTS
    ? null
    : { status: 503, reason: `${MOST_CLIENTS} clients are connected already.` }
}

/**
 * Answers a handshake with a refusal and closes the connection. The other side may never close it, which would hold the
 * port open.
 */
function refuseHandshake(socket: Duplex, { status, reason }: Refusal): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`
  socket.end(`${head}${reason}\n`, () => socket.destroy())
}

async function listen(http: Server, { host, port }: Address): Promise<void> {
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
    const what = code === 'EADDRINUSE' ? 'is taken' : `can't be opened (${code})`
    throw new Refused(`The web address ${host}:${port} ${what}; --web PORT names another.`)
  }
}
