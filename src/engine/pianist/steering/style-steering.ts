import { CONTROLS } from '../../controls/controls.js'
import type { EnsembleState } from '../../ensemble/ensemble.js'
import { EVENT_COUNT } from '../../language/events.js'
import { quantize } from '../../language/performance.js'
import type { ConditioningRequest } from '../../model/conditioning-request.js'
import type { Moment } from '../../sampling/moment.js'
import { profileOf } from '../../style/measure.js'
import { NEUTRAL_PROFILE } from '../../style/neutral-profile.js'
import {
  HALF_OCTAVE,
  LEAST_STYLE_NOTES,
  roundedProfile,
  SHARES,
  type Style,
  type StyleProfile,
} from '../../style/profile.js'
import { askForStyle, StyleFactors } from '../../style/style-factors.js'
import type { Command } from '../../surface/commands.js'
import { type Ms, STEP_MS } from '../../units.js'

type StyleCommand = Extract<Command, { type: 'set-style' | 'take-style' }>

/** What the style leaves to others, because a control or the player's keys ask for it: bits of a set. */
const DENSITY = 1
const DYNAMICS = 2
const KEY = 4
const REGISTER = 8

/** The profiles without what is left to others have what is nobody's in particular there. */
const NEUTRAL_OF: readonly (readonly [bit: number, part: Partial<StyleProfile>])[] = [
  [DENSITY, { waits: NEUTRAL_PROFILE.waits, chordShare: NEUTRAL_PROFILE.chordShare }],
  [DYNAMICS, { velocities: NEUTRAL_PROFILE.velocities }],
  [KEY, { degrees: NEUTRAL_PROFILE.degrees }],
  [REGISTER, { registers: NEUTRAL_PROFILE.registers }],
]

const [LOWEST, HIGHEST] = CONTROLS.register.default

/**
 * Leans the music towards a manner that is borrowed, in as far as neither controls nor the player's keys ask for something
 * else: they come first.
 */
export class StyleSteering {
  readonly #ensemble: EnsembleState
  #style: Style | null = null
  /** The profile by the pitches of history, where they differ from those that sound; null while nothing is borrowed. */
  #profile: StyleProfile | null = null
  #strength = 0
  #shift = 0
  /** The factors by what is left to others, each made when it is first needed. */
  readonly #factors = new Map<number, StyleFactors>()
  readonly #product = new Float64Array(EVENT_COUNT)

  constructor(ensemble: EnsembleState) {
    this.#ensemble = ensemble
  }

  /** What the manner in use was taken from; null for none. */
  get name(): string | null {
    return this.#style?.name ?? null
  }

  /** Whether the player has played enough for a style. */
  get canTake(): boolean {
    return this.#ensemble.playing.length >= LEAST_STYLE_NOTES
  }

  /** Puts another style in force, at plan time `now`. @returns whether the music changes with it */
  learn(command: StyleCommand, now: Ms): boolean {
    if (command.type === 'take-style' && !this.canTake) return false
    const before = this.#style
    this.#style = command.type === 'set-style' ? command.style : this.#playersStyle(now)
    if (before === this.#style) return false
    this.#settle()
    return this.#strength > 0
  }

  /** Reads the controls again. @returns whether the music changes with them */
  update(): boolean {
    const [strength, shift] = [this.#strength, this.#shift]
    this.#settle()
    return this.#style !== null && (strength !== this.#strength || shift !== this.#shift)
  }

  /**
   * Asks in `request` for the manner's density and velocity.
   * @param isDensityLed whether the density of `request` comes from the player's playing, which comes first
   */
  ask(request: ConditioningRequest, moment: Moment, isDensityLed: boolean): void {
    const { density, velocity } = request
    if (!this.#profile || !moment.hasEnds) return
    const { controls } = this.#ensemble
    askForStyle(request, this.#profile, this.#strength, moment)
    if (isDensityLed || controls.density !== null) request.density = density
    if (controls.dynamics !== null) request.velocity = velocity
  }

  /**
   * `others` [388], where there are any, with the manner's factors on the probabilities of the events after `moment`; undefined
   * for no factors at all. Valid until the next call.
   */
  weights(moment: Moment, others: Float64Array | undefined): Float64Array | undefined {
    if (!this.#profile || !moment.hasEnds) return others
    const own = this.#factorsWithout(this.#leftToOthers(moment), this.#profile).at(moment)
    if (!others) return own
    for (let event = 0; event < EVENT_COUNT; event++) this.#product[event] = own[event]! * others[event]!
    return this.#product
  }

  #settle(): void {
    const { styleStrength, transpose } = this.#ensemble.controls
    this.#strength = styleStrength
    this.#shift = Math.round(transpose / HALF_OCTAVE)
    this.#factors.clear()
    this.#profile =
      this.#style && styleStrength > 0 ? withRegistersDown(this.#style.profile, this.#shift) : null
  }

  #playersStyle(now: Ms): Style {
    const notes = quantize(this.#ensemble.playing.notesUntil(now))
    return { name: 'what you played', profile: roundedProfile(profileOf(notes)) }
  }

  #leftToOthers({ clock }: Moment): number {
    const { controls, lead } = this.#ensemble
    const isLed = lead.share(clock * STEP_MS) > 0
    const [low, high] = controls.register
    let left = 0
    if (controls.density !== null || (isLed && lead.density > 0)) left |= DENSITY
    if (controls.dynamics !== null || (isLed && lead.loudness > 0)) left |= DYNAMICS
    const isHarmonised = controls.key !== 'off' || controls.pitchWeights !== null || isLed
    if (isHarmonised || this.#ensemble.chords.at(clock)) left |= KEY
    if (low !== LOWEST || high !== HIGHEST || lead.range) left |= REGISTER
    return left
  }

  #factorsWithout(left: number, profile: StyleProfile): StyleFactors {
    let factors = this.#factors.get(left)
    if (!factors) {
      const parts = NEUTRAL_OF.filter(([bit]) => (left & bit) > 0).map(([, part]) => part)
      factors = new StyleFactors(Object.assign({ ...profile }, ...parts), this.#strength)
      this.#factors.set(left, factors)
    }
    return factors
  }
}

/** The profile of music that sounds like `profile` after it has been moved up by `shift` half octaves. */
function withRegistersDown(profile: StyleProfile, shift: number): StyleProfile {
  if (shift === 0) return profile
  const registers = new Array<number>(SHARES.registers).fill(0)
  for (const [index, share] of profile.registers.entries()) {
    const moved = Math.min(Math.max(index - shift, 0), SHARES.registers - 1)
    registers[moved] = registers[moved]! + share
  }
  return { ...profile, registers }
}
