import type { ControlName, Controls } from '../controls/controls.js'
import type { SetBy } from '../controls/origin.js'
import type { Ms, Pitch, Velocity } from '../units.js'

/** A note that sounds or will sound, as the plan has it now. Times are process time. */
export interface PlannedNote {
  /** As it sounds, transposed. */
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  /** Null where the plan doesn't reach that far. */
  readonly end: Ms | null
}

/** Who plays: both; the player, while the pianist listens; or the pianist, until the player does. */
export type Floor = 'both' | 'player' | 'pianist'

/** The slow aims that lead the music where density and key are left to it. */
export interface TideAims {
  /** Note-ons per second. */
  readonly density: number
  /** Tonal centre as it sounds: a tonic 0-11 (C is 0). */
  readonly tonic: number
  readonly mode: 'major' | 'minor'
}

/** The beat that the band shares. */
export interface Beat {
  /** Quarter notes a minute. */
  readonly tempo: number
  /** In the song, in quarter notes; null while it stands. */
  readonly position: number | null
  readonly source: 'heard' | 'ours'
}

/** What the faces may know of the pianist: a copy, made a few times a second, read only. */
export interface Snapshot {
  readonly paused: boolean
  readonly ending: boolean
  readonly floor: Floor
  readonly controls: Controls
  /** Who set each control last; those that nobody has touched since the start are missing. */
  readonly setBy: Readonly<Partial<Record<ControlName, SetBy>>>
  /** Changes that `undo` can take back. */
  readonly undoable: number
  /** Null where nothing is left to the tide, or it hasn't begun. */
  readonly tide: TideAims | null
  /** Null where there is no clock. */
  readonly beat: Beat | null
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
  /** Events of the music so far. */
  readonly events: number
  /** What sounds and what is planned, by start; empty where nobody looks at it. */
  readonly ahead: readonly PlannedNote[]
}
