import { createSocket, type Socket } from 'node:dgram'
import { songAt } from '../src/engine/clock/link-timeline.js'
import type { Ms } from '../src/engine/units.js'
import { now } from '../src/io/clock.js'
import { readClockPacket, writePing } from '../src/io/link/clock-packets.js'
import { type PeerState, readDiscovery } from '../src/io/link/discovery-packets.js'
import { GROUP, linkNetworks } from '../src/io/link/gateways.js'
import type { LinkId } from '../src/io/link/payload.js'

/** Where the song of another program is, as that program says itself, measured by one ping. */
interface ProbedBeat {
  /** Process time. */
  readonly at: Ms
  /** Place in the song of its session, in quarter notes. */
  readonly beat: number
  readonly tempo: number
  /** How long ping and pong took; the time is known to half of this. */
  readonly roundTrip: Ms
}

/** Listens to a Link network without taking part in it, and asks programs for their beat, each by a ping of its own. */
export interface LinkProbe {
  /** The peers that were heard, with the last state of each. */
  peers(): ReadonlyMap<LinkId, PeerState>
  /** Asks a peer where its song is. Undefined if it doesn't answer within 200 ms. */
  ask(peer: LinkId): Promise<ProbedBeat | undefined>
  close(): void
}

const PATIENCE_MS: Ms = 200

export function openProbe(): LinkProbe {
  const states = new Map<LinkId, PeerState>()
  const ears = createSocket({ type: 'udp4', reuseAddr: true })
  ears.on('message', (bytes) => {
    const message = readDiscovery(bytes)
    if (typeof message === 'string') return
    if (message.kind === 'bye') states.delete(message.from)
    else if (message.state) states.set(message.from, message.state)
  })
  ears.bind(GROUP.port, () => {
    for (const { address } of linkNetworks()) ears.addMembership(GROUP.address, address)
  })
  const mouth = createSocket('udp4')
  mouth.bind(0)
  return {
    peers: () => states,
    ask: async (peer) => {
      const state = states.get(peer)
      return state && (await ask(mouth, state))
    },
    close: () => {
      ears.close()
      mouth.close()
    },
  }
}

async function ask(socket: Socket, { endpoint, timeline }: PeerState): Promise<ProbedBeat | undefined> {
  if (!endpoint) return undefined
  return new Promise((resolve) => {
    const pinged = Math.round(1000 * now())
    const hear = (bytes: Uint8Array) => {
      const at = 1000 * now()
      const packet = readClockPacket(bytes)
      if (typeof packet === 'string' || packet.kind !== 'pong' || packet.pinged !== pinged) return
      const middle = (at + pinged) / 2
      end({ ...songAt(timeline, packet.ghost - middle, middle / 1000), roundTrip: (at - pinged) / 1000 })
    }
    const timer = setTimeout(() => end(undefined), PATIENCE_MS)
    const end = (result: ProbedBeat | undefined) => {
      clearTimeout(timer)
      socket.removeListener('message', hear)
      resolve(result)
    }
    socket.on('message', hear)
    socket.send(writePing(pinged, null), endpoint.port, endpoint.address)
  })
}
