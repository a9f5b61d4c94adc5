import type { ControlName, Controls } from '../controls/controls.js'
import type { IdleControls } from '../pianist/unsupported-controls.js'
import type { Ms, Pitch, Velocity } from '../units.js'
import type { Origin } from './commands.js'

/** A note that sounds or will sound, as the plan has it now. Times are process time. */
export interface PlannedNote {
  /** As it sounds, transposed. */
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  /** Null where the plan doesn't reach that far. */
  readonly end: Ms | null
}

/** Who set a control last; `keyboard` while the player's held keys lead it, whatever it is set to. */
export type SetBy = Origin | 'keyboard'

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

/** How late messages left: the moment of the send call minus the due time, over the last planned messages. */
export interface LatenessFigures {
  readonly p50: Ms
  readonly p99: Ms
  /** The worst since the start. */
  readonly max: Ms
  /** The worst of each of the last 60 seconds, oldest first; 0 for a second without notes. */
  readonly seconds: readonly Ms[]
}

/** A port and how it stands. */
export interface PortMeter {
  readonly name: string
  readonly way: 'out' | 'in'
  /** `open`; or what is the matter, in a few words (`gone`, `nobody listens`). */
  readonly state: string
}

/** The last value that came in from a MIDI controller. */
export interface IncomingController {
  /** 1-16. */
  readonly channel: number
  readonly controller: number
  readonly value: number
  /** Process time. */
  readonly at: Ms
}

/** What the faces may know of the machinery around the pianist. */
export interface Meters {
  /** Where it plays: `on Rubato`, or `in silence`. */
  readonly output: string
  readonly inputs: readonly string[]
  /** The same ports, one by one. */
  readonly ports: readonly PortMeter[]
  /** Controllers that came in lately, the last first, at most 8. */
  readonly controllers: readonly IncomingController[]
  /** Events of the music a second, over the last few seconds. */
  readonly eventsPerSecond: number
  /** Share of one core that the whole process takes, in percent, over the last few seconds. */
  readonly cpu: number
  /** Where the page is served (`http://127.0.0.1:7331`), or null. */
  readonly web: string | null
  /** The file that everything is recorded to from the start, or null. */
  readonly recording: string | null
  readonly realtime: { readonly on: boolean; readonly reason: string }
  readonly backend: string
  readonly model: string
  /** Controls that do nothing with this model, and why. */
  readonly idle: IdleControls
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
