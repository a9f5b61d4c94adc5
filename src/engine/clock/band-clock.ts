import type { Controls } from '../controls/controls.js'
import type { ClockMessage, HeardMessage, RealtimeMessage } from '../language/messages.js'
import type { Beat } from '../surface/snapshot.js'
import type { Ms } from '../units.js'
import { createClockGenerator } from './clock-generator.js'
import type { Sync } from './sync.js'
import { TempoFollower } from './tempo-follower.js'

type TransportMessage = Extract<HeardMessage, { kind: 'transport' }>

/**
 * The beat that Rubato shares with a band: Rubato follows the band's clock, or sends a clock of its own. Times are process
 * time. Never throws.
 */
export interface BandClock {
  /** Receives a tick, a song position, or a start, continue or stop. */
  receive(message: ClockMessage | TransportMessage): void
  /** Emits the ticks that are due up to and including `limit`; nothing unless Rubato gives the clock. Allocates. */
  emitUntil(limit: Ms): void
  /** Process time of the next tick that `emitUntil` will emit; Infinity if no tick will come. */
  readonly nextTick: Ms
  /** Tells those who follow Rubato's clock that the music begins at `at`. */
  play(at: Ms): void
  /** Tells those who follow Rubato's clock that the music stops at `at`. */
  stop(at: Ms): void
  /** Tempo and place in the song at `now`; null if there is no beat. */
  beat(now: Ms): Beat | null
  /** When the first beat, or bar, after `at` begins; undefined if there is no beat. */
  next(unit: 'beat' | 'bar', at: Ms): Ms | undefined
  /** Whether the music follows somebody else's clock whose song is running: then it must not fall behind that song. */
  follows(now: Ms): boolean
}

/**
 * @param controls returns the controls in force, for tempo, beats of a bar, and offset
 * @param emit receives each message to be sent to those who follow Rubato's clock
 */
export function createBandClock(
  sync: Sync,
  controls: () => Controls,
  emit: (message: RealtimeMessage) => void,
): BandClock {
  const follower = new TempoFollower()
  const generator = createClockGenerator(controls().tempo, 0)
  let isPlaying = false
  let { tempo } = controls()

  const offset = () => controls().clockOffset
  const isMaster = sync === 'master'

  function receive(message: ClockMessage | TransportMessage): void {
    if (sync !== 'clock') return
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

  function emitUntil(limit: Ms): void {
    if (!isMaster) return
    if (controls().tempo !== tempo) {
      tempo = controls().tempo
      generator.setTempo(tempo, limit)
    }
    for (const due of generator.ticksUntil(limit)) emit({ kind: 'realtime', due, message: 'clock' })
  }

  function play(at: Ms): void {
    if (!isMaster) return
    emitUntil(at)
    isPlaying = true
    generator.restart(at)
    emit({ kind: 'realtime', due: at, message: 'start' })
  }

  function stop(at: Ms): void {
    if (!isMaster || !isPlaying) return
    isPlaying = false
    emit({ kind: 'realtime', due: at, message: 'stop' })
  }

  function positionAt(at: Ms): number | undefined {
    if (isMaster) return isPlaying ? generator.positionAt(at) : undefined
    return sync === 'clock' ? follower.positionAt(at - offset()) : undefined
  }

  function tempoAt(now: Ms): number | undefined {
    return isMaster ? controls().tempo : follower.tempo(now)
  }

  function beat(now: Ms): Beat | null {
    const current = tempoAt(now)
    if (current === undefined) return null
    return { tempo: current, position: positionAt(now) ?? null, source: isMaster ? 'ours' : 'heard' }
  }

  function next(unit: 'beat' | 'bar', at: Ms): Ms | undefined {
    const beats = unit === 'beat' ? 1 : controls().beatsPerBar
    if (isMaster) return isPlaying ? generator.nextMultiple(beats, at) : undefined
    const heard = sync === 'clock' ? follower.nextMultiple(beats, at - offset()) : undefined
    return heard === undefined ? undefined : heard + offset()
  }

  return {
    receive,
    emitUntil,
    get nextTick() {
      return isMaster ? generator.nextTick : Number.POSITIVE_INFINITY
    },
    play,
    stop,
    beat,
    next,
    follows: (now) => sync === 'clock' && follower.positionAt(now) !== undefined,
  }
}
