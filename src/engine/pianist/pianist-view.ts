import type { ControlName } from '../controls/controls.js'
import type { SetBy } from '../controls/origin.js'
import type { Snapshot, TideAims } from '../surface/snapshot.js'
import type { Pianist } from './pianist.js'

/** The part of a snapshot that the pianist alone can fill, without a clock. Allocates: meant for control surfaces. */
export function viewOf(
  pianist: Pianist,
): Pick<
  Snapshot,
  | 'paused'
  | 'ending'
  | 'floor'
  | 'controls'
  | 'setBy'
  | 'undoable'
  | 'tide'
  | 'position'
  | 'held'
  | 'heardWeights'
  | 'events'
> {
  return {
    paused: pianist.paused,
    ending: pianist.ending,
    floor: pianist.ensemble.floor,
    controls: pianist.controls,
    setBy: settersOf(pianist),
    undoable: pianist.changes.length,
    tide: tideAims(pianist),
    position: pianist.position,
    held: pianist.ensemble.player.held(),
    heardWeights: heardWeights(pianist),
    events: pianist.events,
  }
}

/** Who set each control last; a control that the player's playing leads counts as set by the keyboard. */
function settersOf({ changes, ensemble, position }: Pianist): Snapshot['setBy'] {
  const { lead } = ensemble
  if (lead.share(position) === 0) return changes.setters
  const led: ControlName[] = []
  if (lead.weights.some((weight) => weight > 0)) led.push('pitchWeights')
  if (lead.density > 0) led.push('density')
  if (lead.loudness > 0) led.push('dynamics')
  const byKeyboard: [ControlName, SetBy][] = led.map((name) => [name, 'keyboard'])
  return { ...changes.setters, ...Object.fromEntries(byKeyboard) }
}

function tideAims({ controls, plan, canFlow }: Pianist): TideAims | null {
  const { tide } = plan.open().moment
  const leavesKey = controls.key === 'off' && controls.pitchWeights === null
  if (!canFlow || !controls.tide || tide.stretch === 0 || !(leavesKey || controls.density === null))
    return null
  const tonic = (tide.centre + controls.transpose + 24) % 12
  return { density: tide.density, tonic, mode: tide.centre < 12 ? 'major' : 'minor' }
}

function heardWeights({ ensemble, position }: Pianist): readonly number[] | null {
  const { lead } = ensemble
  const { weights } = lead
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === 0 || lead.share(position) === 0) return null
  return [...weights].map((weight) => weight / sum)
}
