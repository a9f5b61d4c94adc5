import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Admission, Refusal } from './admission.js'
import { type StaticFiles, sendFile } from './static-files.js'

interface PageRequestsOptions {
  readonly admission: Admission
  readonly files: StaticFiles
  /** Makes a Standard MIDI File of the last 2 minutes; null while nothing has been played. */
  readonly captured: () => Uint8Array | null
}

/** Answers the HTTP requests for the page's files and for `/capture.mid`. */
export function createPageRequests({ admission, files, captured }: PageRequestsOptions): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
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
    else if (file) await sendFile(response, file, request.method === 'GET')
    else response.writeHead(404).end()
  }

  function sendCapture(request: IncomingMessage, response: ServerResponse): void {
    const wrong = admission.token(request) ?? admission.origin(request)
    if (wrong) {
      refuse(response, wrong)
      return
    }
    const bytes = captured()
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

  return (request, response) => void answer(request, response)
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
