import type { Micros } from '../../engine/clock/link-timeline.js'
import type { Endpoint } from './discovery-packets.js'
import type { LinkId } from './payload.js'

/** A peer that was heard. */
interface Peer {
  session: LinkId
  /** By the way over which it was heard: until when that holds, and where its clock can be measured. */
  readonly ways: Map<string, { readonly until: Micros; readonly endpoint: Endpoint | null }>
}

/** A place where the clock of a session can be measured, and the way there. */
export interface Target {
  readonly way: string
  readonly endpoint: Endpoint
}

/**
 * How much longer than it says a peer is kept (link-wire-spec 0.1, chapter 1, section 7): shorter forgets peers for one
 * delayed packet, longer shows those who are gone.
 */
const GRACE: Micros = 1_000_000

/** The most peers that are known. A stage has a dozen; without a limit a peer gone mad would fill the memory. */
const MOST_PEERS = 256

/** The peers that were heard of late, with the sessions that they are in. Never throws. */
export class PeerTable {
  readonly #peers = new Map<LinkId, Peer>()

  /** A peer was heard. @returns false where there is no room for one more */
  put(id: LinkId, session: LinkId, way: string, until: Micros, endpoint: Endpoint | null): boolean {
    const known = this.#peers.get(id)
    if (!known && this.#peers.size >= MOST_PEERS) return false
    const peer: Peer = known ?? { session, ways: new Map() }
    peer.session = session
    peer.ways.set(way, { until, endpoint })
    this.#peers.set(id, peer)
    return true
  }

  /** How many peers are in a session. */
  countIn(session: LinkId): number {
    return this.#membersOf(session).length
  }

  /** The sessions that peers are in. */
  sessions(): ReadonlySet<LinkId> {
    const sessions = new Set<LinkId>()
    for (const { session } of this.#peers.values()) sessions.add(session)
    return sessions
  }

  /** Where the clock of a session can be measured, at its founder first. */
  targetsIn(session: LinkId): readonly Target[] {
    const members = this.#membersOf(session).sort(([a], [b]) => Number(b === session) - Number(a === session))
    return members.flatMap(([, { ways }]) =>
      [...ways].flatMap(([way, { endpoint }]) => (endpoint ? [{ way, endpoint }] : [])),
    )
  }

  /** Forgets that a peer was heard over `way`, and the peer itself where there is no other way to it. */
  remove(id: LinkId, way: string): void {
    const peer = this.#peers.get(id)
    peer?.ways.delete(way)
    if (peer?.ways.size === 0) this.#peers.delete(id)
  }

  removeWay(way: string): void {
    for (const id of [...this.#peers.keys()]) this.remove(id, way)
  }

  /** Forgets what no longer holds at `now`. @returns whether there was anything */
  prune(now: Micros): boolean {
    let any = false
    for (const [id, { ways }] of [...this.#peers])
      for (const [way, { until }] of [...ways]) {
        if (until + GRACE > now) continue
        this.remove(id, way)
        any = true
      }
    return any
  }

  #membersOf(session: LinkId): (readonly [LinkId, Peer])[] {
    return [...this.#peers].filter(([, peer]) => peer.session === session)
  }
}
