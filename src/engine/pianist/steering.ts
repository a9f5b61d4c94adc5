import { CONTROL_NAMES, CONTROLS, type Controls } from '../controls/controls.js'
import type { PlayerTracker } from '../ensemble/player-tracker.js'
import type { Lead, Partner } from '../ensemble/turn-taking.js'
import { isVelocity, MAX_SHIFT, PITCH_COUNT, TIME_SHIFT, VELOCITY } from '../language/events.js'
import { scaleMask } from '../language/scales.js'
import { CONDITIONING_LAYOUTS } from '../model/conditioning.js'
import { emptyRequest } from '../model/conditioning-request.js'
import { Refused } from '../refused.js'
import type { DrawSettings } from '../sampling/distribution.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { guardSilence, maskMoment } from '../sampling/event-mask.js'
import type { Moment } from '../sampling/moment.js'
import { leanToCentre, tideTemperature } from '../sampling/tide.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'

/** The settings, as they are changed for a moment. */
type Drawing = { -readonly [Name in keyof (Controls & DrawSettings)]: (Controls & DrawSettings)[Name] }

/** The guide of the plan, made from the controls and from what the player plays. */
export interface Steering extends DrawPolicy {
  /** Takes over new settings; true if the plan must be rewound for them. */
  update(controls: Controls): boolean
  /** Takes in that the player was heard, or the floor has passed. */
  refresh(): void
  /** A bar begins at step `clock` of the plan; true if the plan must be rewound for it. */
  beginBar(clock: Steps): boolean
  /** Whether the model can be told what the tide aims at. */
  readonly canFlow: boolean
  /** 1 where a note of history may be struck as far as key lock and register say, [128]. */
  readonly noteOns: Uint8Array
}

/** Duet: at balance 1 the pianist plays half as densely against a busy player, and twice as densely in their pauses. */
const MOST_BALANCE = 2

/**
 * A drummer whose last bars are off the density asked for is asked for so much more, or less, at most. Less, and a groove
 * goes on as it was for half a minute; more asks for what no drummer of the data played.
 */
const MOST_URGE = 4

/** A player of this many notes a second is busy: two hands in eighth notes. */
const BUSY = 8

/** What the pianist plays in a duet where nothing says how densely: a calm hand. */
const DUET_DENSITY = 6

/** A chord just struck makes notes outside it this much less likely at first, in nats: more would bend phrases under way. */
const PUSH = 2

/** The push fades with this time constant: shorter and the network hasn't followed yet, longer is no soft lead any more. */
const PUSH_FADE_MS: Ms = 700

/** After so many of them it is over. */
const LONGEST_PUSH = 5

/** What the pianist leaves free on both sides of the player's hands. */
const AVOID_MARGIN = 2

/** Where avoiding would leave fewer pitches than this it can't: it would fall silent. */
const LEAST_LEFT = 12

/**
 * Joins the controls with what the player does.
 * @param layout the model's conditioning layout
 * @throws Refused for a layout that the program doesn't know
 */
export function createSteering(
  layout: string,
  listener: PlayerTracker,
  partner: Partner,
  controls: Controls,
): Steering {
  const { fill, groups, canGuide } = CONDITIONING_LAYOUTS.get(layout) ?? {}
  if (!fill || !groups)
    throw new Refused(`The model's conditioning layout ${layout} is unknown to this version.`)
  const canFlow = groups.includes('density') && groups.includes('pitches')
  let bar: Steps = 0
  const request = emptyRequest()
  const noteOns = new Uint8Array(PITCH_COUNT)
  const noteOnsBefore = new Uint8Array(PITCH_COUNT)
  const ownWeights = new Float64Array(12)
  const tideWeights = new Float64Array(12)
  const pitchLean = new Float64Array(12)
  let hasOwnWeights = false
  let settings = controls
  /** The settings as the tide changes them; filled anew whenever it does. */
  let drawing: Drawing = { ...controls }
  settle()

  /** Works out once per change what doesn't depend on the moment. */
  function settle(): void {
    drawing = { ...settings }
    const inKey = scaleMask(settings.key, settings.scale)
    const byHand = settings.pitchWeights
    hasOwnWeights = byHand !== null || settings.key !== 'off'
    for (let pc = 0; pc < 12; pc++) ownWeights[pc] = byHand ? byHand[pc]! : (inKey >> pc) & 1
    const locked = settings.key !== 'off' ? inKey : weightMask(byHand)
    const [low, high] = within(settings.register, partner.lead.range)
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const sounding = pitch + settings.transpose
      const inRegister = sounding >= low && sounding <= high
      const isOpen = !settings.keyLock || ((locked >> ((sounding + 120) % 12)) & 1) === 1
      noteOns[pitch] = inRegister && isOpen ? 1 : 0
    }
    if (settings.mode === 'duet' && settings.avoid) avoidPlayer()
  }

  function avoidPlayer(): void {
    const range = listener.range()
    if (!range) return
    const low = range[0] - AVOID_MARGIN - settings.transpose
    const high = range[1] + AVOID_MARGIN - settings.transpose
    const isLeft = (open: number, pitch: number) => open === 1 && (pitch < low || pitch > high)
    if (noteOns.reduce((left, open, pitch) => left + (isLeft(open, pitch) ? 1 : 0), 0) < LEAST_LEFT) return
    for (let pitch = Math.max(0, low); pitch <= Math.min(PITCH_COUNT - 1, high); pitch++) noteOns[pitch] = 0
  }

  function update(next: Controls): boolean {
    noteOnsBefore.set(noteOns)
    const before = settings
    settings = next
    settle()
    if (noteOnsBefore.some((open, pitch) => open !== noteOns[pitch])) return true
    // Weights are about what sounds, so a transposition moves them in the network's own pitches.
    if (hasOwnWeights && before.transpose !== next.transpose) return true
    return REWINDING.some((name) => before[name] !== next[name])
  }

  function beginBar(clock: Steps): boolean {
    const isNew = clock !== bar
    bar = clock
    return isNew
  }

  function condition(target: Float32Array, moment: Moment): number {
    const at = moment.clock * STEP_MS
    const { lead } = partner
    const share = lead.share(at)
    const density = settings.mode === 'duet' ? duetDensity(at) : ownDensity(moment)
    request.density = urged(blend(density, share, lead.density, moment.recentDensity), moment)
    request.velocity = blend(settings.dynamics, share, lead.loudness, moment.meanVelocity)
    blendWeights(lead, share, moment)
    fill?.(target, request, moment.clock - bar)
    const isAsked = request.density !== null || request.velocity !== null || request.hasPitchWeights
    return isAsked && canGuide ? settings.guidance : 1
  }

  /** Strokes are asked for the more strongly the further the last bars are from it. */
  function urged(density: number | null, { hasEnds, recentDensity }: Moment): number | null {
    if (hasEnds || density === null) return density
    const ratio = density / Math.max(recentDensity, 0.5)
    return density * Math.min(MOST_URGE, Math.max(1 / MOST_URGE, ratio))
  }

  /** The network is asked for what both hands play together. */
  function duetDensity(at: Ms): number | null {
    const { density, balance } = settings
    if (density === null && balance === 0) return null
    const player = listener.densityAt(at)
    const busy = Math.min(1, player / BUSY)
    return (density ?? DUET_DENSITY) * MOST_BALANCE ** (balance * (1 - 2 * busy)) + player
  }

  const ownDensity = (moment: Moment) => settings.density ?? (hasTide(moment) ? moment.tide.density : null)

  const hasTide = ({ tide }: Moment) => canFlow && settings.tide && tide.stretch > 0

  /**
   * One histogram of what shall sound: the player's by its share, the rest as asked for, or as the tide has it, or
   * as lately played.
   */
  function blendWeights({ weights }: Lead, leadShare: number, moment: Moment): void {
    const heardSum = sum(weights)
    const share = heardSum > 0 ? leadShare : 0
    const leans = !hasOwnWeights && hasTide(moment)
    request.hasPitchWeights = share > 0 || hasOwnWeights || leans
    if (!request.hasPitchWeights) return
    if (leans) leanToCentre(tideWeights, moment.tide)
    const rest = hasOwnWeights ? ownWeights : leans ? tideWeights : moment.recentPitchClasses
    const restSum = sum(rest)
    for (let pc = 0; pc < 12; pc++) {
      // The network thinks in its own pitches: what sounds, less the transposition.
      const own = (pc - settings.transpose + 120) % 12
      const heard = heardSum > 0 ? weights[pc]! / heardSum : 0
      const other = restSum > 0 ? rest[hasOwnWeights ? pc : own]! / restSum : heard
      request.pitchWeights[own] = share * heard + (1 - share) * other
    }
  }

  function draw(moment: Moment): DrawSettings {
    const push = settings.mode === 'follow' ? pushOf(moment) : 0
    const isTidal = settings.density === null && hasTide(moment)
    if (push === 0 && !isTidal) return settings
    drawing.pitchTemperature = settings.pitchTemperature * (isTidal ? tideTemperature(moment.tide) : 1)
    drawing.pitchLean = push > 0 ? leanTo(partner.lead, push) : undefined
    return drawing
  }

  /** How strongly the notes are pushed to a chord just struck: the network itself takes a second to follow. */
  function pushOf(moment: Moment): number {
    const at = moment.clock * STEP_MS
    if (at - listener.changedAt > LONGEST_PUSH * PUSH_FADE_MS || sum(partner.lead.weights) === 0) return 0
    const since = Math.max(0, at - listener.changedAt)
    return PUSH * partner.lead.share(at) * Math.exp(-since / PUSH_FADE_MS)
  }

  function leanTo({ weights }: Lead, push: number): Float64Array {
    for (let pc = 0; pc < 12; pc++) {
      const own = (pc - settings.transpose + 120) % 12
      pitchLean[own] = weights[pc] === 0 ? Math.exp(-push) : 1
    }
    return pitchLean
  }

  return {
    draw,
    get polyphony() {
      return settings.polyphony
    },
    others: partner.others,
    noteOns,
    canFlow,
    mustEnd: partner.mustEnd,
    update,
    refresh: settle,
    beginBar,
    condition,
    mask,
  }

  function mask(allowed: Uint8Array, moment: Moment): void {
    if (partner.resting) {
      allowed.fill(0)
      // Whole waits, as history is written; a shorter one only up to the end of a note.
      const longest = partner.longestWait(moment, MAX_SHIFT)
      if (longest < MAX_SHIFT) allowed.fill(1, TIME_SHIFT, TIME_SHIFT + longest)
      else allowed[TIME_SHIFT + MAX_SHIFT - 1] = 1
      return
    }
    maskMoment(allowed, moment, noteOns, settings.polyphony, partner.others)
    if (settings.mode === 'follow' && settings.keyLock) lockToHeld(allowed, moment)
    if (partner.mustStrike(moment)) {
      strikeNow(allowed, moment)
      return
    }
    // Whoever asks for few notes, or plays, is not to be hurried.
    const isAlone = settings.density === null && partner.lead.share(moment.clock * STEP_MS) === 0
    if (settings.tide && isAlone && partner.floor === 'both') guardSilence(allowed, moment)
  }

  /** While keys are held or remembered, no note of another pitch class. */
  function lockToHeld(allowed: Uint8Array, moment: Moment): void {
    const { share, weights } = partner.lead
    if (share(moment.clock * STEP_MS) === 0 || sum(weights) === 0) return
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (weights[(pitch + settings.transpose + 120) % 12] === 0) allowed[pitch] = 0
    }
  }
}

/** Leaves nothing but a note, or the velocity before it, where a note may be struck at all. */
function strikeNow(allowed: Uint8Array, moment: Moment): void {
  const open = allowed.indexOf(1)
  if (open < 0 || open >= PITCH_COUNT) return
  allowed.fill(0, PITCH_COUNT, VELOCITY)
  if (isVelocity(moment.previous)) allowed.fill(0, VELOCITY)
}

/** The part of the register that the player leaves open; the whole register where they have nothing in common. */
function within([low, high]: readonly [number, number], range: Lead['range']): readonly [number, number] {
  if (!range) return [low, high]
  const both = [Math.max(low, range[0]), Math.min(high, range[1])] as const
  return both[0] <= both[1] ? both : [low, high]
}

/** Settings that change what is drawn; all others only change the way out, or act through the mask. */
const REWINDING = CONTROL_NAMES.filter((name) => CONTROLS[name].acts !== 'output')

/** The control's own value (or what is realised, where that is auto) and the heard one, by its share. */
function blend(own: number | null, share: number, heard: number, realised: number): number | null {
  if (share === 0 || heard === 0) return own
  return share * heard + (1 - share) * (own ?? realised)
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
