import type { SongTimeline } from '../language/messages.js'
import type { Ms } from '../units.js'

/** Whole microseconds. */
export type Micros = number

/**
 * The beat of a Link session (link-wire-spec 0.1, chapter 2, section 6). Its time is the session's own clock, called ghost
 * time: each peer knows how far it is from the peer's own clock.
 */
export interface LinkTimeline {
  /** The length of a quarter note, above 0. */
  readonly microsPerBeat: Micros
  /** Place in the song at `timeOrigin`, in millionths of a quarter note. Of two timelines of a session the greater one counts. */
  readonly beatOrigin: number
  /** Ghost time. */
  readonly timeOrigin: Micros
}

/** The slowest and the fastest tempo of a session, in quarter notes a minute; others are taken for the nearest of these. */
const SLOWEST_TEMPO = 20
const FASTEST_TEMPO = 999

const MINUTE_MICROS: Micros = 60_000_000
const MILLION = 1_000_000

/** The timeline of a session that is founded at ghost time 0, at its beat 0. */
export function firstTimeline(tempo: number): LinkTimeline {
  return { microsPerBeat: periodOf(tempo), beatOrigin: 0, timeOrigin: 0 }
}

/** The timeline with its tempo within the limits of a session. */
export function withinLimits(timeline: LinkTimeline): LinkTimeline {
  return { ...timeline, microsPerBeat: periodOf(tempoOf(timeline)) }
}

/** In quarter notes a minute. */
export function tempoOf({ microsPerBeat }: LinkTimeline): number {
  return MINUTE_MICROS / microsPerBeat
}

/** Place in the song at ghost time `ghost`, in whole millionths of a quarter note. */
export function microBeatsAt({ microsPerBeat, beatOrigin, timeOrigin }: LinkTimeline, ghost: Micros): number {
  return beatOrigin + Math.round(((ghost - timeOrigin) * MILLION) / microsPerBeat)
}

/**
 * The timeline from ghost time `ghost` on at another tempo. The song goes on from its place there. Its origin is past that
 * of `timeline`, so that every peer takes it over.
 */
export function withTempo(timeline: LinkTimeline, tempo: number, ghost: Micros): LinkTimeline {
  const { microsPerBeat, beatOrigin, timeOrigin } = timeline
  const next = Math.max(microBeatsAt(timeline, ghost), beatOrigin + 1)
  return {
    microsPerBeat: periodOf(tempo),
    beatOrigin: next,
    timeOrigin: timeOrigin + Math.round(((next - beatOrigin) * microsPerBeat) / MILLION),
  }
}

/** The same song in a session that is founded at ghost time `ghost` of the old one, which is time 0 of the new one. */
export function inNewSession(timeline: LinkTimeline, ghost: Micros): LinkTimeline {
  return { ...timeline, beatOrigin: microBeatsAt(timeline, ghost), timeOrigin: 0 }
}

/**
 * The song at process time `at`.
 * @param offset ghost time minus process time
 */
export function songAt(timeline: LinkTimeline, offset: Micros, at: Ms): SongTimeline {
  const { microsPerBeat, beatOrigin, timeOrigin } = timeline
  const beat = beatOrigin / MILLION + (1000 * at + offset - timeOrigin) / microsPerBeat
  return { kind: 'timeline', at, beat, tempo: tempoOf(timeline) }
}

function periodOf(tempo: number): Micros {
  return Math.round(MINUTE_MICROS / Math.min(FASTEST_TEMPO, Math.max(SLOWEST_TEMPO, tempo)))
}
