import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Ms } from '../engine/units.js'
import type { Admission, Refusal } from './admission.js'
import { type StaticFiles, sendFile } from './static-files.js'

interface PageRequestsOptions {
  readonly admission: Admission
  readonly files: StaticFiles
  /** Makes a Standard MIDI File of the last 2 minutes; null while nothing has been played. */
  readonly captured: () => Uint8Array | null
  readonly now: () => Ms
}

/**
 * Requests that may wait on a connection while another is answered. Browsers send the next when they have the answer. A
 * caller that sends more is cut off: each that waits costs memory.
 */
const MOST_WAITING = 16

/** The least time between two captures that are downloaded: each takes main some ms, which frames and clients wait for. */
export const CAPTURE_REST_MS: Ms = 5000

/** The requests of a connection that haven't been answered. */
interface Queue {
  requests: number
  /** Settled when the last has been answered. */
  last: Promise<void>
  /** Aborts when the connection is closed: a response that waits behind another gets no event of that. */
  readonly gone: AbortSignal
}

function emptyQueue(socket: Socket): Queue {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  return { requests: 0, last: Promise.resolve(), gone: gone.signal }
}

/** Answers the HTTP requests for the page's files and for `/capture.mid`, those of a connection one after the other. */
export function createPageRequests(options: PageRequestsOptions): RequestListener {
  const { admission, files, captured, now } = options
  const queues = new WeakMap<Socket, Queue>()
  let capturedAt = Number.NEGATIVE_INFINITY

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    setSafetyHeaders(response, request.headers.host)
    const wrongHost = admission.host(request)
    if (wrongHost) {
      refuse(response, wrongHost)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const file = files(path)
    if (path === '/capture.mid') sendCapture(request, response)
    else if (file) await sendFile(response, file, request.method === 'GET', gone)
    else response.writeHead(404).end()
  }

  function sendCapture(request: IncomingMessage, response: ServerResponse): void {
    const wrong = admission.token(request) ?? admission.origin(request)
    if (wrong) {
      refuse(response, wrong)
      return
    }
    if (now() - capturedAt < CAPTURE_REST_MS) {
      response.setHeader('retry-after', CAPTURE_REST_MS / 1000)
      refuse(response, { status: 429, reason: 'A capture was taken just now; try again in 5 seconds.' })
      return
    }
    const bytes = captured()
    if (bytes === null) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('Nothing has been played in the last 2 minutes.\n')
      return
    }
    capturedAt = now()
    response.writeHead(200, {
      'content-type': 'audio/midi',
      'content-disposition': 'attachment; filename="rubato.mid"',
      'content-length': bytes.length,
      'cache-control': 'no-store',
    })
    response.end(request.method === 'GET' ? bytes : undefined)
  }

  /** Answers a request when those before it on its connection have been answered. */
  async function answerInTurn(
    { last, gone }: Queue,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    await last
    if (gone.aborted) return
    const closed = once(response, 'close', { signal: gone }).catch(() => {})
    await answer(request, response, gone)
    await closed
  }

  return (request, response) => {
    const { socket } = request
    const queue = queues.get(socket) ?? emptyQueue(socket)
    queues.set(socket, queue)
    if (++queue.requests > MOST_WAITING) {
      socket.destroy()
      return
    }
    queue.last = answerInTurn(queue, request, response).finally(() => queue.requests--)
  }
}

function setSafetyHeaders(response: ServerResponse, host: string | undefined): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader(
    'content-security-policy',
    // `blob:` is for the synthesiser's library (Tone.js), which makes the worker of its clock from a blob.
    `default-src 'self'; worker-src 'self' blob:; connect-src 'self' ws://${host}; frame-ancestors 'none'; base-uri 'none'`,
  )
}

function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`)
}
