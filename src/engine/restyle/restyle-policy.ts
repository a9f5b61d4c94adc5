import { isAnyDue } from '../form/expected-notes.js'
import { APART } from '../form/voices.js'
import {
  EVENT_COUNT,
  isVelocity,
  NOTE_OFF,
  noteOff,
  noteOn,
  PITCH_COUNT,
  VELOCITY,
} from '../language/events.js'
import type { StepNote } from '../language/performance.js'
import { CONDITIONING_LAYOUTS } from '../model/conditioning.js'
import {
  type ConditioningRequest,
  emptyRequest,
  type FillConditioning,
} from '../model/conditioning-request.js'
import type { ModelSpec } from '../model/model.js'
import { Refused } from '../refused.js'
import { type DrawSettings, PLAIN_SETTINGS } from '../sampling/distribution.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { maskMoment } from '../sampling/event-mask.js'
import { limitToExpected, type Strictness } from '../sampling/expected-mask.js'
import { type Moment, SILENT } from '../sampling/moment.js'
import type { StyleProfile } from '../style/profile.js'
import { askForStyle, StyleFactors } from '../style/style-factors.js'
import type { Pitch, Steps } from '../units.js'
import { type Content, MOST_TOLERANCE } from './content.js'

const LOWEST = 21
const HIGHEST = 108

/**
 * Factors on notes outside the content's harmony, at balance 0 and at balance 1. Without any such notes there are no passing
 * notes and no ornaments; with many of them the harmony is another.
 */
const OUTSIDE = [0.02, 0.2] as const

/** The least factor on other notes where the music is too dense. With more, melodies of many notes stay too dense; with 0 none fit. */
const LEAST_OTHERS = 0.02
/** A density below this, in notes a second, counts as this, because silence has no ratio. */
const SPARSEST = 0.1

/** Notes of the melody after one among which a lower one is sought. */
const REACH = 16

const FREELY: Strictness = { melodyOnly: false, othersBetween: true }
const SETTINGS = { ...PLAIN_SETTINGS, topP: 0.98 }

/** A manner that music is drawn towards, and how far. */
interface Lean {
  /** Share of the density and loudness that are the manner's, 0-1. */
  readonly asked: number
  readonly factors: StyleFactors
}

/** Draws music with the melody, bass and harmony of a content in the manner of a style. Its times are those of the content. */
export class RestylePolicy implements DrawPolicy {
  readonly polyphony = PITCH_COUNT
  readonly others = new Uint8Array(PITCH_COUNT)
  /** Which of the leans holds for the events that follow. */
  lean = 0
  /** Whether the content has begun. Nothing is asked of the network while it hears what came before. */
  #hasBegun = false
  readonly #content: Content
  readonly #fill: FillConditioning
  readonly #profile: StyleProfile
  readonly #leans: readonly Lean[]
  readonly #outside: number
  readonly #settings: DrawSettings & { eventWeights: Float64Array }
  readonly #weights = new Float64Array(EVENT_COUNT)
  readonly #keyboard = new Uint8Array(PITCH_COUNT).fill(1, LOWEST, HIGHEST + 1)
  readonly #request = emptyRequest()
  readonly #holdOf: (pitch: Pitch, struckAt: Steps) => Hold | undefined

  /** @param strengths of the leans among which `lean` chooses, each 0-1 */
  constructor(
    content: Content,
    profile: StyleProfile,
    balance: number,
    strengths: readonly number[],
    layout: ModelSpec['conditioning'],
  ) {
    const fill = CONDITIONING_LAYOUTS.get(layout)?.fill
    if (!fill) throw new Refused(`The conditioning layout ${layout} isn't known here.`)
    this.#content = content
    this.#profile = profile
    this.#fill = fill
    this.#outside = OUTSIDE[0] * (1 - balance) + OUTSIDE[1] * balance
    this.#leans = strengths.map((strength) => ({
      asked: strength,
      factors: new StyleFactors(profile, strength),
    }))
    this.#settings = { ...SETTINGS, eventWeights: this.#weights }
    for (const { pitch } of content.notes) this.#keyboard[pitch] = 1
    this.#holdOf = holdsOf(content.melody)
  }

  /** The content begins. */
  begin(): void {
    this.#hasBegun = true
  }

  draw(moment: Moment): DrawSettings {
    this.#weights.set(this.#leans[this.lean]!.factors.at(moment))
    if (!isAnyDue(moment.expecting, moment.clock)) {
      this.#weighHarmony(moment)
      this.#thin(moment)
    }
    return this.#settings
  }

  condition(target: Float32Array, moment: Moment): number {
    if (!this.#hasBegun) {
      target.fill(0)
      return 1
    }
    this.#fill(target, this.#ask(moment), moment.clock)
    return 1
  }

  mask(allowed: Uint8Array, moment: Moment): void {
    maskMoment(allowed, moment, this.#keyboard, this.polyphony, this.others)
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const at = moment.struckAt[pitch]!
      if (at === SILENT) continue
      const hold = this.#holdOf(pitch, at)
      if (hold && moment.clock < hold.from) allowed[noteOff(pitch)] = 0
    }
    limitToExpected(allowed, moment, FREELY)
    if (!isAnyDue(moment.expecting, moment.clock)) this.#protectMelody(allowed, moment)
  }

  mustEnd({ struckAt, clock }: Moment): Pitch {
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const at = struckAt[pitch]!
      if (at !== SILENT && clock >= (this.#holdOf(pitch, at)?.to ?? Number.POSITIVE_INFINITY)) return pitch
    }
    return -1
  }

  pass(): void {}

  #weighHarmony({ clock }: Moment): void {
    const harmony = this.#content.harmony[clock] ?? 0
    if (harmony === 0) return
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if ((harmony & (1 << (pitch % 12))) !== 0) continue
      this.#weights[noteOn(pitch)] = this.#weights[noteOn(pitch)]! * this.#outside
    }
  }

  /** Makes other notes less likely while the music is denser than asked for, because it can't wait past the melody's notes. */
  #thin(moment: Moment): void {
    if (isVelocity(moment.previous)) return
    const { density } = this.#ask(moment)
    const factor = Math.max(
      LEAST_OTHERS,
      Math.min(1, (density ?? 0) / Math.max(moment.recentDensity, SPARSEST)) ** 2,
    )
    for (let event = 0; event < NOTE_OFF; event++) this.#weights[event] = this.#weights[event]! * factor
    for (let event = VELOCITY; event < EVENT_COUNT; event++)
      this.#weights[event] = this.#weights[event]! * factor
  }

  #ask(moment: Moment): ConditioningRequest {
    const request = this.#request
    this.#content.coming(moment.clock, request)
    askForStyle(request, this.#profile, this.#leans[this.lean]!.asked, moment)
    return request
  }

  /** Leaves only notes a fifth or more below a sounding note of the melody, because others would be heard as the melody. */
  #protectMelody(allowed: Uint8Array, moment: Moment): void {
    let top = -1
    for (let pitch = PITCH_COUNT - 1; pitch >= 0 && top < 0; pitch--) {
      const at = moment.struckAt[pitch]!
      if (at !== SILENT && this.#holdOf(pitch, at)) top = pitch
    }
    allowed.fill(0, Math.max(0, top - APART + 1), NOTE_OFF)
  }
}

/** Between which steps a note of the melody must end. */
interface Hold {
  readonly from: Steps
  readonly to: Steps
}

/**
 * For a note struck its hold, if it is one of the `melody`: it sounds as long as in the content, so that what is struck under it is
 * heard as accompaniment, but not into a later note of the melody that would be taken for accompaniment under it.
 */
function holdsOf(melody: readonly StepNote[]): (pitch: Pitch, struckAt: Steps) => Hold | undefined {
  const holds = new Map<number, Hold>()
  const key = (pitch: Pitch, at: Steps) => at * PITCH_COUNT + pitch
  for (const [n, { pitch, start, end }] of melody.entries()) {
    const lower = melody.slice(n + 1, n + 1 + REACH).find((later) => later.pitch <= pitch - APART)
    const to = lower ? lower.start - MOST_TOLERANCE : Number.POSITIVE_INFINITY
    const hold = { from: Math.min(end + MOST_TOLERANCE, to), to }
    for (let off = -MOST_TOLERANCE; off <= MOST_TOLERANCE; off++) holds.set(key(pitch, start + off), hold)
  }
  return (pitch, struckAt) => holds.get(key(pitch, struckAt))
}
