import { type LinkTimeline, type Micros, songAt } from '../../engine/clock/link-timeline.js'
import type { SongTimeline } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { ClockMeasurement } from './clock-measurement.js'
import { readClockPacket, writePong } from './clock-packets.js'
import {
  DISCOVERY_MAGIC,
  type Endpoint,
  readDiscovery,
  type Strangeness,
  writeDiscovery,
} from './discovery-packets.js'
import { beginsWith, type LinkId } from './payload.js'
import type { Target } from './peer-table.js'
import { LinkSession } from './session.js'

/** How long what we tell holds, in seconds, and how often we tell it (link-wire-spec 0.1, chapter 1, section 4). */
const TTL_S = 5
const ALIVE: Micros = 250_000
/** Changes are told no sooner than this after the last time. */
const LEAST_SPACING: Micros = 50_000

/** The networks as a node needs them. A *way* is our address in one of them. */
export interface Ways {
  /** Sends a packet to a peer. */
  send(bytes: Uint8Array, to: Endpoint, way: string): void
  /** Sends each network what `packetFor` makes for our endpoint there. */
  announce(packetFor: (endpoint: Endpoint) => Uint8Array): void
  /** Where others reach us; null while that isn't known. */
  endpointOf(way: string): Endpoint | null
}

interface NodeOptions {
  /** In quarter notes a minute, while we are alone. */
  readonly tempo: number
  readonly ways: Ways
  /** Makes a name that no other peer has. */
  readonly newId: () => LinkId
  /** The beat of the session, or its start-stop state, has changed. */
  readonly onChange: () => void
  /** Another peer has started or stopped the song. */
  readonly onStartStop: (isPlaying: boolean) => void
}

/**
 * Why a packet is ignored: it is strange; its payload isn't as it must be (`unreadable`); it is ours (`own`); it is a pong to
 * no ping of ours (`unasked`); or there are too many peers (`full`).
 */
type Rule = Strangeness | 'unreadable' | 'own' | 'unasked' | 'full'

/** A measurement under way. */
interface Running extends Target {
  readonly measurement: ClockMeasurement
}

/**
 * What a Link peer says and how it answers, packet by packet: it speaks the protocol for a {@link LinkSession}. Times are
 * the peer's own, in microseconds, given by the caller. Never throws.
 */
export class LinkNode {
  /** How many packets were ignored, by the rule that they broke. */
  readonly ignored: Partial<Record<Rule, number>> = {}
  readonly #options: NodeOptions
  readonly #session: LinkSession
  #measurements: readonly Running[] = []
  /** The time of the call under way. */
  #now: Micros
  #announcedAt: Micros = Number.NEGATIVE_INFINITY
  #hasNews = false

  constructor(options: NodeOptions, now: Micros) {
    this.#options = options
    this.#now = now
    this.#session = new LinkSession(options.tempo, now, {
      newId: options.newId,
      onChange: () => {
        this.#hasNews = true
        options.onChange()
      },
      onStartStop: options.onStartStop,
      measure: (session, target) => this.#measure(session, target),
    })
  }

  /** The name of the session that we are in. */
  get session(): LinkId {
    return this.#session.state.session
  }

  /** How many other peers are in our session. */
  get company(): number {
    return this.#session.company
  }

  get timeline(): LinkTimeline {
    return this.#session.state.timeline
  }

  /** Whether the song of the session plays. */
  get isPlaying(): boolean {
    return this.#session.state.startStop.isPlaying
  }

  /** The session's song at our own time `at`, in ms. */
  song(at: Ms): SongTimeline {
    return songAt(this.timeline, this.#session.offset, at)
  }

  setTempo(tempo: number, now: Micros): void {
    this.#session.setTempo(tempo, now)
  }

  setPlaying(isPlaying: boolean, now: Micros): void {
    this.#session.setPlaying(isPlaying, now)
  }

  /** A network can be used from now on: those in it are told of us soon. */
  openWay(): void {
    this.#hasNews = true
  }

  /** A network is gone. */
  loseWay(way: string, now: Micros): void {
    this.#session.lose(way, now)
  }

  /** Says what is due, and looks at timeouts. Call this a hundred times a second. */
  tick(now: Micros): void {
    this.#now = now
    for (const running of this.#measurements)
      if (running.measurement.tick(now) === null) this.#end(running, null)
    this.#session.tick(now)
    const since = now - this.#announcedAt
    if (since >= ALIVE || (this.#hasNews && since >= LEAST_SPACING)) this.#announce()
  }

  /** Tells all that we leave. */
  leave(): void {
    const bye = writeDiscovery({ kind: 'bye', from: this.#session.id })
    this.#options.ways.announce(() => bye)
  }

  /** Receives a packet that came from `from`. */
  receive(bytes: Uint8Array, from: Endpoint, way: string, now: Micros): void {
    this.#now = now
    const isDiscovery = beginsWith(bytes, DISCOVERY_MAGIC)
    const broken = isDiscovery ? this.#discover(bytes, from, way) : this.#receiveClock(bytes, from, way)
    if (broken !== undefined) this.ignored[broken] = (this.ignored[broken] ?? 0) + 1
  }

  #announce(): void {
    this.#announcedAt = this.#now
    this.#hasNews = false
    this.#options.ways.announce((endpoint) => this.#stateFor('alive', endpoint))
  }

  #stateFor(kind: 'alive' | 'response', endpoint: Endpoint): Uint8Array {
    const { id: from, state } = this.#session
    return writeDiscovery({ kind, from, ttl: TTL_S, state: { ...state, endpoint } })
  }

  /** @returns the rule by which the packet is ignored, if it is */
  #discover(bytes: Uint8Array, from: Endpoint, way: string): Rule | undefined {
    const message = readDiscovery(bytes)
    if (typeof message === 'string') return message
    if (this.#session.isOurs(message.from)) return 'own'
    if (message.kind === 'bye') {
      this.#session.leave(message.from, way, this.#now)
      return undefined
    }
    const { ways } = this.#options
    const here = ways.endpointOf(way)
    // An answer is due even where the state of the one who asks can't be read.
    if (message.kind === 'alive' && here) ways.send(this.#stateFor('response', here), from, way)
    const { state, ttl } = message
    if (state === null) return 'unreadable'
    return this.#session.receive(message.from, state, way, 1_000_000 * ttl, this.#now) ? undefined : 'full'
  }

  /** @returns the rule by which the packet is ignored, if it is */
  #receiveClock(bytes: Uint8Array, from: Endpoint, way: string): Rule | undefined {
    const packet = readClockPacket(bytes)
    if (typeof packet === 'string') return packet
    if (packet.kind === 'ping') {
      const pong = writePong(this.session, this.#now + this.#session.offset, packet.payload)
      this.#options.ways.send(pong, from, way)
      return undefined
    }
    const running = this.#measurements.find(
      ({ endpoint }) => endpoint.address === from.address && endpoint.port === from.port,
    )
    if (!running) return 'unasked'
    const offset = running.measurement.receive(packet, this.#now)
    if (offset !== undefined) this.#end(running, offset)
    return undefined
  }

  #measure(session: LinkId, target: Target): void {
    if (this.#measurements.some(({ measurement }) => measurement.session === session)) return
    const measurement = new ClockMeasurement(session, this.#now, (ping) =>
      this.#options.ways.send(ping, target.endpoint, target.way),
    )
    this.#measurements = [...this.#measurements, { ...target, measurement }]
  }

  #end(running: Running, offset: Micros | null): void {
    this.#measurements = this.#measurements.filter((other) => other !== running)
    this.#session.measured(running.measurement.session, offset, this.#now)
  }
}
