import type { BeatReport } from '../engine/clock/tempo-map.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Ms } from '../engine/units.js'

/** The part of a performer that has a beat. */
type Beating = () => Pick<Snapshot, 'beat' | 'controls'> | undefined

/**
 * How old a snapshot may be at most in which there is no beat: it says nothing of its age. Less: a song that began meanwhile seems
 * to have begun later than it did. More: a recording waits longer to learn that there is no beat.
 */
const OLDEST_MS: Ms = 200

/**
 * A function that tells `tell` the band's beat, to be called often: once for each snapshot that has news. The drummer has a beat where the
 * pianist has none.
 */
export function createBeatReports(
  pianist: Beating,
  drummer: Beating,
  tell: (report: BeatReport) => void,
): (now: Ms) => void {
  let told: Ms = Number.NEGATIVE_INFINITY
  return (now) => {
    const snapshots = [pianist(), drummer()].flatMap((snapshot) => snapshot ?? [])
    const [first] = snapshots
    if (first === undefined) return
    const playing = snapshots.find(({ beat }) => beat !== null && beat.position !== null)
    const at = playing?.beat?.at ?? now - OLDEST_MS
    if (at <= told) return
    told = at
    const { beatsPerBar } = (playing ?? first).controls
    tell({ at, beat: playing?.beat ?? null, beatsPerBar })
  }
}
