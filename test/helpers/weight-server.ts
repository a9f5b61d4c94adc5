import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PublishedModel } from './published-model.js'

/** Answers a request itself and returns true, or returns false to let the server answer. */
export type Fault = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => boolean

/** A web server of published models, each in a folder of its own, that can be made to fail. */
export interface WeightServer {
  /** `http://127.0.0.1:PORT/`. */
  readonly address: string
  /** The requests so far, their paths without the folder. */
  readonly requests: { readonly path: string; readonly range: string | undefined }[]
  /** The faults by file name; each answers the requests for its file until it is deleted. */
  readonly faults: Map<string, Fault>
  readonly models: Map<string, PublishedModel>
  /** Whether the server can resume from an offset (a Range header). */
  knowsRanges: boolean
  close(): void
}

/** Serves `models` by the names of their folders. */
export async function serveWeights(models: Readonly<Record<string, PublishedModel>>): Promise<WeightServer> {
  const server: Server = createServer((request, response) => {
    const [, folder = '', path = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? []
    const { range } = request.headers
    served.requests.push({ path: (request.url ?? '').slice(folder.length + 2), range })
    const model = served.models.get(folder)
    const shard = model?.shards.find(({ name }) => name === path)
    const bytes = path === 'weights_manifest.json' && model ? Buffer.from(model.manifest) : shard?.bytes
    if (!bytes) {
      response.writeHead(404).end()
      return
    }
    if (served.faults.get(path)?.(request, response, bytes)) return
    const from = served.knowsRanges && range ? Number(/\d+/.exec(range)?.[0]) : 0
    const total = bytes.length
    if (from > 0 && from >= total) response.writeHead(416, { 'content-range': `bytes */${total}` }).end()
    else {
      const ranged = { 'content-range': `bytes ${from}-${total - 1}/${total}` }
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': total - from, ...(from > 0 && ranged) })
      response.end(bytes.subarray(from))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const served: WeightServer = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: [],
    faults: new Map(),
    models: new Map(Object.entries(models)),
    knowsRanges: true,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
  return served
}

/** A fault that sends `count` bytes of the file and breaks the connection. `tellsLength`: the file's length is sent first. */
export function breaksAfter(count: number, tellsLength = true): Fault {
  return (_, response, bytes) => {
    // Without a length nor chunks the end of the connection is the end of the file.
    response.useChunkedEncodingByDefault = false
    response.writeHead(200, { connection: 'close', ...(tellsLength && { 'content-length': bytes.length }) })
    response.write(bytes.subarray(0, count), () => {
      if (tellsLength) setTimeout(() => response.destroy(), 50)
      else response.end()
    })
    return true
  }
}

/** A fault that answers with a status and headers, and nothing else. */
export function answers(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return (_, response) => {
    response.writeHead(status, headers).end()
    return true
  }
}
