import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { type Address, isLoopback } from './address.js'

/** Why a request is refused: an HTTP status, and the reason as a sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 421 | 429 | 503
  readonly reason: string
}

/** Decides which requests are let in. Each function returns null for a request that it lets in. Never throws. */
export interface Admission {
  /**
   * The Host header must name this server. A page that reached us by DNS rebinding sends the name of its own server.
   */
  host(request: IncomingMessage): Refusal | null
  /** The Origin header, which browsers send, must be our own page's. Programs that aren't browsers send none. */
  origin(request: IncomingMessage): Refusal | null
  /** The token must be right, where one is set. */
  token(request: IncomingMessage): Refusal | null
}

/** Hosts that stand for every address of this machine. */
const ANYWHERE = new Set(['0.0.0.0', '::'])

/** Admission to the server at an address, whose port is the real one; with `token` null no token is asked for. */
export function createAdmission({ host, port }: Address, token: string | null): Admission {
  /** The names that a Host header may have; null for any IP address and the names of this machine. */
  const names = ANYWHERE.has(host)
    ? null
    : new Set(isLoopback(host) ? ['localhost', '127.0.0.1', '::1', host] : [host])
  const machine = hostname().toLowerCase()

  function isOurs(header: string): boolean {
    const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d+))?$/i.exec(header)
    const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase()
    // Browsers leave out port 80, which is http's own.
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

/**
 * The token of a request: from `Authorization: Bearer`, or from `?token=`, because a browser's WebSocket can set no
 * headers.
 */
function tokenOf({ url = '/', headers }: IncomingMessage): string {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const query = url.slice(url.indexOf('?') + 1)
  return url.includes('?') ? (new URLSearchParams(query).get('token') ?? '') : ''
}

/** Compares in constant time. Digests all have one length, and tell nothing about how much of a guess was right. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
