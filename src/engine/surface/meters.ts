import type { UnsupportedControls } from '../controls/controls.js'
import type { Ms } from '../units.js'

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
  readonly idle: UnsupportedControls
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
