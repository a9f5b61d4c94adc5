import {
  firstTimeline,
  inNewSession,
  type LinkTimeline,
  type Micros,
  microBeatsAt,
  withinLimits,
  withTempo,
} from '../../engine/clock/link-timeline.js'
import { NOT_STARTED, type PeerState, type StartStop } from './discovery-packets.js'
import type { LinkId } from './payload.js'
import { PeerTable, type Target } from './peer-table.js'

/** What a session asks of the one who runs it. All are called within a method of the session. */
interface SessionListeners {
  /** Makes a name that no other peer has. */
  readonly newId: () => LinkId
  /** The session, its timeline or its start-stop state has changed, by us or by a peer: tell all peers. */
  readonly onChange: () => void
  /** A peer has started or stopped the song. */
  readonly onStartStop: (isPlaying: boolean) => void
  /** Measure the clock of a session at this place, and call `measured`, not at once. */
  readonly measure: (session: LinkId, target: Target) => void
}

/**
 * Of two sessions the one whose clock is ahead by more than this is the elder; when they are closer, names decide. Every
 * peer must have the same limit (chapter 2, section 7.2).
 */
const ELDER_BY: Micros = 500_000

/**
 * How often the clock of the session is measured anew. Two crystals may drift apart by 40 microseconds in a second: with the
 * 30 s that section 7.3 has, beats would be apart by 1.2 ms in the end. More often than now only costs packets.
 */
const MEASURE_EVERY: Micros = 10_000_000

/**
 * The most sessions that are known besides our own. There is hardly ever more than one; with many more a peer gone mad
 * would have us measure clocks all the time.
 */
const MOST_OTHERS = 16

/**
 * A peer of Link (link-wire-spec 0.1, chapter 2, sections 6 to 8): which session it is in, the session's beat, clock and
 * start-stop state, and who else is there. Times are the peer's own, in microseconds. It knows no network. Never throws.
 */
export class LinkSession {
  readonly #listeners: SessionListeners
  readonly #peers = new PeerTable()
  /** Our own names: the present one, and those of sessions that we have left, whose packets may still be on their way. */
  readonly #ownIds: LinkId[]
  #session: LinkId
  #timeline: LinkTimeline
  #startStop: StartStop = NOT_STARTED
  /** Ghost time minus our own. */
  #offset: Micros
  /** The timelines of the other sessions that were met. */
  readonly #others = new Map<LinkId, LinkTimeline>()
  #hadCompany = false
  #measureAt: Micros
  /** Measurements that have failed since the last one that hasn't. */
  #failures = 0

  /** Founds a session at `now`, at its beat 0. */
  constructor(tempo: number, now: Micros, listeners: SessionListeners) {
    this.#listeners = listeners
    this.#session = listeners.newId()
    this.#ownIds = [this.#session]
    this.#timeline = firstTimeline(tempo)
    this.#offset = -now
    this.#measureAt = now + MEASURE_EVERY
  }

  /** Our name. */
  get id(): LinkId {
    return this.#ownIds.at(-1)!
  }

  /** What we tell the others, but for the place where our clock can be measured. */
  get state(): Omit<PeerState, 'endpoint'> {
    return { timeline: this.#timeline, session: this.#session, startStop: this.#startStop }
  }

  /** Ghost time minus our own. */
  get offset(): Micros {
    return this.#offset
  }

  /** How many others are in our session. */
  get company(): number {
    return this.#peers.countIn(this.#session)
  }

  /** Whether a peer of this name is ourselves. */
  isOurs(id: LinkId): boolean {
    return this.#ownIds.includes(id)
  }

  /** Receives what the peer `from` tells about itself, heard over `way`, which holds for `ttl`. @returns whether there was room for it */
  receive(from: LinkId, state: PeerState, way: string, ttl: Micros, now: Micros): boolean {
    if (!this.#peers.put(from, state.session, way, now + ttl, state.endpoint)) return false
    const timeline = withinLimits(state.timeline)
    if (state.session === this.#session) {
      this.#adopt(timeline, state.startStop)
    } else this.#meet(state.session, timeline)
    this.#lookAround(now)
    return true
  }

  /** The peer `from` leaves. */
  leave(from: LinkId, way: string, now: Micros): void {
    this.#peers.remove(from, way)
    this.#lookAround(now)
  }

  /** The way of hearing peers is gone. */
  lose(way: string, now: Micros): void {
    this.#peers.removeWay(way)
    this.#lookAround(now)
  }

  /** Forgets peers that haven't been heard for long, and has the clock measured from time to time. Call this often. */
  tick(now: Micros): void {
    if (this.#peers.prune(now)) this.#lookAround(now)
    if (now < this.#measureAt) return
    this.#measureAt = now + MEASURE_EVERY
    // The clock of a session is that of its founder.
    if (this.#session !== this.id && this.company > 0) this.#measure(this.#session)
  }

  /** Takes the clock that `measure` asked for: the session's time minus our own; null where that has failed. */
  measured(session: LinkId, offset: Micros | null, now: Micros): void {
    this.#failures = offset === null ? this.#failures + 1 : 0
    if (session === this.#session) {
      if (offset === null || offset === this.#offset) return
      this.#offset = offset
      this.#listeners.onChange()
      return
    }
    const timeline = this.#others.get(session)
    // Where it has failed, the session is met anew as soon as one of its peers is heard again.
    if (offset === null) this.#others.delete(session)
    else if (timeline && this.#isElder(session, offset)) this.#join(session, timeline, offset, now)
  }

  /** Changes the tempo for all, from `now` on. */
  setTempo(tempo: number, now: Micros): void {
    this.#timeline = withTempo(this.#timeline, tempo, now + this.#offset)
    this.#listeners.onChange()
  }

  /** Starts or stops the song for all, from `now` on. */
  setPlaying(isPlaying: boolean, now: Micros): void {
    const ghost = now + this.#offset
    const timestamp = Math.max(ghost, this.#startStop.timestamp + 1)
    this.#startStop = { isPlaying, beats: microBeatsAt(this.#timeline, ghost), timestamp }
    this.#listeners.onChange()
  }

  /** Takes over a newer timeline, and a newer start-stop state, of our session. */
  #adopt(timeline: LinkTimeline, startStop: StartStop): void {
    const isNewer = timeline.beatOrigin > this.#timeline.beatOrigin
    const isLater = startStop.timestamp > this.#startStop.timestamp
    if (isNewer) this.#timeline = timeline
    if (isLater) this.#startStop = startStop
    if (isNewer || isLater) this.#listeners.onChange()
    if (isLater) this.#listeners.onStartStop(startStop.isPlaying)
  }

  /** Another session was heard of, in which the song has this timeline. */
  #meet(session: LinkId, timeline: LinkTimeline): void {
    const known = this.#others.get(session)
    if (known === undefined && this.#others.size >= MOST_OTHERS) return
    if (known === undefined || timeline.beatOrigin > known.beatOrigin) this.#others.set(session, timeline)
    if (known === undefined) this.#measure(session)
  }

  /** Has the clock of a session measured: at its founder, or, after a failure, wherever else that can be done. */
  #measure(session: LinkId): void {
    const targets = this.#peers.targetsIn(session)
    const target = targets[this.#failures % Math.max(1, targets.length)]
    if (target) this.#listeners.measure(session, target)
    else this.#others.delete(session)
  }

  #isElder(session: LinkId, offset: Micros): boolean {
    const ahead = offset - this.#offset
    return ahead > ELDER_BY || (Math.abs(ahead) < ELDER_BY && session < this.#session)
  }

  #join(session: LinkId, timeline: LinkTimeline, offset: Micros, now: Micros): void {
    this.#others.clear()
    this.#session = session
    this.#timeline = timeline
    this.#startStop = NOT_STARTED
    this.#offset = offset
    this.#measureAt = now + MEASURE_EVERY
    this.#hadCompany = this.company > 0
    this.#listeners.onChange()
  }

  /** Forgets sessions that nobody is in any more. The last one in a session of others goes on in a session of its own. */
  #lookAround(now: Micros): void {
    const present = this.#peers.sessions()
    for (const session of this.#others.keys()) if (!present.has(session)) this.#others.delete(session)
    const hasCompany = present.has(this.#session)
    if (this.#hadCompany && !hasCompany) this.#found(now)
    this.#hadCompany = hasCompany
  }

  #found(now: Micros): void {
    this.#session = this.#listeners.newId()
    this.#ownIds.push(this.#session)
    if (this.#ownIds.length > 2) this.#ownIds.shift()
    this.#timeline = inNewSession(this.#timeline, now + this.#offset)
    const { isPlaying, beats } = this.#startStop
    // Those who join are told that the song plays; that it doesn't would stop somebody who comes playing.
    this.#startStop = isPlaying ? { isPlaying, beats, timestamp: 1 } : NOT_STARTED
    this.#offset = -now
    this.#others.clear()
    this.#listeners.onChange()
  }
}
