import { CONTROL_NAMES, CONTROLS, type Controls } from '../../controls/controls.js'
import type { EnsembleState } from '../../ensemble/ensemble.js'
import type { Lead, Mode } from '../../ensemble/mode.js'
import { tideTemperature } from '../../form/tide.js'
import { type EventIndex, eventPitch, isNoteOn, MAX_SHIFT, PITCH_COUNT } from '../../language/events.js'
import { layoutOf } from '../../model/conditioning.js'
import { emptyRequest, type FillConditioning } from '../../model/conditioning-request.js'
import type { DrawSettings } from '../../sampling/distribution.js'
import type { DrawPolicy } from '../../sampling/draw-policy.js'
import { allowOnlyWaits, guardSilence, maskMoment, mustWait, strikeNow } from '../../sampling/event-mask.js'
import type { Moment } from '../../sampling/moment.js'
import { rememberStrike } from '../../sampling/own-strikes.js'
import { type Pitch, STEP_MS, type Steps } from '../../units.js'
import { ChordSteering } from './chord-steering.js'
import { FormSteering } from './form-steering.js'
import { GridSteering } from './grid-steering.js'
import { GrooveSteering } from './groove-steering.js'
import { tellHeldChord } from './held-chord.js'
import { PitchAsking } from './pitch-asking.js'
import { ScoreOutlook } from './score-outlook.js'
import { StyleSteering } from './style-steering.js'

/** The controls as draw settings, some of them changed for a moment. */
type MomentSettings = { -readonly [Name in keyof (Controls & DrawSettings)]: (Controls & DrawSettings)[Name] }

/**
 * A drummer whose last bars are off the density asked for is asked for this many times more, or less, at most. With less, a
 * groove goes on as it was for half a minute; more asks for what no drummer of the data played.
 */
const MOST_URGE = 4

/**
 * After a change of one of these controls the plan is rewound. The other controls change how notes leave, not what is drawn.
 * Transpose can also open or close pitches, where key lock or register hold at what sounds; `update` rewinds for that as well.
 */
const REWINDING = CONTROL_NAMES.filter((name) => CONTROLS[name].acts !== 'output')

/** Steers the plan's draws: joins the controls with what the ensemble asks for. Allocates only after the ensemble has changed. */
export class Steering implements DrawPolicy {
  /** Whether the model's conditioning can express the tide's aims. */
  readonly canFlow: boolean
  readonly form: FormSteering
  readonly style: StyleSteering
  readonly chords: ChordSteering
  readonly #grid: GridSteering
  readonly groove: GrooveSteering
  readonly #ensemble: EnsembleState
  readonly #noteOns = new Uint8Array(PITCH_COUNT)
  /** The same without key lock, which a locked chord takes the place of. */
  readonly #inRegister = new Uint8Array(PITCH_COUNT)
  readonly #fill: FillConditioning
  readonly #outlook: ScoreOutlook
  readonly #canGuide: boolean
  readonly #request = emptyRequest()
  readonly #pitches: PitchAsking
  /** The revision of the ensemble for which note-ons, own weights and settings have been worked out. */
  #settledFor = Number.NaN
  /** The settings that `draw` returns while the music asks for others than the controls. */
  #momentSettings: MomentSettings

  /**
   * @param layout the model's conditioning layout
   * @throws Refused for a layout that the program doesn't know
   */
  constructor(layout: string, ensemble: EnsembleState) {
    const found = layoutOf(layout)
    this.#fill = found.fill
    this.#canGuide = found.canGuide
    this.canFlow = found.groups.includes('density') && found.groups.includes('pitches')
    this.#ensemble = ensemble
    this.#pitches = new PitchAsking(ensemble)
    this.form = new FormSteering(ensemble, this.canFlow, found.tellsBar !== true)
    this.#outlook = new ScoreOutlook(found.fill)
    this.style = new StyleSteering(ensemble)
    this.chords = new ChordSteering(ensemble, found.groups.includes('pitches'))
    this.#grid = new GridSteering(ensemble)
    this.groove = new GrooveSteering(ensemble, found.tellsBar === true)
    this.#momentSettings = { ...ensemble.controls }
    this.#settle()
  }

  /** 1 where key lock, register and mode allow a pitch of history to be struck, [128]. */
  get noteOns(): Uint8Array {
    this.#settle()
    return this.#noteOns
  }

  /** The same of pitches that are struck at step `clock`, by the chord in force there. Valid until the next call. */
  noteOnsAt(clock: Steps): Uint8Array {
    return this.chords.openAt(clock, this.noteOns, this.#inRegister)
  }

  get polyphony(): number {
    return this.#ensemble.controls.polyphony
  }

  get others(): Uint8Array {
    return this.#ensemble.notes.others
  }

  /** Computes everything that doesn't depend on the moment, if the ensemble has changed since the last time. */
  #settle(): void {
    if (this.#settledFor === this.#ensemble.revision) return
    this.#settledFor = this.#ensemble.revision
    const { controls, lead } = this.#ensemble
    this.#momentSettings = { ...controls }
    const locked = this.#pitches.settle()
    const [low, high] = overlap(controls.register, lead.range)
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const sounding = pitch + controls.transpose
      const isInRegister = sounding >= low && sounding <= high
      this.#inRegister[pitch] = isInRegister ? 1 : 0
      const isOpen = !controls.keyLock || ((locked >> ((sounding + 120) % 12)) & 1) === 1
      this.#noteOns[pitch] = isInRegister && isOpen ? 1 : 0
    }
    for (const open of [this.#noteOns, this.#inRegister]) this.#mode.limitNoteOns?.(open, this.#ensemble)
  }

  /**
   * Puts the ensemble's controls in force; `before` are the controls until now. @returns whether the plan must be drawn
   * again for them
   */
  update(before: Controls): boolean {
    const isStyled = this.style.update()
    const noteOnsBefore = this.#noteOns.slice()
    const { noteOns } = this
    if (noteOnsBefore.some((open, pitch) => open !== noteOns[pitch])) return true
    const { controls } = this.#ensemble
    // Weights are about what sounds, so a transposition moves them in the network's own pitches.
    if (this.#pitches.hasOwn && before.transpose !== controls.transpose) return true
    return isStyled || REWINDING.some((name) => before[name] !== controls[name])
  }

  /** A bar begins at step `clock` of the plan. @returns whether the plan must be drawn again for it */
  beginBar(clock: Steps): boolean {
    return this.groove.beginBar(clock)
  }

  mustEnd(moment: Moment): Pitch {
    const agreed = this.#ensemble.mustEnd(moment)
    const formed = agreed < 0 && this.form.leads(moment) ? this.form.mustEnd(moment) : agreed
    return formed < 0 ? this.chords.mustEnd(moment) : formed
  }

  pass(moment: Moment, event: EventIndex): void {
    if (isNoteOn(event) && this.others[eventPitch(event)] === 0)
      rememberStrike(moment.own, moment.clock, eventPitch(event))
    if (moment.hasEnds) this.form.pass(moment, event)
    else this.groove.pass(moment, event)
  }

  condition(target: Float32Array, moment: Moment): number {
    this.#settle()
    if (moment.place.score) {
      this.#outlook.condition(target, moment)
      return 1
    }
    const { controls, lead } = this.#ensemble
    const at = moment.clock * STEP_MS
    const share = lead.share(at)
    const mode = this.#mode
    const request = this.#request
    const modesDensity = mode.density?.(this.#ensemble, at)
    request.density = mode.density ? (modesDensity ?? null) : this.#ownDensity(moment)
    request.velocity = controls.dynamics
    this.style.ask(request, moment, typeof modesDensity === 'number')
    request.density = urged(blend(request.density, share, lead.density, moment.recentDensity), moment)
    request.density = this.groove.density(request.density, moment)
    request.velocity = blend(request.velocity, share, lead.loudness, moment.meanVelocity)
    this.#pitches.ask(request, lead, share, moment, this.#hasTide(moment))
    this.chords.ask(request, moment)
    if (!request.hasChord) request.hasChord = share > 0 && tellHeldChord(request, lead, controls.transpose)
    this.#fill(target, request, this.#grid.evenStep(moment.clock) - this.groove.bar)
    const { density, velocity, hasPitchWeights, hasChord } = request
    const isAsked = density !== null || velocity !== null || hasPitchWeights || hasChord
    return isAsked && this.#canGuide ? controls.guidance : 1
  }

  draw(moment: Moment): DrawSettings {
    this.#settle()
    const { controls, lead } = this.#ensemble
    const push = this.#mode.push?.(this.#ensemble, moment.clock * STEP_MS) ?? 0
    const isTidal = controls.density === null && this.#hasTide(moment)
    const isFormed = this.form.leads(moment)
    const formWeights = isFormed
      ? this.form.weights(moment)
      : this.groove.leads(moment)
        ? this.groove.weights(moment)
        : undefined
    const dynamicsFactor = isFormed ? this.form.dynamicsFactor(moment) : 1
    const eventWeights = this.style.weights(moment, formWeights)
    const pitchLean = this.chords.lean(push > 0 ? this.#pitches.leanTo(lead, push) : undefined, moment)
    const waitGrid = this.#grid.waits(moment)
    const isPlain = !pitchLean && !isTidal && !eventWeights && !waitGrid && dynamicsFactor === 1
    if (isPlain) return controls
    const settings = this.#momentSettings
    settings.pitchTemperature = controls.pitchTemperature * (isTidal ? tideTemperature(moment.tide) : 1)
    settings.dynamicsTemperature = controls.dynamicsTemperature * dynamicsFactor
    settings.pitchLean = pitchLean
    settings.eventWeights = eventWeights
    settings.waitGrid = waitGrid
    return settings
  }

  mask(allowed: Uint8Array, moment: Moment): void {
    const ensemble = this.#ensemble
    const { controls, lead } = ensemble
    if (ensemble.isListening) {
      allowOnlyWaits(
        allowed,
        Math.min(ensemble.longestWait(moment, MAX_SHIFT), this.chords.longestWait(moment)),
      )
      return
    }
    maskMoment(allowed, moment, this.noteOnsAt(moment.clock), controls.polyphony, this.others)
    this.chords.limitWaits(allowed, moment)
    if (!mustWait(moment)) this.#mode.mask?.(allowed, moment, ensemble)
    if (ensemble.mustStrike(moment)) {
      strikeNow(allowed, moment)
      return
    }
    if (!mustWait(moment)) {
      if (this.form.leads(moment)) {
        if (moment.expecting.list) this.chords.limitStrikes(allowed, moment)
        this.form.limit(allowed, moment)
      } else if (this.groove.leads(moment)) this.groove.limit(allowed, moment)
    }
    // Silence is intended where few notes are asked for, or where the player fills it.
    const isAlone = controls.density === null && lead.share(moment.clock * STEP_MS) === 0
    if (controls.tide && isAlone && ensemble.floor === 'both') guardSilence(allowed, moment)
  }

  /**
   * The mode that the controls name. During a change the mode of the turns is one step ahead, as turns pass under the old
   * controls.
   */
  get #mode(): Mode {
    return this.#ensemble.modes[this.#ensemble.controls.mode]
  }

  #ownDensity(moment: Moment): number | null {
    return this.#ensemble.controls.density ?? (this.#hasTide(moment) ? moment.tide.density : null)
  }

  #hasTide({ tide }: Moment): boolean {
    return this.canFlow && this.#ensemble.controls.tide && tide.stretch > 0
  }
}

/** Strokes are asked for the more strongly the further the last bars are from the density asked for. */
function urged(density: number | null, { hasEnds, recentDensity }: Moment): number | null {
  if (hasEnds || density === null) return density
  const ratio = density / Math.max(recentDensity, 0.5)
  return density * Math.min(MOST_URGE, Math.max(1 / MOST_URGE, ratio))
}

/** The part of the register that the lead leaves open; the whole register where lead and register have no pitch in common. */
function overlap([low, high]: readonly [number, number], range: Lead['range']): readonly [number, number] {
  if (!range) return [low, high]
  const both = [Math.max(low, range[0]), Math.min(high, range[1])] as const
  return both[0] <= both[1] ? both : [low, high]
}

/** The player's value by its share, and for the rest the control's own value, or the realised one where the control is auto. */
function blend(own: number | null, share: number, heard: number, realised: number): number | null {
  if (share === 0 || heard === 0) return own
  return share * heard + (1 - share) * (own ?? realised)
}
