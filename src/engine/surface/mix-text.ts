import type { GroovePlace, Mix } from './snapshot.js'

/** The place in a phrase in a few words: `bar 3 of 8, fill in 5`, `bar 8 of 8, fill`. */
function grooveText({ bar, of, fillIn }: GroovePlace): string {
  const place = `bar ${bar} of ${of}`
  if (fillIn === null) return place
  return fillIn === 0 ? `${place}, fill` : `${place}, fill in ${fillIn}`
}

/**
 * Who plays along and what is heard, in a few words: `drums bar 3 of 8, fill in 5`; null where that goes without saying.
 * @param groove the place in the phrase of the drums, if any are played
 */
export function mixText({ drummer, muted, solo }: Mix, groove: GroovePlace | null): string | null {
  const parts: string[] = []
  if (drummer === 'starting') parts.push('drums come in')
  if (drummer === 'on' || groove !== null) {
    const state = solo === 'drums' ? ' alone' : muted.drums || solo === 'piano' ? ' muted' : ''
    parts.push(`drums${state}${groove === null ? '' : ` ${grooveText(groove)}`}`)
  }
  if (muted.piano) parts.push('piano muted')
  return parts.length === 0 ? null : parts.join(', ')
}
