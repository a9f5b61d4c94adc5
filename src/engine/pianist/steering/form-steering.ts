import type { Controls } from '../../controls/controls.js'
import type { EnsembleState } from '../../ensemble/ensemble.js'
import { type Expectation, isAnyDue } from '../../form/expected-notes.js'
import { passForm } from '../../form/form.js'
import type { FormAims } from '../../form/formed-music.js'
import type { Passage } from '../../form/passage.js'
import { LEAST_NOTES, openingOf, type Theme, themeOf, themeOfPassage } from '../../form/themes.js'
import { passTide } from '../../form/tide.js'
import {
  EVENT_COUNT,
  type EventIndex,
  isTimeShift,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  PITCH_COUNT,
  shiftSteps,
  TIME_SHIFT,
  VELOCITY,
} from '../../language/events.js'
import { widestCell } from '../../language/grid.js'
import { isMinorScale, KEY_NAMES } from '../../language/scales.js'
import { limitToExpected, STRICTLY, type Strictness } from '../../sampling/expected-mask.js'
import { type Moment, oldestSounding } from '../../sampling/moment.js'
import { overdueEnd } from '../../sampling/score-mask.js'
import type { Command, GivenNote } from '../../surface/commands.js'
import { type Pitch, STEP_MS, type Steps } from '../../units.js'
import { type GiveScore, ScoreSteering } from './score-steering.js'

type LearnTheme = Extract<Command, { type: 'mark-theme' | 'give-theme' }>

/** A passage that has lasted for less when it is marked has only begun: the one before it is meant. */
const SHORTEST_MARKED: Steps = 4000 / STEP_MS

/**
 * A theme is not followed at all where a density below this share of its own is asked for; below the next, its melody alone;
 * above the last, other notes may be struck between its own. So that the density asked for is reached beside a theme too.
 */
const SPARSEST = 0.4
const SPARSE = 0.8
const DENSE = 1.2

/**
 * Factor on the temperature of velocities while notes are expected. Where the network is led to notes that it did not expect, its
 * velocities scatter: at 1 more than in 99 of 100 minutes that people play, in every twentieth minute. Less makes themes flat.
 */
const RECALLED_DYNAMICS = 0.8

/** Steers the music's form: joins the controls with what the player asks for, and draws the music towards what it expects. */
export class FormSteering {
  readonly #ensemble: EnsembleState
  /** Whether the model's conditioning can express the tide's aims. */
  readonly canFlow: boolean
  readonly #hasThemes: boolean
  #given: Theme | null = null
  #givenCount = 0
  readonly #score: ScoreSteering
  #endFrom: Steps = Number.POSITIVE_INFINITY
  #aims: FormAims
  readonly #weights = new Float64Array(EVENT_COUNT)

  /** @param hasThemes whether anything returns: a theme knows no beat that it could return on */
  constructor(ensemble: EnsembleState, canFlow: boolean, hasThemes = true) {
    this.#ensemble = ensemble
    this.canFlow = canFlow
    this.#hasThemes = hasThemes
    this.#score = new ScoreSteering(ensemble)
    this.#aims = this.#read()
  }

  /** The music is asked to end with a cadence from step `clock` on; Infinity takes that back. @returns whether that is new */
  end(clock: Steps): boolean {
    if (clock === this.#endFrom) return false
    this.#endFrom = clock
    this.#aims = this.#read()
    return true
  }

  /** Whether the music can end with a cadence at `moment`. */
  canEnd(moment: Moment): boolean {
    return this.leads(moment) && !this.#score.leads(moment)
  }

  /** Takes over a score, which is played from the next wait on. @returns whether it has notes */
  giveScore(command: GiveScore): boolean {
    return this.#score.give(command)
  }

  /** Takes over a theme: the passage before `moment`, or notes from outside. @returns whether the music changes with it */
  learn(command: LearnTheme, moment: Moment): boolean {
    const passage = command.type === 'mark-theme' ? passageToMark(moment) : null
    const theme =
      command.type === 'mark-theme' ? passage && themeOfPassage(passage) : this.#givenAs(command.notes)
    return this.#give(theme ?? undefined)
  }

  /** Takes over the player's phrase as a theme, if it is long enough to be one. @returns whether the music changes with it */
  keepPhrase(): boolean {
    const notes = this.#ensemble.phrase.notes.map(({ at, pitch }) => ({
      onset: Math.round(at / STEP_MS),
      pitch,
    }))
    return this.#give(this.#givenAs(openingOf(notes)))
  }

  /** Whether the passage before `moment` has enough notes for a theme. */
  canMark(moment: Moment): boolean {
    let count = 0
    for (let strike = passageToMark(moment)?.last ?? null; strike !== null; strike = strike.before) count++
    return count >= LEAST_NOTES
  }

  #give(theme: Theme | undefined): boolean {
    if (!theme) return false
    this.#given = theme
    this.#givenCount++
    this.#aims = this.#read()
    return this.#aims.memory > 0
  }

  #givenAs(notes: readonly GivenNote[]): Theme | undefined {
    const { transpose } = this.#ensemble.controls
    const inHistory = notes
      .map(({ onset, pitch }) => ({ onset, pitch: pitch - transpose }))
      .filter(({ pitch }) => pitch >= 0 && pitch < PITCH_COUNT)
      .toSorted((a, b) => a.onset - b.onset)
    const [first, last] = [inHistory.at(0), inHistory.at(-1)]
    return first && last && themeOf(inHistory, last.onset - first.onset + 1)
  }

  /**
   * Reads the controls again; `controls` are those until now. @returns whether the form changes with them, so that everything
   * planned must be dropped
   */
  update({ mode, fade }: Controls): boolean {
    const before = this.#aims
    this.#aims = this.#read()
    if (before.memory === 0 && this.#aims.memory === 0) return false
    // Mode and fade decide how long the player leads, and a form that others lead stands still.
    const { controls } = this.#ensemble
    if (controls.mode !== mode || controls.fade !== fade) return true
    return (Object.keys(before) as (keyof FormAims)[]).some((name) => before[name] !== this.#aims[name])
  }

  /** Whether the music after `moment` has a form that nobody else overrides. */
  leads(moment: Moment): boolean {
    if (this.#score.leads(moment)) return true
    const { clock, hasEnds, expecting } = moment
    const { lead, floor } = this.#ensemble
    const isAlone = floor === 'both' && lead.share(clock * STEP_MS) === 0
    return this.#aims.memory > 0 && hasEnds && isAlone && this.#suits(expecting.list)
  }

  /** Whether a list of notes can be followed under the key and density that are asked for by hand. */
  #suits(list: Expectation | null): boolean {
    const { centre, density } = this.#aims
    if (list?.centre !== undefined && centre !== null && list.centre !== centre) return false
    return list?.density === undefined || density === null || density > SPARSEST * list.density
  }

  #strictness({ expecting: { list } }: Moment): Strictness {
    const { density } = this.#aims
    if (list?.density === undefined || density === null) return STRICTLY
    return { melodyOnly: density < SPARSE * list.density, othersBetween: density > DENSE * list.density }
  }

  /** Moves the aims of `moment` past `event`. */
  pass(moment: Moment, event: EventIndex): void {
    this.#score.pass(moment, event)
    if (this.#aims.memory > 0 && moment.hasEnds && !this.#score.leads(moment))
      passForm(moment, event, this.#aims, this.leads(moment))
    else {
      moment.expecting.list = null
      passTide(moment.tide, moment, isTimeShift(event) ? shiftSteps(event) : 0)
    }
  }

  /** Reduces `allowed` [388] to what the form has room for after `moment`. */
  limit(allowed: Uint8Array, moment: Moment): void {
    if (this.#score.leads(moment)) this.#score.limit(allowed, moment)
    else if (moment.form.cadence === 'rings') letRing(allowed, moment)
    else limitToExpected(allowed, moment, this.#strictness(moment))
  }

  /** Factors on the probabilities of the events after `moment`, [388], or none. Valid until the next call. */
  weights(moment: Moment): Float64Array | undefined {
    if (moment.place.score) return this.#score.weights(moment)
    const { expecting, previous, clock } = moment
    const { list } = expecting
    // After a velocity its note must follow; and where an expected note is due, no other may be struck anyway.
    if (list === null || list.others === 1 || isVelocity(previous) || isAnyDue(expecting, clock))
      return undefined
    if (this.#strictness(moment).othersBetween) return undefined
    this.#weights.fill(1)
    this.#weights.fill(list.others, 0, NOTE_OFF)
    this.#weights.fill(list.others, VELOCITY)
    return this.#weights
  }

  /** Factor on the temperature of velocities after `moment`. */
  dynamicsFactor({ expecting }: Moment): number {
    return expecting.list === null ? 1 : RECALLED_DYNAMICS
  }

  /** The note that must end at `moment`, because the last chord has rung long enough; or -1. */
  mustEnd(moment: Moment): Pitch {
    if (moment.place.score) return overdueEnd(moment, this.#ensemble.notes.others)
    const { cadence, ringsUntil } = moment.form
    if (cadence !== 'rings' || moment.clock < ringsUntil) return -1
    return oldestSounding(moment, 0, this.#ensemble.notes.others)
  }

  #read(): FormAims {
    const { controls, grid } = this.#ensemble
    const { memory, form, key, scale, transpose, pitchWeights, tide, density } = controls
    const tonic = KEY_NAMES.indexOf(key) - 1
    return {
      memory: this.#hasThemes ? memory : 0,
      form,
      centre: key === 'off' ? null : ((tonic - transpose + 120) % 12) + (isMinorScale(scale) ? 12 : 0),
      inTime: grid?.strength ?? 0,
      halfCell: grid === null ? 0 : Math.ceil(widestCell(grid) / 2 / STEP_MS),
      hasTide: this.canFlow && tide && key === 'off' && pitchWeights === null,
      density,
      given: this.#given,
      givenCount: this.#givenCount,
      endFrom: this.#endFrom,
    }
  }
}

/** The passage that is being played at `moment`, or the one before it where that has only begun. */
function passageToMark({ form, clock }: Moment): Passage | null {
  const length = clock - form.passageFrom
  return form.strikes && length > SHORTEST_MARKED ? { last: form.strikes, length } : form.last
}

/** While the last chord rings, time passes and nothing else. */
function letRing(allowed: Uint8Array, { clock, form }: Moment): void {
  allowed.fill(0, 0, NOTE_OFF)
  allowed.fill(0, VELOCITY)
  if (clock >= form.ringsUntil) return
  allowed.fill(0, NOTE_OFF, TIME_SHIFT)
  allowed.fill(0, TIME_SHIFT + Math.min(MAX_SHIFT, form.ringsUntil - clock), VELOCITY)
}
