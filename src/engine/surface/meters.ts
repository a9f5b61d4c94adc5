import type { UnsupportedControls } from '../controls/controls.js'
import type { Ms } from '../units.js'

/**
 * Figures on the lateness of recent planned messages: the time of the send call minus the time at which the message
 * was due.
 */
export interface LatenessFigures {
  readonly p50: Ms
  readonly p99: Ms
  /** Greatest lateness since the start. */
  readonly max: Ms
  /** Greatest lateness in each of the last 60 seconds, oldest first; 0 for a second without notes. */
  readonly seconds: readonly Ms[]
}

/** A MIDI port and its state. */
export interface PortMeter {
  readonly name: string
  readonly way: 'out' | 'in'
  /** `open`, `1 connected`, or what is wrong in a few words (`gone`, `nobody listens`). */
  readonly state: string
}

/** The last value that one MIDI controller sent. */
export interface IncomingController {
  /** MIDI channel, 1-16. */
  readonly channel: number
  readonly controller: number
  readonly value: number
  /** Process time at which the value arrived. */
  readonly at: Ms
}

/** The figures on the program around the pianist that control surfaces show. */
export interface Meters {
  /** The destination of the music: `on Rubato` (the port's name), or `in silence`. */
  readonly output: string
  /** Names of the input ports. */
  readonly inputs: readonly string[]
  /** All ports, outputs and inputs, each with its state. */
  readonly ports: readonly PortMeter[]
  /** MIDI controllers that were moved lately, the last one first, at most 8. */
  readonly controllers: readonly IncomingController[]
  /** Events that the network drew per second, over the last few seconds. */
  readonly eventsPerSecond: number
  /** Processor time of the whole process in percent of one core, over the last few seconds. */
  readonly cpu: number
  /** The address of the page (`http://127.0.0.1:7331`); null where none is served. */
  readonly web: string | null
  /** How many others are in the Link session; null where Link isn't used, or where there is no network for it. */
  readonly linkPeers: number | null
  /** The file that the whole session is recorded to; null where it isn't recorded. */
  readonly recording: string | null
  /** Whether the process has real-time priority, and why or why not. */
  readonly realtime: { readonly on: boolean; readonly reason: string }
  /** The engine that computes the network: `wasm int16`, `tfjs-node`. */
  readonly backend: string
  readonly model: string
  /** Controls that do nothing with this model, each with the reason. */
  readonly unsupported: UnsupportedControls
  readonly seed: number
  /** Note-ons of the pianist that were really sent. */
  readonly notes: number
  /** Notes that sound now, keys of the player that are passed through included. */
  readonly sounding: number
  readonly lateness: LatenessFigures
  /** Note-ons dropped because they were over 30 ms late. */
  readonly dropped: number
  /** Messages that the output port refused. */
  readonly lost: number
  /** Notes of Rubato that came back in at an input and were ignored. */
  readonly echoes: number
  /** How often the performer's thread has died and been started again. */
  readonly restarts: number
  /**
   * The last notice to the player, such as a problem and what to do about it, in a sentence; null before the first.
   */
  readonly problem: string | null
}
