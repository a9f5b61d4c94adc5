import type { ControlName, UnsupportedControls } from '../controls/controls.js'
import { CONDITIONING_LAYOUTS } from '../model/conditioning.js'
import type { ConditioningGroup } from '../model/conditioning-request.js'

/** The controls that act only through a group of the conditioning vector. */
const OF_GROUPS: Readonly<Record<ConditioningGroup, readonly ControlName[]>> = {
  density: ['density', 'balance'],
  pitches: ['pitchWeights'],
  velocity: ['dynamics'],
  chord: [],
}

/** What each group tells a model, as the object of "this model isn't told ...". */
const TOLD: Readonly<Record<ConditioningGroup, string>> = {
  density: 'how densely to play',
  pitches: 'which pitch classes to play',
  velocity: 'how loudly to play',
  chord: 'which chord to play',
}

/** The controls that act on how long notes last, how they are held, and on how many sound together. */
const OF_LENGTHS: readonly ControlName[] = ['polyphony', 'articulation', 'pedal']

/** The controls that act on how the music keeps to chords. */
const OF_CHORDS: readonly ControlName[] = ['chordLock', 'chordLatch']
/** The controls that act on a drummer's bars. */
const OF_BARS: readonly ControlName[] = ['steady', 'fills']

/** The controls that act on what returns. */
const OF_FORM: readonly ControlName[] = ['memory', 'form']

/**
 * The controls that do nothing with a model, and why.
 * @param layout the model's conditioning layout; for an unknown layout the result is empty
 * @param hasEnds whether the model's notes have lengths, which strokes of percussion don't have
 */
export function unsupportedControls(layout: string, hasEnds: boolean): UnsupportedControls {
  const found = CONDITIONING_LAYOUTS.get(layout)
  const reasons: Partial<Record<ControlName, string>> = {}
  if (!found) return reasons
  for (const group of ['density', 'pitches', 'velocity'] as const) {
    if (found.groups.includes(group)) continue
    for (const name of OF_GROUPS[group]) reasons[name] = `this model isn't told ${TOLD[group]}`
  }
  if (!found.groups.includes('pitches') && hasEnds) {
    for (const name of ['key', 'scale'] as const)
      reasons[name] = 'with this model it acts through key lock alone'
  }
  if (!found.groups.includes('density') || !found.groups.includes('pitches'))
    reasons.tide = "this model isn't told the tide's density and key"
  if (!found.canGuide) reasons.guidance = "this model can't play without conditioning, which guidance needs"
  if (found.tellsBar !== true || hasEnds) {
    for (const name of OF_BARS) reasons[name] = 'only drums play a bar again'
  }
  if (!hasEnds) {
    for (const name of OF_LENGTHS) reasons[name] = 'strokes have no length'
    for (const name of OF_CHORDS) reasons[name] = 'strokes belong to no chord'
    for (const name of OF_FORM) reasons[name] = 'strokes make no themes'
    reasons.styleStrength = 'the manner of a pianist says nothing about strokes'
  }
  if (hasEnds && found.tellsBar) {
    for (const name of OF_FORM) reasons[name] = 'a theme would return on another beat than its own'
  }
  return reasons
}
