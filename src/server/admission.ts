import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { type Address, isLoopback } from './address.js'

/** Why somebody isn't let in, as an HTTP status. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 421 | 503
  readonly reason: string
}

/** Who may come in. Every function gives null for yes. Never throws. */
export interface Admission {
  /** The Host header names this server: a page that got our address by DNS rebinding names its own. */
  host(request: IncomingMessage): Refusal | null
  /** No other page's script is asking. A program that is no browser sends no Origin. */
  origin(request: IncomingMessage): Refusal | null
  /** The token is right, where one is set. */
  token(request: IncomingMessage): Refusal | null
}

const ANYWHERE = new Set(['0.0.0.0', '::'])

export function createAdmission({ host, port }: Address, token: string | null): Admission {
  /** The names by which this server may be called; null: any address, but no name but the machine's. */
  const names = ANYWHERE.has(host)
    ? null
    : new Set(isLoopback(host) ? ['localhost', '127.0.0.1', '::1', host] : [host])
  const machine = hostname().toLowerCase()

  function isOurs(header: string): boolean {
    const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d+))?$/i.exec(header)
    const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase()
    // A browser leaves out the port of http.
    if (!match || Number(match[3] ?? 80) !== port) return false
    if (names) return names.has(name)
    return isIP(name) !== 0 || ['localhost', machine, `${machine}.local`].includes(name)
  }

  return {
    host: ({ headers }) =>
      isOurs(headers.host ?? '') ? null : { status: 421, reason: 'This is not the server you asked for.' },
    origin: ({ headers }) => {
      const { origin } = headers
      if (origin === undefined || origin === `http://${headers.host}`) return null
      return { status: 403, reason: 'Other pages may not play this piano.' }
    },
    token: (request) =>
      token === null || isSame(token, tokenOf(request))
        ? null
        : { status: 401, reason: 'The token is missing or wrong.' },
  }
}

/** From `Authorization: Bearer`, or from the query, where a browser's WebSocket can put it. */
function tokenOf({ url = '/', headers }: IncomingMessage): string {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const query = url.slice(url.indexOf('?') + 1)
  return url.includes('?') ? (new URLSearchParams(query).get('token') ?? '') : ''
}

/** In constant time: digests have one length, and say nothing of how much was right. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
