import { describe, expect, test } from 'vitest'
import { readClockPacket, writePing, writePong } from '../../../src/io/link/clock-packets.js'
import {
  type DiscoveryMessage,
  NOT_STARTED,
  readDiscovery,
  writeDiscovery,
} from '../../../src/io/link/discovery-packets.js'
import { noCaptures, readCaptures } from '../../helpers/link-captures.js'

const ALIVE: DiscoveryMessage = {
  kind: 'alive',
  from: '0102030405060708',
  ttl: 5,
  state: {
    timeline: { microsPerBeat: 500_000, beatOrigin: -1, timeOrigin: 258 },
    session: 'ff00000000000001',
    startStop: { isPlaying: true, beats: 4_000_000, timestamp: 7 },
    endpoint: { address: '192.168.0.2', port: 0x1234 },
  },
}
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
/** The packet that {@link ALIVE} makes, by the tables of link-wire-spec 0.1, chapter 1, sections 3 and 6. */
const ALIVE_BYTES = bytesOf(`
  5f61736470 5f7601 01 05 0000 0102030405060708
  746d6c6e 00000018 000000000007a120 ffffffffffffffff 0000000000000102
  73657373 00000008 ff00000000000001
  73747374 00000011 01 00000000003d0900 0000000000000007
  6d657034 00000006 c0a80002 1234`)

describe('a packet of discovery', () => {
  test('has the bytes that the description asks for, and is read again as it was', () => {
    expect(text(writeDiscovery(ALIVE))).toBe(text(ALIVE_BYTES))
    expect(readDiscovery(ALIVE_BYTES)).toEqual(ALIVE)
    const bye = { kind: 'bye', from: 'ffffffffffffffff' } as const
    expect(text(writeDiscovery(bye))).toBe('5f617364705f7601030000 00ffffffffffffffff'.replace(' ', ''))
    expect(readDiscovery(writeDiscovery(bye))).toEqual(bye)
  })

  test('may have its entries in any order, unknown ones among them, and lack start-stop state and endpoint', () => {
    const shuffled = bytesOf(`5f617364705f7601 02 05 0000 0102030405060708
      73657373 00000008 ff00000000000001
      61757a7a 00000003 010203
      746d6c6e 00000018 000000000007a120 ffffffffffffffff 0000000000000102`)
    const state = { ...ALIVE.state, startStop: NOT_STARTED, endpoint: null }
    expect(readDiscovery(shuffled)).toEqual({ ...ALIVE, kind: 'response', state })
  })

  test.each([
    ['short', ALIVE_BYTES.subarray(0, 7)],
    ['short', ALIVE_BYTES.subarray(0, 19)],
    ['foreign', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 7 ? 2 : byte))],
    ['group', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 11 ? 1 : byte))],
    ['type', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 8 ? 4 : byte))],
  ])('is refused as %s', (rule, bytes) => {
    expect(readDiscovery(bytes)).toBe(rule)
  })

  test.each([
    ['is cut off', ALIVE_BYTES.subarray(0, -1)],
    ['has half a header at its end', Uint8Array.from([...ALIVE_BYTES, 1, 2, 3])],
    ['has no session', ALIVE_BYTES.subarray(0, 52)],
    [
      'has an entry that reaches beyond it',
      Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 24 ? 255 : byte)),
    ],
    ['has no tempo', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i >= 28 && i < 36 ? 0 : byte))],
    ['runs backwards', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 28 ? 255 : byte))],
    ['is beyond all clocks', Uint8Array.from(ALIVE_BYTES, (byte, i) => (i === 44 ? 0x7f : byte))],
  ])('whose payload %s says nothing but who sends it', (_, bytes) => {
    expect(readDiscovery(bytes)).toEqual({ ...ALIVE, state: null })
  })
})

describe('a packet of measurement', () => {
  test('has the sizes that were observed, and a pong repeats its ping', () => {
    const first = writePing(1000, null)
    const next = writePing(2000, 7)
    const payload = next.subarray(9)
    const pong = writePong('ff00000000000001', 99, payload)
    expect([first.length, next.length, writePong('00', 1, first.subarray(9)).length, pong.length]).toEqual([
      25, 41, 57, 73,
    ])
    expect(readClockPacket(next)).toEqual({ kind: 'ping', payload })
    expect(readClockPacket(pong)).toEqual({
      kind: 'pong',
      session: 'ff00000000000001',
      ghost: 99,
      pinged: 2000,
      previous: 7,
    })
  })

  test('of a ping that is too long, and of a pong that repeats none, can’t be read', () => {
    expect(readClockPacket(Uint8Array.from([...writePing(1, 2), 0]))).toBe('unreadable')
    expect(readClockPacket(writePong('00', 1, new Uint8Array(0)))).toBe('unreadable')
    expect(readClockPacket(bytesOf('5f6c696e6b5f7601 03'))).toBe('type')
  })
})

describe.skipIf(noCaptures !== null)(`the captures of the real library ${noCaptures ?? ''}`, () => {
  const captures = noCaptures === null ? [...readCaptures()] : []

  test.each(captures)('%s is read, and written again byte for byte', (_, packets) => {
    const kinds = new Set<string>()
    for (const { bytes } of packets) {
      const discovery = readDiscovery(bytes)
      if (typeof discovery !== 'string') {
        kinds.add(discovery.kind)
        expect(text(writeDiscovery(discovery))).toBe(text(bytes))
        continue
      }
      const packet = readClockPacket(bytes)
      if (typeof packet === 'string') throw new Error(`${packet}: ${text(bytes)}`)
      kinds.add(packet.kind)
      if (packet.kind === 'ping') {
        const view = new DataView(bytes.buffer)
        const previous = packet.payload.length > 16 ? Number(view.getBigInt64(33)) : null
        expect(text(writePing(Number(view.getBigInt64(17)), previous))).toBe(text(bytes))
      } else {
        const { session, ghost, pinged, previous } = packet
        const payload = writePing(pinged, previous).subarray(9)
        expect(text(writePong(session, ghost, payload))).toBe(text(bytes))
      }
    }
    expect(packets.length).toBeGreaterThan(200)
    for (const kind of ['alive', 'response', 'ping', 'pong']) expect(kinds).toContain(kind)
  })
})
