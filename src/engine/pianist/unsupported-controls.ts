import type { ControlName, UnsupportedControls } from '../controls/controls.js'
import { CONDITIONING_LAYOUTS } from '../model/conditioning.js'
import type { ConditioningGroup } from '../model/conditioning-request.js'

const OF_GROUPS: Readonly<Record<ConditioningGroup, readonly ControlName[]>> = {
  density: ['density', 'balance'],
  pitches: ['pitchWeights'],
  velocity: ['dynamics'],
}

const TOLD: Readonly<Record<ConditioningGroup, string>> = {
  density: 'how densely to play',
  pitches: 'which pitch classes to play',
  velocity: 'how loudly to play',
}

/** What acts on the lengths of notes, and on which of them sound together. */
const OF_LENGTHS: readonly ControlName[] = ['polyphony', 'articulation']

/**
 * The controls that a model has no use for.
 * @param layout its conditioning layout; @param hasEnds whether its notes have lengths
 */
export function unsupportedControls(layout: string, hasEnds: boolean): UnsupportedControls {
  const found = CONDITIONING_LAYOUTS.get(layout)
  const idle: Partial<Record<ControlName, string>> = {}
  if (!found) return idle
  for (const group of ['density', 'pitches', 'velocity'] as const) {
    if (found.groups.includes(group)) continue
    for (const name of OF_GROUPS[group]) idle[name] = `this model isn't told ${TOLD[group]}`
  }
  if (!found.groups.includes('pitches') && hasEnds) {
    for (const name of ['key', 'scale'] as const)
      idle[name] = 'with this model it acts through key lock alone'
  }
  if (!found.groups.includes('density') || !found.groups.includes('pitches'))
    idle.tide = "this model isn't told what the tide would tell it"
  if (!found.canGuide) idle.guidance = "this model doesn't know music of which nothing is told"
  if (!hasEnds) for (const name of OF_LENGTHS) idle[name] = 'strokes have no length'
  return idle
}
