import type { Controls } from '../controls/controls.js'
import type { ClockMessage, HeardMessage, MidiClockMessage, RealtimeMessage } from '../language/messages.js'
import type { Beat } from '../surface/snapshot.js'
import { MINUTE_MS, type Ms } from '../units.js'
import { createClockGenerator } from './clock-generator.js'
import type { Sync } from './sync.js'
import { TempoFollower } from './tempo-follower.js'

type TransportMessage = Extract<HeardMessage, { kind: 'transport' }>

/**
 * How far a tap moves the beat of a clock that is given, at most: followers count its ticks, so that it can only hurry or wait. Less takes
 * many taps; more would leave ticks out.
 */
const LARGEST_TAP_MS: Ms = 80

/**
 * The beat that Rubato shares with a band: Rubato follows the band's clock or the timeline of a Link session, or has a beat
 * of its own, whose clock it may send. Times are process time. Never throws.
 */
export interface BandClock {
  /** Receives a tick, a song position, a timeline or a tapped beat, or a start, continue or stop. */
  receive(message: ClockMessage | TransportMessage): void
  /** Emits the ticks that are due up to and including `limit`; nothing unless Rubato gives the clock. Allocates. */
  emitUntil(limit: Ms): void
  /** Process time of the next tick that `emitUntil` will emit; Infinity if no tick will come. */
  readonly nextTick: Ms
  /** The music begins at `at`: a beat of Rubato's own begins there, and those who follow its clock are told. */
  play(at: Ms): void
  /** The music stops at `at`: a beat of Rubato's own ends there, and those who follow its clock are told. */
  stop(at: Ms): void
  /** Tempo and place in the song at `now`; null if there is no beat. */
  beat(now: Ms): Beat | null
  /** When the first beat, or bar, after `at` begins; undefined if there is no beat. */
  next(unit: 'beat' | 'bar', at: Ms): Ms | undefined
  /** Whether the beat is Rubato's own, and begins with its music. */
  readonly isOwn: boolean
  /** Whether the music follows somebody else's clock whose song is running: then it must not fall behind that song. */
  follows(now: Ms): boolean
}

/** Where a beat comes from. A place is in quarter notes since the song began; undefined while the song is stopped. */
interface BeatSource {
  readonly source: Beat['source']
  /** In quarter notes a minute; undefined if there is no beat. */
  tempo(now: Ms): number | undefined
  positionAt(at: Ms): number | undefined
  /** When, after `at`, the place in the song is next a multiple of `quarters`. */
  nextMultiple(quarters: number, at: Ms): Ms | undefined
}

export interface BandClockOptions {
  readonly sync: Sync
  /** Returns the controls in force, for tempo, beats of a bar, and offset. */
  readonly controls: () => Controls
  /**
   * Whether anything in the music follows a beat. Where nobody gives one, Rubato has a beat of its own only while something
   * does: otherwise it would have changes wait for a beat that nobody hears.
   */
  readonly isFollowed: () => boolean
  /** Receives each message to be sent to those who follow Rubato's clock. */
  readonly emit: (message: RealtimeMessage) => void
}

export function createBandClock({ sync, controls, isFollowed, emit }: BandClockOptions): BandClock {
  const follower = new TempoFollower()
  /** The song of Rubato's own, or that of a Link session. */
  const song = createClockGenerator(controls().tempo, 0)
  const isMaster = sync === 'master'
  const isOwn = isMaster || sync === 'off' || sync === 'transport'
  let isPlaying = false
  /** Whether another performer, or a Link session, has told where the song is. */
  let isPlaced = false
  /** Whether the player has tapped a beat: then there is one, whether anything follows it or not. */
  let isTapped = false
  let beganAt: Ms = Number.NEGATIVE_INFINITY
  let { tempo } = controls()

  const offset = () => controls().clockOffset
  const whilePlaying = <T>(value: T) => (isPlaying ? value : undefined)
  const sources = {
    own: {
      source: 'ours',
      tempo: () => (isMaster || isPlaced || isTapped || isFollowed() ? tempo : undefined),
      positionAt: (at) => whilePlaying(song.positionAt(at)),
      nextMultiple: (quarters, at) => whilePlaying(song.nextMultiple(quarters, at)),
    },
    clock: {
      source: 'heard',
      tempo: (now) => follower.tempo(now),
      positionAt: (at) => follower.positionAt(at - offset()),
      nextMultiple: (quarters, at) => later(follower.nextMultiple(quarters, at - offset()), offset()),
    },
    link: {
      source: 'heard',
      tempo: () => (isPlaced ? tempo : undefined),
      positionAt: (at) => (isPlaced ? song.positionAt(at - offset()) : undefined),
      nextMultiple: (quarters, at) =>
        isPlaced ? later(song.nextMultiple(quarters, at - offset()), offset()) : undefined,
    },
  } as const satisfies Record<string, BeatSource>
  const from: BeatSource = isOwn ? sources.own : sources[sync]

  function receive(message: ClockMessage | TransportMessage): void {
    if (message.kind === 'tap') tap(message.at)
    else if (message.kind !== 'timeline') {
      if (sync === 'clock') tell(follower, message)
    } else if (sync === 'clock') follower.join(message.at, message.beat)
    else place(message)
  }

  /** The beat nearest to a tap is moved to it. */
  function tap(at: Ms): void {
    isTapped = true
    if (!isOwn || !isPlaying) return
    const limit = isMaster ? (LARGEST_TAP_MS * tempo) / MINUTE_MS : 1
    song.place(at, towardsBeat(song.positionAt(at), limit), tempo)
  }

  function place(message: Extract<ClockMessage, { kind: 'timeline' }>): void {
    // What was told before the music began is about another song.
    if (isOwn && message.at < beganAt) return
    isPlaced = true
    // The tempo of Rubato's own beat is its control's, which may change a moment sooner than its place is told.
    if (!isOwn) tempo = message.tempo
    song.place(message.at, message.beat, tempo)
  }

  /** Takes over a change of the tempo's control from `at` on. */
  function takeTempo(at: Ms): void {
    if (!isOwn || controls().tempo === tempo) return
    tempo = controls().tempo
    song.setTempo(tempo, at)
  }

  function emitUntil(limit: Ms): void {
    takeTempo(limit)
    if (!isMaster) return
    for (const due of song.ticksUntil(limit)) emit({ kind: 'realtime', due, message: 'clock' })
  }

  function play(at: Ms): void {
    if (!isOwn) return
    emitUntil(at)
    isPlaying = true
    isPlaced = false
    beganAt = at
    song.restart(at)
    if (isMaster) emit({ kind: 'realtime', due: at, message: 'start' })
  }

  function stop(at: Ms): void {
    if (!isOwn || !isPlaying) return
    isPlaying = false
    if (isMaster) emit({ kind: 'realtime', due: at, message: 'stop' })
  }

  function beat(now: Ms): Beat | null {
    const current = from.tempo(now)
    if (current === undefined) return null
    return { tempo: current, position: from.positionAt(now) ?? null, at: now, source: from.source }
  }

  return {
    receive,
    emitUntil,
    get nextTick() {
      return isMaster ? song.nextTick : Number.POSITIVE_INFINITY
    },
    play,
    stop,
    beat,
    next: (unit, at) =>
      from.tempo(at) === undefined
        ? undefined
        : from.nextMultiple(unit === 'beat' ? 1 : controls().beatsPerBar, at),
    isOwn,
    follows: (now) => !isOwn && from.positionAt(now) !== undefined,
  }
}

function later(at: Ms | undefined, by: Ms): Ms | undefined {
  return at === undefined ? undefined : at + by
}

/** The place nearest to a whole beat that is at most `limit` beats from `position`. */
function towardsBeat(position: number, limit: number): number {
  return position + Math.max(-limit, Math.min(limit, Math.round(position) - position))
}

function tell(follower: TempoFollower, message: MidiClockMessage | TransportMessage): void {
  switch (message.kind) {
    case 'clock':
      follower.tick(message.at)
      return
    case 'song-position':
      follower.locate(message.sixteenths)
      return
    case 'transport':
      follower[message.action]()
  }
}
