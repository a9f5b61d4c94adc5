import type { Micros } from '../../engine/clock/link-timeline.js'
import { type ClockPacket, writePing } from './clock-packets.js'
import type { LinkId } from './payload.js'

/** How long a pong is waited for, and how often a ping is sent anew before the measurement has failed (chapter 2, section 4.2). */
const PATIENCE: Micros = 50_000
const MOST_RETRIES = 5

/** More samples than this are taken: fewer leave more of the network's jitter in the result, more take longer (section 5). */
const SAMPLES = 100

/**
 * The samples that count: those of the shortest round trips, which say most exactly where the other's clock was. (The
 * description takes the median of all.) With more, a busy machine, which answers late in one direction, moves the result;
 * with fewer, one lucky round trip decides.
 */
const BEST_SAMPLES = 25

/** How far the session's clock seemed to be ahead of ours, and how long the round trip took that says so. */
interface Sample {
  readonly offset: number
  readonly span: Micros
}

/**
 * Measures how far the clock of a session is from our own, by a chain of pings to a peer of that session. Times are our
 * own, in microseconds. Never throws.
 */
export class ClockMeasurement {
  readonly session: LinkId
  readonly #send: (ping: Uint8Array) => void
  readonly #samples: Sample[] = []
  #retries = 0
  #pingedAt: Micros = 0

  /** Begins at `now`. @param send sends a packet to the peer */
  constructor(session: LinkId, now: Micros, send: (ping: Uint8Array) => void) {
    this.session = session
    this.#send = send
    this.#ping(now, null)
  }

  /**
   * Receives a pong of the peer. @returns the session's time minus our own once it is known, null once that has failed;
   * undefined while the measurement goes on
   */
  receive(pong: Extract<ClockPacket, { kind: 'pong' }>, now: Micros): Micros | null | undefined {
    if (pong.session !== this.session) return null
    const { ghost, pinged, previous } = pong
    // Half way between sending and receiving, were the ways there and back equally long.
    if (ghost !== 0 && pinged !== 0)
      this.#samples.push({ offset: ghost - (now + pinged) / 2, span: now - pinged })
    if (previous !== null && previous !== 0)
      this.#samples.push({ offset: (ghost + previous) / 2 - pinged, span: ghost - previous })
    if (this.#samples.length > SAMPLES) return Math.round(bestOf(this.#samples))
    this.#ping(now, ghost)
    return undefined
  }

  /** Sends a ping anew if no pong has come for long. Call this often. @returns null once the measurement has failed */
  tick(now: Micros): null | undefined {
    if (now - this.#pingedAt < PATIENCE) return undefined
    this.#retries++
    if (this.#retries > MOST_RETRIES) return null
    this.#ping(now, null)
    return undefined
  }

  #ping(now: Micros, previous: Micros | null): void {
    this.#pingedAt = now
    this.#send(writePing(now, previous))
  }
}

/** The median of the samples of the shortest round trips. */
function bestOf(samples: readonly Sample[]): number {
  const best = [...samples].sort((a, b) => a.span - b.span).slice(0, BEST_SAMPLES)
  return best.map(({ offset }) => offset).sort((a, b) => a - b)[BEST_SAMPLES >> 1]!
}
