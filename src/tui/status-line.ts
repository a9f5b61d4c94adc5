import type { Meters, Snapshot } from '../engine/snapshot.js'

/** How the music and the machinery stand, in one line of at most `width` characters. */
export function statusLine(snapshot: Snapshot | undefined, meters: Meters, width: number): string {
  if (!snapshot) return 'Rubato is waking up'.slice(0, width)
  const { lateness } = meters
  const state = snapshot.paused ? 'paused ' : snapshot.ending ? 'ending ' : 'playing'
  const parts = [
    `${snapshot.paused ? '||' : '|>'} ${state} ${meters.output}`,
    `${meters.notes} notes, ${meters.sounding} sounding`,
    `late p50 ${lateness.p50.toFixed(2)} p99 ${lateness.p99.toFixed(2)} ms`,
    `plan ${Math.max(0, Math.round(snapshot.planned))} ms`,
    ...(snapshot.slips > 0 ? [`${snapshot.slips} slips`] : []),
    ...(snapshot.held.length > 0 ? [`${snapshot.held.length} keys held`] : []),
    'space pause  ! panic  q quit',
  ]
  return parts.join('  ').slice(0, width)
}
