import type { LinkTimeline, Micros } from '../../engine/clock/link-timeline.js'
import { beginsWith, type LinkId, PacketWriter, readId, readNumber, readPayload } from './payload.js'

/** An IPv4 address with a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** Whether the song of a session plays, since when. All zero in a session where nobody has started or stopped it yet. */
export interface StartStop {
  readonly isPlaying: boolean
  /** Place in the song at which it started or stopped, in millionths of a quarter note. */
  readonly beats: number
  /** Ghost time at which somebody started or stopped it; the latest counts. */
  readonly timestamp: Micros
}

/** Everything that a peer tells the others about itself. */
export interface PeerState {
  readonly timeline: LinkTimeline
  /** The name of the session: that of the peer who founded it. */
  readonly session: LinkId
  readonly startStop: StartStop
  /** Where the peer's clock can be measured; null if not over IPv4. */
  readonly endpoint: Endpoint | null
}

/** A message by which peers find each other (link-wire-spec 0.1, chapter 1). */
export type DiscoveryMessage =
  /** `alive` asks for a `response`. `ttl`: the seconds for which it holds. `state` is null where it can't be read. */
  | {
      readonly kind: 'alive' | 'response'
      readonly from: LinkId
      readonly ttl: number
      readonly state: PeerState | null
    }
  | { readonly kind: 'bye'; readonly from: LinkId }

/** Why a packet is ignored: too short for its header, another protocol or version, another group, or an unknown type. */
export type Strangeness = 'short' | 'foreign' | 'group' | 'type'

/** `_asdp_v` and version 1. */
export const DISCOVERY_MAGIC = [0x5f, 0x61, 0x73, 0x64, 0x70, 0x5f, 0x76, 1]
const HEADER_BYTES = 20
const TYPES = { alive: 1, response: 2, bye: 3 } as const

export const NOT_STARTED: StartStop = { isPlaying: false, beats: 0, timestamp: 0 }

/** Reads a packet. Never throws. */
export function readDiscovery(bytes: Uint8Array): DiscoveryMessage | Strangeness {
  if (!beginsWith(bytes, DISCOVERY_MAGIC)) return bytes.length < DISCOVERY_MAGIC.length ? 'short' : 'foreign'
  if (bytes.length < HEADER_BYTES) return 'short'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(10) !== 0) return 'group'
  const from = readId(view, 12)
  const ttl = view.getUint8(9)
  switch (view.getUint8(8)) {
    case TYPES.alive:
      return { kind: 'alive', from, ttl, state: readState(bytes.subarray(HEADER_BYTES)) }
    case TYPES.response:
      return { kind: 'response', from, ttl, state: readState(bytes.subarray(HEADER_BYTES)) }
    case TYPES.bye:
      return { kind: 'bye', from }
    default:
      return 'type'
  }
}

/** Writes a packet; a `state` of null is written as an empty payload. */
export function writeDiscovery(message: DiscoveryMessage): Uint8Array {
  const ttl = message.kind === 'bye' ? 0 : message.ttl
  const writer = new PacketWriter().raw(DISCOVERY_MAGIC).byte(TYPES[message.kind]).byte(ttl).short(0)
  writer.id(message.from)
  if (message.kind !== 'bye' && message.state !== null) writeState(writer, message.state)
  return writer.packet
}

function writeState(writer: PacketWriter, { timeline, session, startStop, endpoint }: PeerState): void {
  const { microsPerBeat, beatOrigin, timeOrigin } = timeline
  writer.entry('tmln', 24).number(microsPerBeat).number(beatOrigin).number(timeOrigin)
  writer.entry('sess', 8).id(session)
  const { isPlaying, beats, timestamp } = startStop
  writer.entry('stst', 17).byte(Number(isPlaying)).number(beats).number(timestamp)
  if (endpoint) writer.entry('mep4', 6).raw(endpoint.address.split('.').map(Number)).short(endpoint.port)
}

/**
 * Reads the payload of a peer's state. Null if an entry has another size than it must have, if a number is beyond all
 * clocks, if the tempo isn't above 0, or if there is no timeline or no session.
 */
function readState(payload: Uint8Array): PeerState | null {
  const values = readPayload(payload)
  const [tmln, sess, stst, mep4] = ['tmln', 'sess', 'stst', 'mep4'].map((key) => values?.get(key))
  if (tmln?.byteLength !== 24 || sess?.byteLength !== 8) return null
  if ((stst && stst.byteLength !== 17) || (mep4 && mep4.byteLength !== 6)) return null
  const timeline = readTimeline(tmln)
  const startStop = stst ? readStartStop(stst) : NOT_STARTED
  if (!timeline || !startStop) return null
  return { timeline, session: readId(sess, 0), startStop, endpoint: mep4 ? readEndpoint(mep4) : null }
}

function readTimeline(view: DataView): LinkTimeline | undefined {
  const [microsPerBeat, beatOrigin, timeOrigin] = [0, 8, 16].map((at) => readNumber(view, at))
  if (microsPerBeat === undefined || beatOrigin === undefined || timeOrigin === undefined) return undefined
  return microsPerBeat > 0 ? { microsPerBeat, beatOrigin, timeOrigin } : undefined
}

function readStartStop(view: DataView): StartStop | undefined {
  const [beats, timestamp] = [readNumber(view, 1), readNumber(view, 9)]
  if (beats === undefined || timestamp === undefined) return undefined
  return { isPlaying: view.getUint8(0) !== 0, beats, timestamp }
}

function readEndpoint(view: DataView): Endpoint {
  return { address: [0, 1, 2, 3].map((at) => view.getUint8(at)).join('.'), port: view.getUint16(4) }
}
