import type { Micros } from '../../src/engine/clock/link-timeline.js'
import type { Endpoint } from '../../src/io/link/discovery-packets.js'
import { LinkNode } from '../../src/io/link/link-node.js'
import { randomNumbers } from './random-numbers.js'

/** The nodes of one network, which have clocks of their own. */
export interface SimulatedNode {
  readonly node: LinkNode
  /** What it was told: starts and stops by others. */
  readonly startStops: boolean[]
  /** Its own clock now, in microseconds. */
  now(): Micros
  /** Place in the song of its session now, in quarter notes. */
  beat(): number
  /** Says goodbye and is gone. */
  leave(): void
  /** Is gone without a word. */
  vanish(): void
}

interface Member extends SimulatedNode {
  readonly endpoint: Endpoint
  /** The part of the network that it is in, while the network is in parts. */
  readonly island: number
}

/** How often each node looks at its timeouts. */
const TICK: Micros = 10_000

const WAY = 'the network'

/** A network in memory that delays packets, each by another time of up to `jitter`. */
export function linkNetwork(jitter: Micros = 0, seed = 1) {
  const random = randomNumbers(seed)
  const members: Member[] = []
  let packets: {
    readonly at: Micros
    readonly bytes: Uint8Array
    readonly from: Endpoint
    readonly to: Member
  }[] = []
  /** True time. */
  let time: Micros = 0
  let names = 0
  let isInParts = true
  const canReach = (from: number, to: Member) => !isInParts || to.island === from

  const deliver = (bytes: Uint8Array, from: Endpoint, to: Member) => {
    packets.push({ at: time + 100 + Math.round(jitter * random()), bytes, from, to })
  }

  /**
   * Adds a node whose clock shows `ahead` at true time 0, and gains `drift` microseconds in each microsecond. Until the parts
   * of the network are united, it hears only the nodes of its own part.
   */
  function join(tempo: number, ahead: Micros = 0, drift = 0, island = 0): SimulatedNode {
    const endpoint: Endpoint = { address: '10.0.0.1', port: 1000 + ++names }
    const now = () => Math.round(ahead + time * (1 + drift))
    const startStops: boolean[] = []
    const node = new LinkNode(
      {
        tempo,
        newId: () => `${++names}`.padStart(16, '0'),
        onChange: () => {},
        onStartStop: (isPlaying) => startStops.push(isPlaying),
        ways: {
          endpointOf: () => endpoint,
          send: (bytes, to) => {
            const member = members.find((other) => other.endpoint.port === to.port)
            if (member && canReach(island, member)) deliver(bytes, endpoint, member)
          },
          announce: (packetFor) => {
            // Also to itself, as multicast does.
            for (const member of members)
              if (canReach(island, member)) deliver(packetFor(endpoint), endpoint, member)
          },
        },
      },
      now(),
    )
    const vanish = () => {
      members.splice(members.indexOf(member), 1)
    }
    const leave = () => {
      node.leave()
      vanish()
    }
    const beat = () => node.song(now() / 1000).beat
    const member: Member = { node, startStops, now, beat, leave, vanish, endpoint, island }
    members.push(member)
    return member
  }

  /** Lets time pass. */
  function pass(seconds: number): void {
    const end = time + 1_000_000 * seconds
    while (time < end) {
      const tick = Math.min(end, (Math.floor(time / TICK) + 1) * TICK)
      for (;;) {
        packets.sort((a, b) => a.at - b.at)
        const next = packets[0]
        if (!next || next.at > tick) break
        time = next.at
        packets = packets.slice(1)
        if (members.includes(next.to)) next.to.node.receive(next.bytes, next.from, WAY, next.to.now())
      }
      time = tick
      for (const member of [...members]) member.node.tick(member.now())
    }
  }

  /** From now on all nodes hear each other. */
  function unite(): void {
    isInParts = false
  }

  return { join, pass, unite }
}
