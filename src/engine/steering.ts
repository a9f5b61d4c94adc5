import { CONDITIONING_LAYOUTS, emptyRequest } from './conditioning.js'
import { CONTROL_NAMES, CONTROLS, type Controls } from './controls.js'
import { PITCH_COUNT } from './events.js'
import { type Guide, guardSilence, maskMoment } from './guide.js'
import type { Listener } from './listener.js'
import type { Moment } from './moment.js'
import type { DrawSettings } from './sampler.js'
import { scaleMask } from './scales.js'
import { leanToCentre, tideTemperature } from './tide.js'
import { Refused, STEP_MS } from './units.js'

/** The guide of the plan, made from the controls and from what the player plays. */
export interface Steering extends Guide {
  /** Takes over new settings; true if the plan must be rewound for them. */
  update(controls: Controls): boolean
}

/**
 * Joins the controls with the listener.
 * @param layout the model's conditioning layout
 * @throws Refused for a layout that the program doesn't know
 */
export function createSteering(layout: string, listener: Listener, controls: Controls): Steering {
  const fill = CONDITIONING_LAYOUTS.get(layout)?.fill
  if (!fill) throw new Refused(`The model's conditioning layout ${layout} is unknown to this version.`)
  const request = emptyRequest()
  const noteOns = new Uint8Array(PITCH_COUNT)
  const noteOnsBefore = new Uint8Array(PITCH_COUNT)
  const ownWeights = new Float64Array(12)
  const tideWeights = new Float64Array(12)
  let hasOwnWeights = false
  let settings = controls
  /** The settings as the tide changes them; filled anew whenever it does. */
  let drawing = { ...controls }
  settle()

  /** Works out once per change what doesn't depend on the moment. */
  function settle(): void {
    drawing = { ...settings }
    const inKey = scaleMask(settings.key, settings.scale)
    const byHand = settings.pitchWeights
    hasOwnWeights = byHand !== null || settings.key !== 'off'
    for (let pc = 0; pc < 12; pc++) ownWeights[pc] = byHand ? byHand[pc]! : (inKey >> pc) & 1
    const locked = settings.key !== 'off' ? inKey : weightMask(byHand)
    const [low, high] = settings.register
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const sounding = pitch + settings.transpose
      const inRegister = sounding >= low && sounding <= high
      const isOpen = !settings.keyLock || ((locked >> ((sounding + 120) % 12)) & 1) === 1
      noteOns[pitch] = inRegister && isOpen ? 1 : 0
    }
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

  function condition(target: Float32Array, moment: Moment): number {
    const share = listener.share(moment.clock * STEP_MS)
    const density = settings.density ?? (hasTide(moment) ? moment.tide.density : null)
    request.density = blend(density, share, listener.density, moment.recentDensity)
    request.velocity = blend(settings.dynamics, share, listener.loudness, moment.meanVelocity)
    blendWeights(share, moment)
    fill?.(target, request)
    const isAsked = request.density !== null || request.velocity !== null || request.hasPitchWeights
    return isAsked ? settings.guidance : 1
  }

  const hasTide = ({ tide }: Moment) => settings.tide && tide.stretch > 0

  /**
   * One histogram of what shall sound: the held keys by their share, the rest as asked for, or as the tide has it, or
   * as lately played.
   */
  function blendWeights(share: number, moment: Moment): void {
    const leans = !hasOwnWeights && hasTide(moment)
    request.hasPitchWeights = share > 0 || hasOwnWeights || leans
    if (!request.hasPitchWeights) return
    if (leans) leanToCentre(tideWeights, moment.tide)
    const rest = hasOwnWeights ? ownWeights : leans ? tideWeights : moment.recentPitchClasses
    const restSum = sum(rest)
    const heardSum = sum(listener.weights)
    for (let pc = 0; pc < 12; pc++) {
      // The network thinks in its own pitches: what sounds, less the transposition.
      const own = (pc - settings.transpose + 120) % 12
      const heard = heardSum > 0 ? listener.weights[pc]! / heardSum : 0
      const other = restSum > 0 ? rest[hasOwnWeights ? pc : own]! / restSum : heard
      request.pitchWeights[own] = share * heard + (1 - share) * other
    }
  }

  function draw(moment: Moment): DrawSettings {
    if (settings.density !== null || !hasTide(moment)) return settings
    drawing.pitchTemperature = settings.pitchTemperature * tideTemperature(moment.tide)
    return drawing
  }

  return {
    draw,
    get polyphony() {
      return settings.polyphony
    },
    update,
    condition,
    mask(allowed, moment) {
      maskMoment(allowed, moment, noteOns, settings.polyphony)
      // Whoever asks for few notes, or plays, is not to be hurried.
      const isAlone = settings.density === null && listener.share(moment.clock * STEP_MS) === 0
      if (settings.tide && isAlone) guardSilence(allowed, moment)
    },
  }
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
