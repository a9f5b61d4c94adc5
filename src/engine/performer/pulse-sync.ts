import type { BandClock } from '../clock/band-clock.js'
import type { PlanClock } from '../clock/plan-clock.js'
import type { SongTimeline } from '../language/messages.js'
import { beatAt, type Pulse } from '../language/pulse.js'
import type { ModelSpec } from '../model/model.js'
import type { Pianist } from '../pianist/pianist.js'
import { BEAT_TEMPO, MINUTE_MS, type Ms, STEP_MS } from '../units.js'

/**
 * Tells a pianist the length of the band's beat, where its song is, and while something in the music follows the beat, where
 * that is.
 */
export interface PulseSync {
  /** Call this at every tick, and after the music has begun. */
  sync(now: Ms): void
}

/** Smaller changes of the beat's length aren't passed on: a lower limit fills takes with jitter, a higher one hides drift. */
const TEMPO_TOLERANCE = 0.01

/**
 * The beat is told anew when it is off by more than this, or its length by more than the relative tolerance (2 ms after a
 * second of lookahead). Smaller limits have the future drawn again for the jitter of a clock, and fill takes with it; with
 * larger ones the notes lie beside the band's beat by as much.
 */
const PLACE_TOLERANCE_MS: Ms = 2.5
const LENGTH_TOLERANCE = 0.002

/**
 * The song is told anew when its place is off by more than this, or its tempo by more than this share. Smaller limits fill takes with the
 * jitter of a clock; larger ones show in the bars of a replay's file.
 */
const SONG_TOLERANCE_MS: Ms = 0.5
const SONG_TEMPO_TOLERANCE = 1e-3

/**
 * @param clock maps the plan time of `pianist` to process time
 * @param step the length of a step of the pianist's model
 * @param stand sets the clock so that the paused music stands at the horizon
 */
export function createPulseSync(
  band: BandClock,
  clock: PlanClock,
  pianist: Pianist,
  step: ModelSpec['step'] | undefined,
  stand: (now: Ms) => void,
): PulseSync {
  /** The length of a beat that the pianist received last; null for no beat. */
  let toldBeatMs: Ms | null = null
  /** The song as it was told last, in process time; null for none. */
  let toldSong: SongTimeline | null = null

  function passOnTempo(now: Ms): void {
    const beat = band.beat(now)
    const beatMs = beat === null || beat.position === null ? null : MINUTE_MS / beat.tempo
    const isSame =
      beatMs !== null && toldBeatMs !== null && Math.abs(beatMs / toldBeatMs - 1) < TEMPO_TOLERANCE
    if (isSame || beatMs === toldBeatMs) return
    toldBeatMs = beatMs
    if (pianist.paused) stand(now)
    pianist.apply({ kind: 'tempo', beatMs: beatMs === null ? null : beatMs / clock.rate })
  }

  function passOnSong(now: Ms): void {
    // In a pause nothing sounds that could lie in a bar.
    if (pianist.paused) return
    const beat = band.beat(now)
    const at = clock.toProcess(pianist.position)
    const placeAt = (song: SongTimeline) => song.beat + ((at - song.at) * song.tempo) / MINUTE_MS
    const song: SongTimeline | null =
      beat === null || beat.position === null
        ? null
        : { kind: 'timeline', at: now, beat: beat.position, tempo: beat.tempo }
    if (song === null && toldSong === null) return
    if (song !== null && toldSong !== null) {
      const off = ((placeAt(song) - placeAt(toldSong)) * MINUTE_MS) / song.tempo
      const isSame = Math.abs(song.tempo / toldSong.tempo - 1) <= SONG_TEMPO_TOLERANCE
      if (isSame && Math.abs(off) <= SONG_TOLERANCE_MS) return
    }
    toldSong = song
    pianist.apply({
      kind: 'song',
      song: song === null ? null : { beat: placeAt(song), tempo: song.tempo },
    })
  }

  function passOnPulse(now: Ms): void {
    const { ensemble } = pianist
    if (pianist.paused || (!ensemble.followsPulse && ensemble.pulse === null)) return
    const pulse = ensemble.followsPulse ? pulseNow(now) : null
    if (!isNews(pulse, ensemble.pulse, clock.toPlan(now))) return
    pianist.apply({ kind: 'pulse', pulse })
  }

  /** The band's beat in plan time. Where steps are fractions of a beat, beats begin with a step. */
  function pulseNow(now: Ms): Pulse | null {
    const beat = band.beat(now)
    if (beat === null || beat.position === null) return null
    if (step !== 'beat') {
      const beatMs = MINUTE_MS / beat.tempo / clock.rate
      return { at: clock.toPlan(now) - beat.position * beatMs, beatMs }
    }
    const beatMs = MINUTE_MS / BEAT_TEMPO
    return { at: STEP_MS * Math.round((clock.toPlan(now) - beat.position * beatMs) / STEP_MS), beatMs }
  }

  /** Whether `next` is so far from the pulse told last that the pianist has to know. */
  function isNews(next: Pulse | null, told: Pulse | null, at: Ms): boolean {
    if (next === null || told === null) return next !== told
    const off = (beatAt(next, at) - beatAt(told, at)) * next.beatMs
    const tolerance = step === 'beat' ? STEP_MS : PLACE_TOLERANCE_MS
    return Math.abs(off) > tolerance || Math.abs(next.beatMs / told.beatMs - 1) > LENGTH_TOLERANCE
  }

  return {
    sync: (now) => {
      passOnTempo(now)
      passOnSong(now)
      passOnPulse(now)
    },
  }
}
