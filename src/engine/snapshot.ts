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

/** How late messages left: the moment of the send call minus the due time, over the last planned messages. */
export interface LatenessFigures {
  readonly p50: Ms
  readonly p99: Ms
  /** The worst since the start. */
  readonly max: Ms
}

/** What the faces may know of the machinery around the pianist. */
export interface Meters {
  /** Where it plays: `on Rubato`, or `in silence`. */
  readonly output: string
  readonly inputs: readonly string[]
  readonly realtime: { readonly on: boolean; readonly reason: string }
  readonly backend: string
  readonly model: string
  readonly seed: number
  /** Note-ons really sent, the pianist's alone. */
  readonly notes: number
  /** Note-ons sent minus notes ended: what sounds now, the player's passed-through keys included. */
  readonly sounding: number
  readonly lateness: LatenessFigures
  /** Note-ons dropped because they were over 30 ms late. */
  readonly dropped: number
  /** Messages that the port refused. */
  readonly lost: number
  /** Own notes that came back in and were ignored. */
  readonly echoes: number
  /** Times the performer died and was started again. */
  readonly restarts: number
  /** The last thing that went wrong, with its cure; null while all is well. */
  readonly problem: string | null
}
