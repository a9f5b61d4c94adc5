import type { Micros } from '../../engine/clock/link-timeline.js'
import type { Strangeness } from './discovery-packets.js'
import { beginsWith, type LinkId, PacketWriter, readId, readNumber, readPayload } from './payload.js'

/**
 * A message by which a peer measures the clock of a session at another peer (link-wire-spec 0.1, chapter 2, section 4). A
 * pong repeats the payload of its ping.
 */
export type ClockPacket =
  | { readonly kind: 'ping'; readonly payload: Uint8Array }
  | {
      readonly kind: 'pong'
      readonly session: LinkId
      /** The session's time when the pong was sent. */
      readonly ghost: Micros
      /** The pinging peer's own time when it sent the ping. */
      readonly pinged: Micros
      /** The session's time in the pong before, if there was one. */
      readonly previous: Micros | null
    }

/** `_link_v` and version 1. */
export const CLOCK_MAGIC = [0x5f, 0x6c, 0x69, 0x6e, 0x6b, 0x5f, 0x76, 1]
const HEADER_BYTES = 9
const PING = 1
const PONG = 2

/** The payload of the longest ping that is answered. */
const LONGEST_PING_BYTES = 32

/** Reads a packet; `payload` of a ping is no copy. Never throws. */
export function readClockPacket(bytes: Uint8Array): ClockPacket | Strangeness | 'unreadable' {
  if (!beginsWith(bytes, CLOCK_MAGIC)) return bytes.length < CLOCK_MAGIC.length ? 'short' : 'foreign'
  if (bytes.length < HEADER_BYTES) return 'short'
  const payload = bytes.subarray(HEADER_BYTES)
  if (bytes[8] === PING) return payload.length > LONGEST_PING_BYTES ? 'unreadable' : { kind: 'ping', payload }
  return bytes[8] === PONG ? (readPong(payload) ?? 'unreadable') : 'type'
}

function readPong(payload: Uint8Array): ClockPacket | undefined {
  const values = readPayload(payload)
  const number = (key: string) => {
    const view = values?.get(key)
    return view?.byteLength === 8 ? readNumber(view, 0) : undefined
  }
  const session = values?.get('sess')
  const [ghost, pinged, previous] = [number('__gt'), number('__ht'), number('_pgt')]
  if (session?.byteLength !== 8 || ghost === undefined || pinged === undefined) return undefined
  if (values?.has('_pgt') && previous === undefined) return undefined
  return { kind: 'pong', session: readId(session, 0), ghost, pinged, previous: previous ?? null }
}

/** @param previous the session's time in the pong that this ping follows; null for the first ping, and after a loss */
export function writePing(now: Micros, previous: Micros | null): Uint8Array {
  const writer = new PacketWriter().raw(CLOCK_MAGIC).byte(PING).entry('__ht', 8).number(now)
  if (previous !== null) writer.entry('_pgt', 8).number(previous)
  return writer.packet
}

/** The answer to a ping with this payload. */
export function writePong(session: LinkId, ghost: Micros, payload: Uint8Array): Uint8Array {
  const writer = new PacketWriter().raw(CLOCK_MAGIC).byte(PONG)
  return writer.entry('sess', 8).id(session).entry('__gt', 8).number(ghost).raw(payload).packet
}
