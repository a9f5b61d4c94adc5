import {
  beginExpecting,
  decisions,
  type ExpectedNote,
  type Expecting,
  expect,
  latestOf,
} from '../form/expected-notes.js'
import { type EventIndex, eventPitch, isNoteOn } from '../language/events.js'
import { BAR_STEPS, type Pitch, STEP_MS, type Steps } from '../units.js'
import { completed, isOfSkeleton, keepsTime, repeatable, SKELETON, type Stroke } from './time-keeping.js'

/** What a drummer remembers of the bars that he played. A part of the moment, so that going back brings it back. */
export interface Groove {
  /** Number of the bar being played among those of a phrase of {@link RENEWED_EVERY}; -1 before the first. */
  bar: number
  /** The step at which it begins. */
  barAt: Steps
  /** Its strokes so far, the last one first. */
  strokes: StrokeList | null
  /** Whether it was played from its beginning. */
  isWhole: boolean
  /** The bar that is repeated, its strokes by place; null until one was played that keeps time. */
  pattern: readonly Stroke[] | null
  /** Number of bars played in search of one. */
  sought: number
  /** The step at which the bar begins whose strokes are expected next, once the list in force is over. */
  nextAt: Steps
  /** Whether the downbeat of that bar has been expected already. */
  hasLanded: boolean
  /** Whether the list in force is that of a downbeat that a fill leads to. */
  inFill: boolean
  /** Number of lists so far. */
  lists: number
}

/** Strokes, the last one first: a list that shares its older part with all moments before. */
interface StrokeList extends Stroke {
  readonly before: StrokeList | null
}

/** What is asked of a drummer's memory. */
export interface GrooveAims {
  /** How much of the remembered bar is played again, 0-1; at 0 nothing is remembered. */
  readonly steady: number
  /** A fill leads to every so many bars; 0 for none. */
  readonly fillEvery: number
  /** A step at which bar 0 begins. */
  readonly bar: Steps
  /** Strokes a second that are asked for; null for none in particular. */
  readonly density: number | null
}

/** The state of a performance that a groove needs of its moment. */
export interface GroovingMusic {
  readonly clock: Steps
  readonly groove: Groove
  readonly expecting: Expecting
  readonly tide: { readonly seed: number }
}

/**
 * A stroke this long before a bar line belongs to the bar after it: a thirty-second note. Less counts an early downbeat to the
 * wrong bar, more the last stroke of a fill.
 */
const EARLY: Steps = 6

/**
 * How far from its place a remembered stroke may be struck, 20 ms at 125 BPM. With none a bar sounds copied; with more, the sixteenths
 * of a shuffle run into each other.
 */
const TOLERANCE: Steps = 2

/** A fill takes the last two beats of its bar: one beat is a pick-up, a whole bar is a solo. */
const FILL_STEPS: Steps = BAR_STEPS / 2

/** Bars after which the bar just played is remembered instead, if it keeps time: sooner nothing settles, later nothing grows. */
const RENEWED_EVERY = 8
/** Which of those bars that is: the second, as the first has the crash that ends a fill. */
const RENEWED_AT = 1

/** Bars of a search after which the last one is taken, with what it lacks added. */
const LONGEST_SEARCH = 4

/** A crash cymbal, and how often one is struck where a fill ends: always is a habit, seldom leaves fills without an end. */
const CRASH: Pitch = 49
const CRASH_STRENGTH = 0.7

/** From this many times the density of the remembered bar on, other strokes come between as they like. */
const DENSER = 1.2

/**
 * How fast other strokes become fewer with steady, as a power of what is left of 1: chosen so that a bar has about as many strokes at
 * every steady, some 19 as people's. A lower one piles others on the remembered ones, a higher one makes bars thin.
 */
const THINNED = 2.5

/** How long a bar lasts in plan time. */
const BAR_SECONDS = (BAR_STEPS * STEP_MS) / 1000

/** Lists looked at for one that has notes: the strokes of a bar may all be decided against. */
const MOST_EMPTY = 4

/** A groove before the first bar. */
export function firstGroove(): Groove {
  return {
    bar: -1,
    barAt: 0,
    strokes: null,
    isWhole: false,
    pattern: null,
    sought: 0,
    nextAt: 0,
    hasLanded: false,
    inFill: false,
    lists: 0,
  }
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyGroove(from: Groove, to: Groove): void {
  to.bar = from.bar
  to.barAt = from.barAt
  to.strokes = from.strokes
  to.isWhole = from.isWhole
  to.pattern = from.pattern
  to.sought = from.sought
  to.nextAt = from.nextAt
  to.hasLanded = from.hasLanded
  to.inFill = from.inFill
  to.lists = from.lists
}

/** Whether bar `bar` ends with a fill. */
export function endsWithFill(bar: number, fillEvery: number): boolean {
  return fillEvery > 0 && modulo(bar + 1, fillEvery) === 0
}

/** The bar, counted from bar 0, that is played at step `clock`. */
export function barAtStep(clock: Steps, bar: Steps): number {
  return Math.floor((clock - bar) / BAR_STEPS)
}

/** Whether the groove knows nothing yet of the bar lines that are in force: it has just begun, or they lie elsewhere now. */
export function isLost({ bar, barAt }: Groove, aims: GrooveAims): boolean {
  const off = modulo(barAt - aims.bar, BAR_STEPS)
  return bar < 0 || Math.min(off, BAR_STEPS - off) > EARLY
}

/** Nothing is remembered or expected any more. Allocates nothing once it is so. */
export function forgetGroove({ groove, expecting }: Pick<GroovingMusic, 'groove' | 'expecting'>): void {
  expecting.list = null
  if (groove.bar === -1 && groove.pattern === null) return
  copyGroove(firstGroove(), groove)
}

/** Moves the groove past `event`, which the moment itself has passed already. Allocates once a stroke, and once a bar. */
export function passGroove(music: GroovingMusic, event: EventIndex, aims: GrooveAims): void {
  const { groove, expecting, clock } = music
  if (isNoteOn(event))
    groove.strokes = { pitch: eventPitch(event), at: clock - groove.barAt, before: groove.strokes }
  const bar = barAtStep(clock + EARLY, aims.bar)
  const barAt = aims.bar + bar * BAR_STEPS
  const since = barAt - groove.barAt
  if (groove.bar >= 0 && Math.abs(since - BAR_STEPS) <= EARLY) turnBar(music, barAt, aims)
  else if (groove.bar < 0 || Math.abs(since) > EARLY) {
    // The music has just begun, or the bar lines lie elsewhere from now on.
    expecting.list = null
    groove.strokes = null
    groove.isWhole = clock <= barAt
    groove.nextAt = barAt
    groove.hasLanded = false
  } else groove.nextAt += since
  groove.bar = modulo(bar, RENEWED_EVERY)
  groove.barAt = barAt
  if (expecting.list === null) expectNext(music, aims)
}

/** A bar is over: remembers it, if it is to be remembered. */
function turnBar({ groove, expecting }: GroovingMusic, barAt: Steps, { density }: GrooveAims): void {
  if (groove.isWhole) {
    const played = repeatable(toArray(groove.strokes))
    const isGood = keepsTime(played)
    if (groove.pattern === null) {
      groove.sought++
      if (isGood || groove.sought >= LONGEST_SEARCH) {
        groove.pattern = completed(played)
        // The bar that begins repeats it already.
        expecting.list = null
        groove.nextAt = barAt
      }
    } else if (isGood && (groove.bar === RENEWED_AT || density !== null)) groove.pattern = played
  }
  groove.strokes = null
  groove.isWhole = true
  groove.nextAt = Math.max(groove.nextAt, barAt)
}

function toArray(last: StrokeList | null): Stroke[] {
  const strokes: Stroke[] = []
  for (let stroke = last; stroke !== null; stroke = stroke.before)
    strokes.unshift({ pitch: stroke.pitch, at: stroke.at })
  return strokes
}

/** Begins the next list that has notes. */
function expectNext(music: GroovingMusic, aims: GrooveAims): void {
  const { groove, expecting, tide } = music
  for (let tried = 0; tried < MOST_EMPTY && expecting.list === null; tried++) {
    const next = Math.round((groove.nextAt - aims.bar) / BAR_STEPS)
    const isLanding = !groove.hasLanded && groove.pattern !== null && endsWithFill(next - 1, aims.fillEvery)
    const notes = isLanding ? landing(groove.pattern ?? []) : barOf(groove, aims, next)
    const others = isLanding || wants(groove.pattern, aims) > DENSER ? 1 : (1 - aims.steady) ** THINNED
    groove.lists++
    beginExpecting(expecting, expect(notes, others, 0, decisions(tide.seed, groove.lists)), groove.nextAt)
    groove.inFill = isLanding
    groove.hasLanded = isLanding
    if (!isLanding) groove.nextAt += BAR_STEPS
    dropMissed(music)
  }
}

/** The strokes of the bar that is expected next, of number `next`. */
function barOf({ pattern, hasLanded }: Groove, aims: GrooveAims, next: number): ExpectedNote[] {
  if (pattern === null) return SKELETON.map((stroke) => expected(stroke, 1))
  const end = endsWithFill(next, aims.fillEvery) ? BAR_STEPS - FILL_STEPS - EARLY : BAR_STEPS
  return pattern
    .filter(({ at }) => at < end && !(hasLanded && isDownbeat(at)))
    .map((stroke) => expected(stroke, strengthOf(stroke, aims.steady, wants(pattern, aims))))
}

/** The strokes in which a fill ends. */
function landing(pattern: readonly Stroke[]): ExpectedNote[] {
  const kick = pattern.filter((stroke) => isDownbeat(stroke.at) && isOfSkeleton(stroke))
  const at = kick[0]?.at ?? 0
  return [
    expected({ pitch: CRASH, at }, CRASH_STRENGTH),
    ...(kick.length > 0 ? kick : SKELETON.slice(0, 1)).map((stroke) => expected(stroke, 1)),
  ]
}

function isDownbeat(at: Steps): boolean {
  return at <= EARLY
}

/** How many times as dense as the remembered bar the music is asked to be; 1 where no density is asked for, Infinity without a bar. */
function wants(pattern: readonly Stroke[] | null, { density }: GrooveAims): number {
  if (pattern === null) return Number.POSITIVE_INFINITY
  return density === null ? 1 : (density * BAR_SECONDS) / pattern.length
}

/** Kick on 1 and backbeats are surer than what lies between them; of that a sparser bar is asked for leaves out the more. */
function strengthOf(stroke: Stroke, steady: number, wanted: number): number {
  return isOfSkeleton(stroke) ? 1 - (1 - steady) ** 2 : steady * Math.min(1, wanted)
}

function expected({ pitch, at }: Stroke, strength: number): ExpectedNote {
  return { onset: at, pitch, strength, tolerance: TOLERANCE, isMelody: false }
}

/** Strokes whose time is over already are not caught up with. */
function dropMissed({ expecting, clock }: GroovingMusic): void {
  const { list } = expecting
  if (list === null) return
  const length = list.notes.length
  while (expecting.next < length && latestOf(expecting, expecting.next) < clock) expecting.next++
  if (expecting.next >= length) expecting.list = null
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
