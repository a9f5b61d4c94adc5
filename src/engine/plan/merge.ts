import {
  type EventIndex,
  MAX_SHIFT,
  noteOff,
  noteOn,
  timeShift,
  type VelocityBin,
  velocityEvent,
} from '../language/events.js'
import type { Pitch, Steps } from '../units.js'

/** The beginning or the end of a note on the event clock. */
export interface Edge {
  readonly clock: Steps
  /** As in history. */
  readonly pitch: Pitch
  /** Of a note that begins; 0 for one that ends. */
  readonly bin: VelocityBin | 0
}

/**
 * What was played and what is put into it, in one order. Where both have something of one pitch, what is put in holds: of
 * the played, all of that pitch that comes after it is left out. Allocates; never throws.
 */
export function mergeEdges(played: readonly Edge[], put: readonly Edge[]): Edge[] {
  const kept = played.filter(
    (edge) =>
      !put.some(
        ({ clock, pitch }) =>
          pitch === edge.pitch && (clock < edge.clock || (clock === edge.clock && edge.bin > 0)),
      ),
  )
  return [...kept, ...put].sort((a, b) => a.clock - b.clock || rank(a) - rank(b))
}

/** At one step ends come before beginnings, each by pitch. */
function rank({ bin, pitch }: Edge): number {
  return (bin > 0 ? 128 : 0) + pitch
}

/** Where a performance stands, as far as encoding depends on it. */
export interface Standing {
  readonly clock: Steps
  readonly bin: number
  sounds(pitch: Pitch): boolean
}

/**
 * Feeds edges, ordered as `mergeEdges` makes them, as events from where the performance stands: waits split with the full
 * ones first, a sounding pitch ended before it is struck, velocities where they change, ends of silent pitches left out.
 * `standing` is read as it becomes with each event fed. Never throws.
 */
export function feedEdges(
  edges: readonly Edge[],
  standing: Standing,
  feed: (event: EventIndex) => void,
): void {
  for (let from = 0; from < edges.length; ) {
    const clock = edges[from]?.clock ?? 0
    let to = from
    while (edges[to]?.clock === clock) to++
    const together = edges.slice(from, to)
    from = to
    feedWait(clock, standing, feed)
    const ends = new Set(together.map(({ pitch }) => pitch).filter(standing.sounds))
    for (const pitch of [...ends].sort((a, b) => a - b)) feed(noteOff(pitch))
    for (const { pitch, bin } of together) {
      if (bin === 0 || standing.sounds(pitch)) continue
      if (bin !== standing.bin) feed(velocityEvent(bin))
      feed(noteOn(pitch))
    }
  }
}

/** Feeds the wait up to event clock `clock`. */
export function feedWait(
  clock: Steps,
  standing: Pick<Standing, 'clock'>,
  feed: (event: EventIndex) => void,
): void {
  while (standing.clock < clock) feed(timeShift(Math.min(MAX_SHIFT, clock - standing.clock)))
}
