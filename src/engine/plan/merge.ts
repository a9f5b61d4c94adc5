import {
  type EventIndex,
  MAX_SHIFT,
  noteOff,
  noteOn,
  PITCH_COUNT,
  timeShift,
  type VelocityBin,
  velocityEvent,
} from '../language/events.js'
import { type Moment, SILENT } from '../sampling/moment.js'
import type { Pitch, Steps } from '../units.js'

/** The start or the end of a note on the event clock. */
export interface Edge {
  readonly clock: Steps
  /** Pitch in history, before transposition. */
  readonly pitch: Pitch
  /** Velocity bin at the start of a note; 0 at its end. */
  readonly bin: VelocityBin | 0
}

/**
 * Puts the edges `put` between those that were `played`. Where both have edges of one pitch, `put` wins: the played edges
 * of that pitch that come after it are left out. Allocates; never throws.
 * @returns all edges by time; at one step the ends first, each by pitch
 */
export function mergeEdges(played: readonly Edge[], put: readonly Edge[]): Edge[] {
  const remaining = played.filter(
    (edge) =>
      !put.some(
        ({ clock, pitch }) =>
          pitch === edge.pitch && (clock < edge.clock || (clock === edge.clock && edge.bin > 0)),
      ),
  )
  return [...remaining, ...put].sort((a, b) => a.clock - b.clock || rankAtOneStep(a) - rankAtOneStep(b))
}

function rankAtOneStep({ bin, pitch }: Edge): number {
  return (bin > 0 ? PITCH_COUNT : 0) + pitch
}

/**
 * Encodes edges, ordered as `mergeEdges` returns them, as events from `moment` on: long waits are split with the full
 * shifts first, a sounding pitch is ended before it is struck, a velocity comes only where it changes, and the end of a
 * silent pitch is left out. `feed` gets each event and must move `moment` past it. Allocates; never throws.
 */
export function feedEdges(
  edges: readonly Edge[],
  moment: Pick<Moment, 'clock' | 'bin' | 'struckAt'>,
  feed: (event: EventIndex) => void,
): void {
  const sounds = (pitch: Pitch) => moment.struckAt[pitch] !== SILENT
  for (let from = 0; from < edges.length; ) {
    const clock = edges[from]?.clock ?? 0
    let to = from
    while (edges[to]?.clock === clock) to++
    const together = edges.slice(from, to)
    from = to
    feedWait(clock, moment, feed)
    const ends = new Set(together.map(({ pitch }) => pitch).filter(sounds))
    for (const pitch of [...ends].sort((a, b) => a - b)) feed(noteOff(pitch))
    for (const { pitch, bin } of together) {
      if (bin === 0 || sounds(pitch)) continue
      if (bin !== moment.bin) feed(velocityEvent(bin))
      feed(noteOn(pitch))
    }
  }
}

/** Feeds the time-shifts that lead from `moment` to event clock `clock`. `feed` must move `moment` past each of them. */
export function feedWait(
  clock: Steps,
  moment: Pick<Moment, 'clock'>,
  feed: (event: EventIndex) => void,
): void {
  while (moment.clock < clock) feed(timeShift(Math.min(MAX_SHIFT, clock - moment.clock)))
}
