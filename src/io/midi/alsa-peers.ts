import { readFileSync } from 'node:fs'
import { portPart } from './port-names.js'

const CLIENTS = '/proc/asound/seq/clients'

/** ALSA's own list of its clients, ports and connections, as text; undefined on a system without ALSA. */
export function readSequencer(): string | undefined {
  try {
    return readFileSync(CLIENTS, 'utf8')
  } catch {
    return undefined
  }
}

/** Which connections of a port: to the ports that it plays to, or from those that play to it. */
type Direction = 'Connecting To' | 'Connected From'

/**
 * The addresses (`client:port`) that the ports called `portName` are connected to, read from the text of
 * /proc/asound/seq/clients. A port's line there is `  Port   0 : "Rubato" (R-e-)`, its name not escaped, and its connections
 * follow as `    Connecting To: 130:0, 129:0[ex]`.
 */
export function parsePeers(text: string, portName: string, direction: Direction): string[] {
  const peers: string[] = []
  let isWanted = false
  for (const line of text.split('\n')) {
    const port = /^ {2}Port +\d+ : "(.*)" \(.{4}\)/.exec(line)
    if (port !== null) isWanted = port[1] === portName
    else if (line.startsWith('Client')) isWanted = false
    else if (isWanted && line.startsWith(`    ${direction}: `)) peers.push(...(line.match(/\d+:\d+/g) ?? []))
  }
  return peers
}

/** The addresses that our port is connected to now; empty on a system without ALSA. Blocks for well under 1 ms. */
export function readPeers(portName: string, direction: Direction): string[] {
  const text = readSequencer()
  return text === undefined ? [] : parsePeers(text, portName, direction)
}

/**
 * Whether the port of this full name (`Client:Port 128:0`) plays to any port. A port that we have opened plays to us; if it
 * went and came back between two polls, it has the same name but plays to us no more. True on a system without ALSA.
 */
export function isHeardFrom(name: string): boolean {
  return hasPeers(name, 'Connecting To')
}

/**
 * Whether any port plays to the port of this full name (`Client:Port 128:0`). A port that went and came back between two
 * polls has the same name but no connections. True on a system without ALSA.
 */
export function isConnectedTo(name: string): boolean {
  return hasPeers(name, 'Connected From')
}

function hasPeers(name: string, direction: Direction): boolean {
  const text = readSequencer()
  return text === undefined || parsePeers(text, portPart(name), direction).length > 0
}
