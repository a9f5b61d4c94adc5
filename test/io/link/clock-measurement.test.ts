import { describe, expect, test } from 'vitest'
import { ClockMeasurement } from '../../../src/io/link/clock-measurement.js'
import { type ClockPacket, readClockPacket, writePong } from '../../../src/io/link/clock-packets.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const SESSION = '00000000000000aa'
const OFFSET = 7_777_777_777

/** Measures a session's clock that is ahead by {@link OFFSET}; `delay` gives the time of each way, there and back. */
function measure(delay: () => readonly [there: number, back: number]) {
  let now = 5_000_000
  let ping: Uint8Array | undefined
  let pings = 0
  const measurement = new ClockMeasurement(SESSION, now, (bytes) => {
    ping = bytes
    pings++
  })
  for (;;) {
    const packet = ping && readClockPacket(ping)
    if (!packet || typeof packet === 'string' || packet.kind !== 'ping') throw new Error('no ping')
    const [there, back] = delay()
    const ghost = now + there + OFFSET
    now += there + back
    const pong = readClockPacket(writePong(SESSION, ghost, packet.payload)) as Extract<
      ClockPacket,
      { kind: 'pong' }
    >
    const result = measurement.receive(pong, now)
    if (result !== undefined) return { result, pings }
  }
}

describe('the clock of a session', () => {
  test('is measured exactly over a network that delays both ways alike, in 51 round trips', () => {
    expect(measure(() => [120, 120])).toEqual({ result: OFFSET, pings: 51 })
  })

  test('is measured to 0.1 ms where every second answer is late by up to 20 ms', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomNumbers(seed)
      const { result } = measure(() => [100 + (random() < 0.5 ? Math.round(20_000 * random()) : 0), 100])
      expect(Math.abs((result ?? 0) - OFFSET)).toBeLessThan(100)
    }
  })

  test('is asked for again after 50 ms without an answer, five times, and then given up', () => {
    let pings = 0
    const measurement = new ClockMeasurement(SESSION, 0, () => pings++)
    expect(measurement.tick(49_999)).toBeUndefined()
    for (let n = 1; n <= 5; n++) expect(measurement.tick(50_000 * n)).toBeUndefined()
    expect(pings).toBe(6)
    expect(measurement.tick(300_000)).toBeNull()
  })

  test('isn’t measured at a peer that has gone to another session', () => {
    const measurement = new ClockMeasurement(SESSION, 0, () => {})
    const pong = { kind: 'pong', session: '00', ghost: 1, pinged: 1, previous: null } as const
    expect(measurement.receive(pong, 10)).toBeNull()
  })
})
