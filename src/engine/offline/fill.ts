import type { EventIndex } from '../language/events.js'
import type { Note } from '../language/performance.js'
import type { Network } from '../network/network.js'
import { PLAIN_SETTINGS } from '../sampling/distribution.js'
import { notesOfEvents } from '../sampling/event-notes.js'
import { type Moment, shiftMoment } from '../sampling/moment.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { beginContinuation, type Continuation } from './continuation.js'
import { cutGap, type Gap } from './gap.js'
import { gapOutlook } from './gap-outlook.js'
import { GapPolicy } from './gap-policy.js'

/** What a gap is filled by. The filling is a function of these. */
export interface FillOptions {
  /** Nobody else may use it meanwhile. */
  readonly network: Network
  /** The model's conditioning layout. */
  readonly layout: string
  /** 0 to 2^32 - 1. */
  readonly seed: number
  /** How many ways through the gap are tried, 1 or more. */
  readonly candidates: number
  /** The whole performance, the sustain pedal applied. */
  readonly notes: readonly Note[]
  /** Notes that start at `from` <= start < `to` are played anew, in ms of `notes`. */
  readonly from: Ms
  readonly to: Ms
}

/** A performance with its gap filled. */
export interface Filling {
  /** All notes, by start. */
  readonly notes: readonly Note[]
  /** Number of notes played anew. */
  readonly played: number
  /**
   * Mean of -ln p in nats over the events of the gap and the first after it, as the ways are compared: of the chosen way, and of
   * the median one.
   */
  readonly nats: number
  readonly medianNats: number
}

/**
 * The longest piece of a gap that is played before the ways through it are compared. Longer pieces leave more to one way's luck;
 * with shorter ones the music is chosen by its first notes, and all ways soon have the same past.
 */
const PIECE: Steps = 4000 / STEP_MS

/** The share of the ways that go on after a piece, in place of the others. Fewer make the music plain; more forgive mistakes. */
const GO_ON = 0.25

/** Number of events after the gap by which a way is judged: about 5 s. Later ones hardly depend on it, and take time. */
const JUDGED = 150

/**
 * Temperature 1 samples what the network has learned, whose rare slips are what the choice between the ways is for. A nucleus of
 * less leaves out more slips, and colours.
 */
const SETTINGS = { ...PLAIN_SETTINGS, topP: 0.98 }

/** A way through the gap, as far as it has come. */
interface Way {
  readonly going: Continuation
  /** Number of events in the gap. */
  readonly count: number
  /** Nats per event in the gap, and after it. */
  readonly within: number
  readonly after: number
}

/**
 * Plays the gap between two times anew, so that both sides fit: several ways through it are sampled, with the network told what
 * is to come after, and the likeliest joined one is kept. A long gap is filled in pieces; after each the likeliest ways go on.
 *
 * Notes that start outside the gap stay as they are; only one that sounds far into the gap may end sooner. Deterministic.
 * Allocates; throws Refused for a gap that can't be filled and for an unknown conditioning layout.
 * @param onProgress receives the share that is done, 0-1
 */
export function fillGap(options: FillOptions, onProgress?: (share: number) => void): Filling {
  const { network, layout, seed, candidates, notes, from, to } = options
  const gap = cutGap(notes, from, to)
  const policy = new GapPolicy(gap, gapOutlook(gap, layout), SETTINGS)
  const start = beginContinuation({ network, policy, seed, run: candidates })
  for (const event of gap.heard) start.hear(event)
  const ways = Array.from({ length: candidates }, (_, run) => start.fork(run))
  const probe = start.fork(candidates + 1)
  const length = gap.joint - gap.from
  const pieces = Math.max(1, Math.ceil(length / PIECE))
  let best: RankedWay[] = []
  for (let piece = 1; piece <= pieces; piece++) {
    const end = gap.from + Math.round((length * piece) / pieces)
    best = ranked(
      ways.map((going, n) => {
        while (going.moment.clock < end) going.sample()
        const count = going.count - start.count
        const within = (going.nats - start.nats) / count
        const heir = piece === pieces ? going : probe
        heir.become(going)
        const after = judgeAfter(heir, policy, gap)
        onProgress?.((piece - 1 + (n + 1) / candidates) / pieces)
        return { going, count, within, after }
      }),
    )
    const heirs = Math.max(1, Math.round(candidates * GO_ON))
    if (piece < pieces) for (let n = heirs; n < candidates; n++) best[n]!.going.become(best[n % heirs]!.going)
  }
  const played = playedNotes(best[0]!.going.events(start.count), gap, start.moment)
  return {
    notes: joinNotes(options, played, gap),
    played: played.notes.length,
    nats: best[0]!.nats,
    medianNats: best[best.length >> 1]!.nats,
  }
}

/**
 * Has `going` pass what comes after the gap, from where it is, as if the gap ended there. @returns nats per event of its first
 * {@link JUDGED} events
 */
function judgeAfter(going: Continuation, policy: GapPolicy, { joint }: Gap): number {
  shiftMoment(going.moment, joint - going.moment.clock)
  const { count, nats } = going
  let judged = 0
  while (!policy.isOver(going.moment) && (going.count - count < JUDGED || policy.ownSounds(going.moment))) {
    going.sample()
    if (going.count - count <= JUDGED) judged = (going.nats - nats) / (going.count - count)
  }
  return judged
}

/** A way and its nats per event. */
interface RankedWay {
  readonly going: Continuation
  readonly nats: number
}

/**
 * The likeliest way first. The sums of different numbers of events can't be compared, or ways of few events would win: the gap's
 * mean counts for each as often as the median way has events there.
 */
function ranked(ways: readonly Way[]): RankedWay[] {
  const typical = ways.map(({ count }) => count).sort((a, b) => a - b)[ways.length >> 1]!
  return ways
    .map(({ going, within, after }) => ({
      going,
      nats: (typical * within + JUDGED * after) / (typical + JUDGED),
    }))
    .sort((a, b) => a.nats - b.nats)
}

/** What was played in the gap: its notes, and where notes from before it were ended. */
interface Played {
  readonly notes: readonly Note[]
  readonly endedAt: ReadonlyMap<Pitch, Ms>
}

function playedNotes(events: readonly EventIndex[], { origin, until }: Gap, before: Moment): Played {
  const at = (step: Steps): Ms => origin + step * STEP_MS
  const notes = notesOfEvents(events, Number.POSITIVE_INFINITY, before)
  return {
    notes: notes
      .slice(before.sounding)
      .filter(({ start }) => start < until)
      .map((note) => ({ ...note, start: at(note.start), end: at(note.end) })),
    endedAt: new Map(notes.slice(0, before.sounding).map(({ pitch, end }) => [pitch, at(end)])),
  }
}

/** The performance with the notes played in the gap in place of those that were there. */
function joinNotes({ notes, from, to }: FillOptions, { notes: own, endedAt }: Played, gap: Gap): Note[] {
  const after = notes.filter(({ start }) => start >= to)
  const before = notes.filter(({ start }) => start < from)
  const strikes = new Map<Pitch, Ms>()
  for (const { pitch, start } of after.toReversed()) strikes.set(pitch, start)
  const edge = gap.origin + gap.from * STEP_MS
  return [
    ...before.map((note) =>
      note.end > edge && gap.endsBy[note.pitch]! > 0
        ? { ...note, end: Math.min(note.end, endedAt.get(note.pitch) ?? note.end) }
        : note,
    ),
    ...own.map((note) => ({
      ...note,
      end: Math.min(note.end, strikes.get(note.pitch) ?? note.end),
    })),
    ...after,
  ].sort((a, b) => a.start - b.start)
}
