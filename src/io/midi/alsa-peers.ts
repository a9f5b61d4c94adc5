import { readFileSync } from 'node:fs'
import { portPart } from './port-names.js'

const CLIENTS = '/proc/asound/seq/clients'

/** The sequencer's own list of clients, ports and connections; undefined where there is none. */
export function readSequencer(): string | undefined {
  try {
    return readFileSync(CLIENTS, 'utf8')
  } catch {
    return undefined
  }
}

/** A port's connections: those it plays to, and those it hears. */
export type Direction = 'Connecting To' | 'Connected From'

/**
 * What the ports called `portName` are connected to, as `client:port` addresses, from the text of
 * /proc/asound/seq/clients. Names in it are not escaped: a port's line is `  Port   0 : "Rubato" (R-e-)`, and the
 * connections `    Connecting To: 130:0, 129:0[ex]` follow it.
 */
export function parsePeers(text: string, portName: string, direction: Direction): string[] {
  const peers: string[] = []
  let ours = false
  for (const line of text.split('\n')) {
    const port = /^ {2}Port +\d+ : "(.*)" \(.{4}\)/.exec(line)
    if (port !== null) ours = port[1] === portName
    else if (line.startsWith('Client')) ours = false
    else if (ours && line.startsWith(`    ${direction}: `)) peers.push(...(line.match(/\d+:\d+/g) ?? []))
  }
  return peers
}

/** What our virtual port is connected to now; empty where the system doesn't say. Blocks for well under 1 ms. */
export function readPeers(portName: string, direction: Direction): string[] {
  const text = readSequencer()
  return text === undefined ? [] : parsePeers(text, portName, direction)
}

/**
 * Whether anybody hears the port of this full name: ours does, unless it went and came back between two looks. True where
 * the system doesn't say.
 */
export function isHeardFrom(name: string): boolean {
  return hasPeers(name, 'Connecting To')
}

/**
 * Whether anybody plays to the port of this full name (`Client:Port 128:0`): a port that went and came back at once is
 * the same by name, and connected to nobody. True where the system doesn't say.
 */
export function isConnectedTo(name: string): boolean {
  return hasPeers(name, 'Connected From')
}

function hasPeers(name: string, direction: Direction): boolean {
  const text = readSequencer()
  return text === undefined || parsePeers(text, portPart(name), direction).length > 0
}
