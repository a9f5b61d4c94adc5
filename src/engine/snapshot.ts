import type { Controls } from './controls.js'
import type { Ms, Pitch } from './units.js'

/** What the faces may know of the pianist: a copy, made a few times a second, read only. */
export interface Snapshot {
  readonly paused: boolean
  readonly ending: boolean
  readonly controls: Controls
  /** How far beyond now the plan is sampled. */
  readonly planned: Ms
  /** Plan time up to which everything has been sent. */
  readonly position: Ms
  /** Pitches that the player holds. */
  readonly held: readonly Pitch[]
  /** What the held keys ask for, twelve shares summing to 1, or null when nothing is held or remembered. */
  readonly heardWeights: readonly number[] | null
  /** Times that the plan's origin moved because the performer fell behind, and by how much in all. */
  readonly slips: number
  readonly slippedMs: Ms
  readonly rewinds: number
  /** Network steps so far. */
  readonly steps: number
}
