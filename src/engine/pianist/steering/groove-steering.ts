import type { EnsembleState } from '../../ensemble/ensemble.js'
import { passTide } from '../../form/tide.js'
import {
  barAtStep,
  endsWithFill,
  forgetGroove,
  type GrooveAims,
  isLost,
  passGroove,
} from '../../groove/groove.js'
import { SKELETON } from '../../groove/time-keeping.js'
import { EVENT_COUNT, type EventIndex, isTimeShift, shiftSteps } from '../../language/events.js'
import { limitToExpected, type Strictness } from '../../sampling/expected-mask.js'
import type { Moment } from '../../sampling/moment.js'
import { limitToEntry, weighOtherStrokes } from '../../sampling/stroke-mask.js'
import type { GroovePlace } from '../../surface/snapshot.js'
import { BAR_STEPS, type Ms, STEP_MS, type Steps } from '../../units.js'

/** Other strokes come between the expected ones, as far as their list allows them. */
const LOOSELY: Strictness = { melodyOnly: false, othersBetween: true }

/**
 * How many times denser than the bars before it a fill is asked to be. The network takes that for the next three seconds, of which a
 * fill has one: with less a fill has fewer strokes than the bars around it, with more it is a roll.
 */
const FILL_DENSITY = 3

/** Bars after which bars are counted anew where no fills divide them. */
const PHRASE = 8

/** Steers a drummer's bars: has a bar that keeps time played again, with fills at the ends of phrases. */
export class GrooveSteering {
  readonly #ensemble: EnsembleState
  /** Whether the music is strokes in bars at all. */
  readonly #tellsBar: boolean
  readonly #weights = new Float64Array(EVENT_COUNT)
  #aims: GrooveAims

  /** @param tellsBar whether the model's conditioning tells it the place in the bar */
  constructor(ensemble: EnsembleState, tellsBar: boolean) {
    this.#ensemble = ensemble
    this.#tellsBar = tellsBar
    this.#aims = this.#read(0)
  }

  /** A step at which a bar begins. */
  get bar(): Steps {
    return this.#aims.bar
  }

  /** A bar begins at step `clock`. @returns whether that is new */
  beginBar(clock: Steps): boolean {
    if (clock === this.#aims.bar) return false
    this.#aims = this.#read(clock)
    return true
  }

  /** Whether what is planned depends on the bars. */
  get isKept(): boolean {
    return this.#tellsBar && this.#aims.steady > 0
  }

  /** Reads the controls again. @returns whether the bars change with them, so that everything planned must be dropped */
  update(): boolean {
    const before = this.#aims
    this.#aims = this.#read(before.bar)
    if (before.steady === 0 && this.#aims.steady === 0) return false
    const names = Object.keys(before) as (keyof GrooveAims)[]
    return this.#tellsBar && names.some((name) => before[name] !== this.#aims[name])
  }

  /** Whether the music after `moment` keeps to bars. */
  leads({ hasEnds }: Moment): boolean {
    return this.isKept && !hasEnds
  }

  /** Moves the bars of `moment` past `event`. */
  pass(moment: Moment, event: EventIndex): void {
    if (this.leads(moment)) passGroove(moment, event, this.#aims)
    else forgetGroove(moment)
    passTide(moment.tide, moment, isTimeShift(event) ? shiftSteps(event) : 0)
  }

  /** Reduces `allowed` [388] to what the bar has room for after `moment`. */
  limit(allowed: Uint8Array, moment: Moment): void {
    if (isLost(moment.groove, this.#aims)) {
      const toLine = (barAtStep(moment.clock - 1, this.bar) + 1) * BAR_STEPS + this.bar - moment.clock
      limitToEntry(allowed, moment, toLine, SKELETON[0]!.pitch)
    } else limitToExpected(allowed, moment, LOOSELY)
  }

  /** Factors on the probabilities of the events after `moment`, [388], or none. Valid until the next call. */
  weights(moment: Moment): Float64Array | undefined {
    if (isLost(moment.groove, this.#aims)) return undefined
    return weighOtherStrokes(this.#weights, moment) ? this.#weights : undefined
  }

  /** The density to ask for after `moment`, where `density` is asked for outside fills; null for none in particular. */
  density(density: number | null, moment: Moment): number | null {
    if (!this.leads(moment) || !moment.groove.inFill) return density
    return FILL_DENSITY * (density ?? moment.recentDensity)
  }

  /** The place in the phrase at plan time `position`; null where no bars are kept. */
  place(position: Ms, moment: Moment): GroovePlace | null {
    if (!this.leads(moment)) return null
    const { fillEvery, bar } = this.#aims
    const of = fillEvery === 0 ? PHRASE : fillEvery
    const current = barAtStep(Math.floor(position / STEP_MS), bar)
    const index = ((current % of) + of) % of
    const fillIn = endsWithFill(current, fillEvery) ? 0 : of - 1 - index
    return {
      bar: index + 1,
      of,
      fillIn: fillEvery === 0 ? null : fillIn,
      isKept: moment.groove.pattern !== null,
    }
  }

  #read(bar: Steps): GrooveAims {
    const { steady, fills, density } = this.#ensemble.controls
    return { steady, fillEvery: fills === 'off' ? 0 : Number(fills), bar, density }
  }
}
