import {
  EVENT_COUNT,
  type EventIndex,
  eventPitch,
  isNoteOn,
  isTimeShift,
  MAX_SHIFT,
  noteOff,
  noteOn,
  timeShift,
} from '../language/events.js'
import type { Pitch, Steps } from '../units.js'
import { chance } from './chance.js'
import { createDistribution, MASS_COUNT } from './distribution.js'
import type { DrawPolicy } from './draw-policy.js'
import { createMask, forcedEvent, offBeforeStrike } from './event-mask.js'
import { firstMoment, type Moment } from './moment.js'

/** An event as it was drawn, with what it takes to draw it again. */
export interface Draw {
  /** The moment before the event. */
  readonly moment: Moment
  /** What the network says of the moment, [388]. */
  readonly logits: Float32Array
  event: EventIndex
  /** Of the distribution that `event` was drawn from, where that is a shift: the mass before each shift, and the whole. */
  readonly masses: Float64Array
  /** The event's random number. */
  number: number
  /** Fresh numbers taken so far. */
  fresh: number
  /** The shifts under this many steps were masked before the nucleus, because nothing else was left; 0: none. */
  floor: Steps
  /** Decided by a rule, not drawn. */
  fed: boolean
  /** The note-on that was drawn, when `event` first makes room for it; else -1. */
  waiting: Pitch
}

/** Draws events under a guide. Nothing here allocates after `createDice`. */
export interface EventSampler {
  /** Draws the event whole, with its own number, from `moment` and `logits`. */
  drawWhole(draw: Draw, run: number): void
  /**
   * Draws an open shift again, given that `passed` - 1 steps of it have gone by in silence: with the mass that silence
   * ruled out under the old and the new distribution, the number keeps its place among what remains.
   */
  drawWaited(draw: Draw, run: number, passed: Steps): void
  /** Draws a new event as a shift, given that `passed` - 1 steps have gone by in silence: with its own number. */
  drawPassed(draw: Draw, run: number, passed: Steps): void
  /**
   * The pitch that a note-on would have at `draw`, among those open in `noteOns` [128], by `number` in [0, 1); -1 where
   * none is open. Changes nothing.
   */
  drawPitch(draw: Draw, noteOns: Uint8Array, number: number): Pitch
}

/** A draw before any, to be filled. */
export function createDraw(): Draw {
  return {
    moment: firstMoment(0),
    logits: new Float32Array(EVENT_COUNT),
    event: noteOn(0),
    masses: new Float64Array(MASS_COUNT),
    number: 0,
    fresh: 0,
    floor: 0,
    fed: false,
    waiting: -1,
  }
}

/** Dice whose numbers are hashes of `seed` (0 to 2^32 - 1), the run and the draw. */
export function createEventSampler(guide: DrawPolicy, seed: number): EventSampler {
  const sampler = createDistribution()
  const allowed = createMask()
  const masses = new Float64Array(MASS_COUNT)

  function drawWhole(draw: Draw, run: number): void {
    const { moment } = draw
    const forced = forcedEvent(moment, guide)
    draw.fed = forced >= 0
    draw.waiting = -1
    draw.fresh = 0
    draw.floor = 0
    if (draw.fed) {
      draw.event = forced
      return
    }
    guide.mask(allowed, moment)
    if (!sampler.shape(draw.logits, guide.draw(moment), allowed, 0)) {
      // Nothing can be drawn (a model whose numbers have run away): time goes on all the same.
      draw.fed = true
      draw.event = timeShift(1)
      return
    }
    draw.number = chance(seed, run, moment.draws, 0)
    draw.event = sampler.draw(draw.number)
    if (isTimeShift(draw.event)) sampler.massesBefore(draw.masses)
    else if (isNoteOn(draw.event)) {
      const off = offBeforeStrike(moment, guide, eventPitch(draw.event))
      if (off >= 0) {
        draw.waiting = eventPitch(draw.event)
        draw.event = noteOff(off)
      }
    }
  }

  function drawWaited(draw: Draw, run: number, passed: Steps): void {
    const ruledOut = draw.masses[passed - 1]!
    const rest = Math.min(Math.max((draw.number - ruledOut) / (1 - ruledOut), 0), 1)
    drawAmong(draw, run, passed, ruledOut, rest)
  }

  function drawPassed(draw: Draw, run: number, passed: Steps): void {
    draw.fed = false
    draw.waiting = -1
    draw.fresh = 0
    draw.floor = 0
    draw.number = chance(seed, run, draw.moment.draws, 0)
    drawAmong(draw, run, passed, 0, draw.number)
  }

  /** Draws a shift of at least `passed` steps at the place `rest` of what remains; `ruledOut` was so far. */
  function drawAmong(draw: Draw, run: number, passed: Steps, ruledOut: number, rest: number): void {
    guide.mask(allowed, draw.moment)
    if (remains(draw, 0, passed) || (draw.floor > 0 && remains(draw, draw.floor, passed))) {
      const ruledOutNow = masses[passed - 1]!
      // The same distribution keeps the number to the last bit, so that a rewind without a change is no change.
      if (ruledOutNow !== ruledOut) draw.number = ruledOutNow + rest * (1 - ruledOutNow)
    } else {
      sampler.shape(draw.logits, guide.draw(draw.moment), allowed, passed)
      sampler.massesBefore(masses)
      draw.floor = passed
      draw.fresh++
      draw.number = chance(seed, run, draw.moment.draws, draw.fresh)
    }
    draw.event = sampler.drawShift(draw.number, passed, masses[passed - 1]!)
    draw.masses.set(masses)
  }

  /** Shapes with shifts from `floor` on (0: everything); whether any shift of at least `passed` steps is left in it. */
  function remains(draw: Draw, floor: Steps, passed: Steps): boolean {
    if (!sampler.shape(draw.logits, guide.draw(draw.moment), allowed, floor)) return false
    sampler.massesBefore(masses)
    if (masses[MAX_SHIFT]! <= masses[passed - 1]!) return false
    draw.floor = floor
    return true
  }

  function drawPitch(draw: Draw, noteOns: Uint8Array, number: number): Pitch {
    allowed.fill(0)
    allowed.set(noteOns)
    if (!sampler.shape(draw.logits, guide.draw(draw.moment), allowed, 0)) return -1
    return eventPitch(sampler.draw(number))
  }

  return { drawWhole, drawWaited, drawPassed, drawPitch }
}
