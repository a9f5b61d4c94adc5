import { isIP } from 'node:net'
import { Refused } from '../engine/refused.js'

/** The address at which the page and the WebSocket are served. */
export interface Address {
  readonly host: string
  readonly port: number
}

export const DEFAULT_WEB: Address = { host: '127.0.0.1', port: 7331 }

/** Reads `[HOST:]PORT`; an IPv6 host is written in brackets. Throws {@link Refused}. */
export function parseAddress(text: string): Address {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2] ?? DEFAULT_WEB.host
  const isHost = match?.[1] === undefined ? /^[\w.-]+$/.test(host) : isIP(host) === 6
  if (!match || !isHost || port < 1 || port > 65_535) {
    throw new Refused(`--web takes a port from 1 to 65535, or HOST:PORT, not "${text}".`)
  }
  return { host, port }
}

/** A host as it is written in an address: IPv6 in brackets. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * Throws {@link Refused} for an address that other machines can reach if there is no token: anybody on the network could
 * play.
 */
export function requireToken({ host, port }: Address, token: string | null): void {
  if (token === null && !isLoopback(host)) {
    throw new Refused(
      `--web ${hostText(host)}:${port} lets everybody on the network play: give a --token too.`,
    )
  }
}

/** Whether `host` can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
