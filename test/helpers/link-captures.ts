import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataPath } from './reference.js'

/** A UDP packet of a capture, with the addresses of sender and receiver as `address:port`. */
interface CapturedPacket {
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

/** Why the captures of link-wire-spec can't be read, or null. Goes into the titles of skipped tests. */
export const noCaptures: string | null = existsSync(dataPath('link'))
  ? null
  : 'RUBATO_DATA names no folder that holds link (the captures of structuresound/link-wire-spec)'

/** All packets of the captures, by the names of their files. */
export function readCaptures(): ReadonlyMap<string, readonly CapturedPacket[]> {
  const folder = dataPath('link')
  const files = readdirSync(folder).filter((name) => name.endsWith('.pcap'))
  return new Map(files.map((name) => [name, packetsOf(readFileSync(join(folder, name)))]))
}

/**
 * The length of a frame's header and the place of its protocol, by the capture's link layer: Ethernet, and Linux's two
 * kinds of captures on any interface (SLL, SLL2).
 */
const LINK_LAYERS: Readonly<Record<number, readonly [length: number, protocol: number]>> = {
  1: [14, 12],
  113: [16, 14],
  276: [20, 0],
}

/** The UDP packets over IPv4 of a capture (libpcap format, little-endian). */
function packetsOf(file: Buffer): CapturedPacket[] {
  const packets: CapturedPacket[] = []
  const [header, protocol] = LINK_LAYERS[file.readUInt32LE(20)] ?? [0, 0]
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8)
    const frame = file.subarray(at + 16, at + 16 + length)
    at += 16 + length
    const isIpv4 = frame.readUInt16BE(protocol) === 0x0800
    const ip = frame.subarray(header)
    if (!isIpv4 || ip[9] !== 17) continue
    const udp = ip.subarray(4 * (ip[0]! & 0xf))
    const address = (from: number) => ip.subarray(from, from + 4).join('.')
    packets.push({
      from: `${address(12)}:${udp.readUInt16BE(0)}`,
      to: `${address(16)}:${udp.readUInt16BE(2)}`,
      bytes: new Uint8Array(udp.subarray(8, udp.readUInt16BE(4))),
    })
  }
  return packets
}
