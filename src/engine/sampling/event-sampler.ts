import { chance } from '../chance.js'
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
import { createDistribution, MASS_COUNT } from './distribution.js'
import type { DrawPolicy } from './draw-policy.js'
import { createMask, forcedEvent, offBeforeStrike } from './event-mask.js'
import { firstMoment, type Moment } from './moment.js'

/** An event as it was drawn, with everything that drawing it again depends on. */
export interface Draw {
  /** The moment before the event. */
  readonly moment: Moment
  /** The network's logits for the event, [388]. */
  readonly logits: Float32Array
  event: EventIndex
  /** If `event` is a shift: the masses of its distribution as `Distribution.massesBefore` writes them, [101]. */
  readonly masses: Float64Array
  /** The random number that chose the event. */
  number: number
  /** Number of fresh random numbers that have replaced the event's own. */
  fresh: number
  /** Above 0: shifts of fewer steps were masked before the nucleus was cut, because nothing else was left. */
  floor: Steps
  /** Whether a rule decided the event and no random number was used. */
  fed: boolean
  /** The pitch that was drawn, where `event` is the note-off that first makes room for it; else -1. */
  waiting: Pitch
}

/** Draws events under a policy. Its methods allocate nothing. */
export interface EventSampler {
  /** Draws the event from `moment` and `logits`, with the random number of its own. */
  drawWhole(draw: Draw, run: number): void
  /**
   * Draws an open wait again, given that its first `passed` - 1 steps have gone by in silence. The number keeps its place
   * within the mass that this silence hasn't ruled out, under the old distribution and under the new one.
   */
  redrawWait(draw: Draw, run: number, passed: Steps): void
  /** Draws a new event as a wait whose first `passed` - 1 steps have gone by in silence, with the random number of its own. */
  drawWait(draw: Draw, run: number, passed: Steps): void
  /**
   * The pitch that a note-on drawn with `number` in [0, 1) would have, among those that `noteOns` [128] allows; -1 if it
   * allows none. Changes nothing in `draw`.
   */
  drawPitch(draw: Draw, noteOns: Uint8Array, number: number): Pitch
}

/** A draw that has to be filled before it is used. */
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

/** A sampler whose random numbers are hashes of `seed` (0 to 2^32 - 1), the run and the number of the draw. */
export function createEventSampler(policy: DrawPolicy, seed: number): EventSampler {
  const distribution = createDistribution()
  const allowed = createMask()
  const masses = new Float64Array(MASS_COUNT)

  function drawWhole(draw: Draw, run: number): void {
    const { moment } = draw
    const forced = forcedEvent(moment, policy)
    draw.fed = forced >= 0
    draw.waiting = -1
    draw.fresh = 0
    draw.floor = 0
    if (draw.fed) {
      draw.event = forced
      return
    }
    policy.mask(allowed, moment)
    if (!distribution.shape(draw.logits, policy.draw(moment), allowed, 0)) {
      // Logits that aren't numbers any more (a diverged model) leave nothing to draw; time has to go on all the same.
      draw.fed = true
      draw.event = timeShift(1)
      return
    }
    draw.number = chance(seed, run, moment.draws, 0)
    draw.event = distribution.draw(draw.number)
    if (isTimeShift(draw.event)) distribution.massesBefore(draw.masses)
    else if (isNoteOn(draw.event)) {
      const off = offBeforeStrike(moment, policy, eventPitch(draw.event))
      if (off >= 0) {
        draw.waiting = eventPitch(draw.event)
        draw.event = noteOff(off)
      }
    }
  }

  function redrawWait(draw: Draw, run: number, passed: Steps): void {
    const ruledOut = draw.masses[passed - 1]!
    const rest = Math.min(Math.max((draw.number - ruledOut) / (1 - ruledOut), 0), 1)
    drawLongShift(draw, run, passed, ruledOut, rest)
  }

  function drawWait(draw: Draw, run: number, passed: Steps): void {
    draw.fed = false
    draw.waiting = -1
    draw.fresh = 0
    draw.floor = 0
    draw.number = chance(seed, run, draw.moment.draws, 0)
    drawLongShift(draw, run, passed, 0, draw.number)
  }

  /**
   * Draws a shift of at least `passed` steps.
   * @param ruledOut the mass before such shifts under the distribution that `draw.number` was last placed in
   * @param rest the place of the number within the remaining mass, in [0, 1]
   */
  function drawLongShift(draw: Draw, run: number, passed: Steps, ruledOut: number, rest: number): void {
    policy.mask(allowed, draw.moment)
    if (remains(draw, 0, passed) || (draw.floor > 0 && remains(draw, draw.floor, passed))) {
      const ruledOutNow = masses[passed - 1]!
      // Under the same distribution the number stays the same to the last bit, so that a rewind without a change is none.
      if (ruledOutNow !== ruledOut) draw.number = ruledOutNow + rest * (1 - ruledOutNow)
    } else {
      const settings = policy.draw(draw.moment)
      if (!distribution.shape(draw.logits, settings, allowed, passed)) {
        // The wait has lasted longer already than the policy, which has changed meanwhile, allows: it ends as soon as it can.
        allowed[timeShift(passed)] = 1
        distribution.shape(draw.logits, settings, allowed, passed)
      }
      distribution.massesBefore(masses)
      draw.floor = passed
      draw.fresh++
      draw.number = chance(seed, run, draw.moment.draws, draw.fresh)
    }
    draw.event = distribution.drawShift(draw.number, passed, masses[passed - 1]!)
    draw.masses.set(masses)
  }

  /** Shapes the distribution with shifts from `floor` steps on (0: all events). @returns whether a shift of `passed` steps or more is possible */
  function remains(draw: Draw, floor: Steps, passed: Steps): boolean {
    if (!distribution.shape(draw.logits, policy.draw(draw.moment), allowed, floor)) return false
    distribution.massesBefore(masses)
    if (masses[MAX_SHIFT]! <= masses[passed - 1]!) return false
    draw.floor = floor
    return true
  }

  function drawPitch(draw: Draw, noteOns: Uint8Array, number: number): Pitch {
    allowed.fill(0)
    allowed.set(noteOns)
    if (!distribution.shape(draw.logits, policy.draw(draw.moment), allowed, 0)) return -1
    return eventPitch(distribution.draw(number))
  }

  return { drawWhole, redrawWait, drawWait, drawPitch }
}
