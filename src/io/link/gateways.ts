import { createSocket, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { codeOf } from '../error-text.js'
import type { Endpoint } from './discovery-packets.js'

/** The group and port at which peers find each other (link-wire-spec 0.1, chapter 1, section 2). */
export const GROUP: Endpoint = { address: '224.76.78.75', port: 20_808 }

/** An address of this machine, with the bits that all addresses of its network share. */
interface LinkNetwork {
  /** The interface's name: `eth0`, `lo`. */
  readonly name: string
  readonly address: string
  readonly netmask: string
  readonly isLoopback: boolean
}

/** A network over which peers are met. */
interface Gateway {
  readonly network: LinkNetwork
  readonly socket: Socket
  /** Null until the socket has a port. */
  endpoint: Endpoint | null
}

interface GatewayListeners {
  /** A packet came from `from`, over the gateway at our address `way`. `bytes` is no copy. */
  readonly onPacket: (bytes: Uint8Array, from: Endpoint, way: string) => void
  /** The gateway at our address `way` was lost. */
  readonly onLost: (way: string) => void
  /** The gateway at our address `way` can be used from now on. */
  readonly onOpened: (way: string) => void
  /** The group is heard from now on. */
  readonly onListening: () => void
  /** The port of the group can't be listened at; `code` as the system names it. */
  readonly onRefused: (code: string) => void
}

/** The networks that Link uses: the first IPv4 address of every interface that is up, loopback included. */
export function linkNetworks(): LinkNetwork[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) => {
    const first = addresses?.find(({ family }) => family === 'IPv4')
    return first ? [{ name, address: first.address, netmask: first.netmask, isLoopback: first.internal }] : []
  })
}

/**
 * The sockets of a Link peer: one that hears the group, and for each network one that sends, and that is sent to. Nothing
 * here throws or blocks.
 */
export class Gateways {
  readonly #listeners: GatewayListeners
  readonly #gateways = new Map<string, Gateway>()
  #group: Socket | null = null
  #isListening = false

  constructor(listeners: GatewayListeners) {
    this.#listeners = listeners
  }

  /** Our addresses in the networks that are used. */
  get ways(): readonly string[] {
    return [...this.#gateways.keys()]
  }

  /** Whether the group is heard. */
  get isListening(): boolean {
    return this.#isListening
  }

  /** Where others reach us over `way`; null while that isn't known. */
  endpointOf(way: string): Endpoint | null {
    return this.#gateways.get(way)?.endpoint ?? null
  }

  /** Opens the networks that have come, and closes those that are gone. Call this every few seconds. */
  rescan(networks: readonly LinkNetwork[] = linkNetworks()): void {
    for (const way of this.ways) if (!networks.some(({ address }) => address === way)) this.#close(way)
    if (networks.length > 0 && !this.#group) this.#openGroup()
    for (const network of networks) if (!this.#gateways.has(network.address)) this.#open(network)
  }

  /** Sends a packet to a peer. A packet that can't be sent is lost, as on the network. */
  send(bytes: Uint8Array, to: Endpoint, way: string): void {
    const gateway = this.#gateways.get(way)
    // An endpoint comes from a packet: port 0 would throw.
    if (gateway?.endpoint && to.port > 0) gateway.socket.send(bytes, to.port, to.address, ignoreLoss)
  }

  /** Sends each network what `packetFor` makes for it. */
  announce(packetFor: (endpoint: Endpoint) => Uint8Array): void {
    for (const [way, { endpoint }] of this.#gateways) if (endpoint) this.send(packetFor(endpoint), GROUP, way)
  }

  close(): void {
    for (const way of this.ways) this.#close(way)
    this.#group?.close()
    this.#group = null
    this.#isListening = false
  }

  /** The socket at the group's port; several programs may have one. */
  #openGroup(): void {
    const socket = openSocket()
    this.#group = socket
    socket.on('message', (bytes, from) => {
      const way = this.#wayTo(from.address)
      if (way !== undefined) this.#listeners.onPacket(bytes, from, way)
    })
    socket.on('error', (error) => {
      socket.close()
      if (this.#group !== socket) return
      this.#group = null
      this.#isListening = false
      this.#listeners.onRefused(codeOf(error))
    })
    socket.bind(GROUP.port, () => {
      if (this.#group !== socket) return
      this.#isListening = true
      for (const way of this.ways) joinGroup(socket, way)
      this.#listeners.onListening()
    })
  }

  #open(network: LinkNetwork): void {
    const way = network.address
    const socket = openSocket()
    const gateway: Gateway = { network, socket, endpoint: null }
    this.#gateways.set(way, gateway)
    socket.on('message', (bytes, from) => this.#listeners.onPacket(bytes, from, way))
    // The network may go at any time; the next scan opens it again if it is there.
    socket.on('error', () => this.#close(way))
    socket.bind(0, way, () => {
      if (this.#gateways.get(way) !== gateway) return
      try {
        socket.setMulticastInterface(way)
        socket.setMulticastLoopback(true)
        gateway.endpoint = { address: way, port: socket.address().port }
      } catch {
        this.#close(way)
        return
      }
      if (this.#group && this.#isListening) joinGroup(this.#group, way)
      this.#listeners.onOpened(way)
    })
  }

  #close(way: string): void {
    const gateway = this.#gateways.get(way)
    if (!gateway) return
    this.#gateways.delete(way)
    gateway.socket.close()
    this.#listeners.onLost(way)
  }

  /** The gateway in whose network `address` is; all gateways hear the group through one socket. */
  #wayTo(address: string): string | undefined {
    const within = [...this.#gateways.values()].find(({ network }) => isWithin(network, address))
    const outward = [...this.#gateways.values()].find(({ network }) => !network.isLoopback)
    return (within ?? outward)?.network.address
  }
}

/**
 * A socket that binds and sends at once, also while the process ends: its addresses are numbers, which aren't looked up.
 */
function openSocket(): Socket {
  return createSocket({
    type: 'udp4',
    reuseAddr: true,
    lookup: (address, _options, found) => found(null, address, 4),
  })
}

/** Has `socket` hear the group in the network of `way`, if it doesn't yet. */
function joinGroup(socket: Socket, way: string): void {
  try {
    socket.addMembership(GROUP.address, way)
  } catch {
    // It is a member already, or the network has just gone.
  }
}

function ignoreLoss(): void {
  // UDP promises nothing; peers repeat what they say.
}

function isWithin({ address, netmask }: LinkNetwork, other: string): boolean {
  const mask = numberOf(netmask)
  return (numberOf(address) & mask) === (numberOf(other) & mask)
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => (number << 8) | Number(part), 0)
}
