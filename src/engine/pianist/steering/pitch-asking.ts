import type { EnsembleState } from '../../ensemble/ensemble.js'
import type { Lead } from '../../ensemble/mode.js'
import { leanToCentre } from '../../form/tide.js'
import { scaleMask } from '../../language/scales.js'
import type { ConditioningRequest } from '../../model/conditioning-request.js'
import type { Moment } from '../../sampling/moment.js'

/** Which pitch classes the music is asked for, and leans to, by the controls, the player and the tide. */
export class PitchAsking {
  readonly #ensemble: EnsembleState
  /** Weights of the sounding pitch classes by the controls, [12]; valid only while `#hasOwn`. */
  readonly #own = new Float64Array(12)
  #hasOwn = false
  readonly #tide = new Float64Array(12)
  readonly #lean = new Float64Array(12)

  constructor(ensemble: EnsembleState) {
    this.#ensemble = ensemble
  }

  /** Whether the controls ask for pitch classes: by key, or by weights set by hand. */
  get hasOwn(): boolean {
    return this.#hasOwn
  }

  /**
   * Works out what the controls ask for, after they have changed.
   * @returns the sounding pitch classes that a key lock leaves open: bit p for pitch class p
   */
  settle(): number {
    const { key, scale, pitchWeights } = this.#ensemble.controls
    const inKey = scaleMask(key, scale)
    this.#hasOwn = pitchWeights !== null || key !== 'off'
    for (let pc = 0; pc < 12; pc++) this.#own[pc] = pitchWeights ? pitchWeights[pc]! : (inKey >> pc) & 1
    return key !== 'off' ? inKey : weightMask(pitchWeights)
  }

  /**
   * Asks for one histogram of the pitch classes that shall sound: by the lead's share the player's weights; for the rest
   * the weights of the controls, or else, where it `hasTide`, those of the tide, or else those played recently.
   */
  ask(
    request: ConditioningRequest,
    { weights }: Lead,
    leadShare: number,
    moment: Moment,
    hasTide: boolean,
  ): void {
    const heardSum = sum(weights)
    const share = heardSum > 0 ? leadShare : 0
    const hasOwn = this.#hasOwn
    const leans = !hasOwn && hasTide
    request.hasPitchWeights = share > 0 || hasOwn || leans
    if (!request.hasPitchWeights) return
    if (leans) leanToCentre(this.#tide, moment.tide)
    const rest = hasOwn ? this.#own : leans ? this.#tide : moment.recentPitchClasses
    const restSum = sum(rest)
    for (let pc = 0; pc < 12; pc++) {
      const own = this.#inHistory(pc)
      const heard = heardSum > 0 ? weights[pc]! / heardSum : 0
      const other = restSum > 0 ? rest[hasOwn ? pc : own]! / restSum : heard
      request.pitchWeights[own] = share * heard + (1 - share) * other
    }
  }

  /** Factors [12] that make notes outside the lead's pitch classes less likely by `push` nats. Valid until the next call. */
  leanTo({ weights }: Lead, push: number): Float64Array {
    for (let pc = 0; pc < 12; pc++) this.#lean[this.#inHistory(pc)] = weights[pc] === 0 ? Math.exp(-push) : 1
    return this.#lean
  }

  /** The pitch class of history that sounds as `pc`. */
  #inHistory(pc: number): number {
    return (pc - this.#ensemble.controls.transpose + 120) % 12
  }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** Bit p set where the weight of pitch class p is above 0; all twelve for auto. */
function weightMask(weights: readonly number[] | null): number {
  if (weights === null) return 0xfff
  return weights.reduce((mask, weight, pc) => (weight > 0 ? mask | (1 << pc) : mask), 0)
}
