import type { Controls } from '../controls/controls.js'
import type { ClockMessage, HeardMessage, RealtimeMessage } from '../language/messages.js'
import type { Beat } from '../surface/snapshot.js'
import type { Ms } from '../units.js'
import { createClockGenerator } from './clock-generator.js'
import type { Sync } from './sync.js'
import { createTempoFollower } from './tempo-follower.js'

/** The beat that the band shares: heard, or given. Times are process time. Never throws. */
export interface BandClock {
  /** Takes in a tick, a place in the song, or a start, continue or stop. */
  receive(message: ClockMessage | Extract<HeardMessage, { kind: 'transport' }>): void
  /** Gives what is due of the clock up to and including `limit`; nothing where it isn't ours to give. */
  give(limit: Ms): void
  /** When the next tick is due that is to be given; Infinity for none. */
  readonly nextTick: Ms
  /** Our music begins or stops at `at`: whoever follows our clock does as well. */
  play(at: Ms): void
  stop(at: Ms): void
  /** Tempo and place at `now`; null while there is no beat. */
  beat(now: Ms): Beat | null
  /** The first beat, or bar, after `at`; undefined while there is no beat. */
  next(unit: 'beat' | 'bar', at: Ms): Ms | undefined
  /** Somebody else's clock runs: the music may not fall behind it. */
  follows(now: Ms): boolean
}

/**
 * @param controls how they stand: tempo, beats of a bar, offset
 * @param emit takes what is to be sent to whoever follows us
 */
export function createBandClock(
  sync: Sync,
  controls: () => Controls,
  emit: (message: RealtimeMessage) => void,
): BandClock {
  const follower = createTempoFollower()
  const giver = createClockGenerator(controls().tempo, 0)
  let isPlaying = false
  let { tempo } = controls()

  const offset = () => controls().clockOffset
  const isMaster = sync === 'master'

  function receive(message: Parameters<BandClock['receive']>[0]): void {
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

  function give(limit: Ms): void {
    if (!isMaster) return
    if (controls().tempo !== tempo) {
      tempo = controls().tempo
      giver.setTempo(tempo, limit)
    }
    for (const due of giver.ticksUntil(limit)) emit({ kind: 'realtime', due, message: 'clock' })
  }

  function play(at: Ms): void {
    if (!isMaster) return
    give(at)
    isPlaying = true
    giver.restart(at)
    emit({ kind: 'realtime', due: at, message: 'start' })
  }

  function stop(at: Ms): void {
    if (!isMaster || !isPlaying) return
    isPlaying = false
    emit({ kind: 'realtime', due: at, message: 'stop' })
  }

  function positionAt(at: Ms): number | undefined {
    if (isMaster) return isPlaying ? giver.positionAt(at) : undefined
    return sync === 'clock' ? follower.positionAt(at - offset()) : undefined
  }

  function tempoAt(now: Ms): number | undefined {
    return isMaster ? controls().tempo : follower.tempo(now)
  }

  function beat(now: Ms): Beat | null {
    const found = tempoAt(now)
    if (found === undefined) return null
    return { tempo: found, position: positionAt(now) ?? null, source: isMaster ? 'ours' : 'heard' }
  }

  function next(unit: 'beat' | 'bar', at: Ms): Ms | undefined {
    const beats = unit === 'beat' ? 1 : controls().beatsPerBar
    if (isMaster) return isPlaying ? giver.nextMultiple(beats, at) : undefined
    const found = sync === 'clock' ? follower.nextMultiple(beats, at - offset()) : undefined
    return found === undefined ? undefined : found + offset()
  }

  return {
    receive,
    give,
    get nextTick() {
      return isMaster ? giver.nextTick : Number.POSITIVE_INFINITY
    },
    play,
    stop,
    beat,
    next,
    follows: (now) => sync === 'clock' && follower.positionAt(now) !== undefined,
  }
}
