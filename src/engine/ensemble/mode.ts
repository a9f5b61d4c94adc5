import type { Controls } from '../controls/controls.js'
import type { Moment } from '../sampling/moment.js'
import type { Floor } from '../surface/snapshot.js'
import type { Ms, Pitch } from '../units.js'
import type { Phrase } from './phrase.js'
import type { PlayerTracker } from './player-tracker.js'

/**
 * A way of playing together: everything that differs between one mode and another. A mode is a constant without state of its
 * own: its functions read the ensemble that they are given. CONTRIBUTING.md says how to add one. A program that uses the engine
 * can also give the pianist a table of its own.
 */
export interface Mode {
  /** Who has the floor when the mode comes into force. */
  readonly firstFloor: Floor
  /**
   * Whether the player's notes are put into the music's own history, so that the network receives both players' notes as
   * one piece.
   */
  readonly sharesHistory: boolean
  /** Whether the plan is drawn again after anything the player does; false where the player has no influence on the music. */
  readonly listens: boolean
  /** Whether player and pianist play in turns: the pedal CC66 and *take over* pass the floor. Elsewhere CC66 holds the music. */
  readonly passesTurns: boolean
  /**
   * Whether the pianist takes the floor by itself when the player has paused, and gives it back at the end of an answer that is
   * about as long as the player's phrase. Needs `passesTurns`.
   */
  readonly answersPhrases: boolean
  /** Whether notes drawn from the network sound together with each key that the player strikes. Needs `sharesHistory`. */
  readonly harmonizesKeys: boolean
  /** Whether a key is applied at once instead of with the next rewind, because notes must sound together with the key. */
  readonly keysAreUrgent: boolean
  /**
   * Makes the lead: what the player's playing asks of the music, read from `ensemble` as it changes. Called once when the
   * mode comes into force.
   */
  createLead(ensemble: Ensemble): Lead
  /**
   * The density that the network is asked for at plan time `at`, in note-ons per second; null asks for none. A mode without
   * this function uses the density of the control or of the tide.
   */
  density?(ensemble: Ensemble, at: Ms): number | null
  /**
   * How strongly notes outside the lead's pitch classes are suppressed at plan time `at`, in nats; 0 suppresses nothing.
   * The push acts at once, whereas the network takes a second to follow its conditioning.
   */
  push?(ensemble: Ensemble, at: Ms): number
  /**
   * Clears in `noteOns` [128] the pitches of history that may not be struck. Called when controls, floor or playing have
   * changed.
   */
  limitNoteOns?(noteOns: Uint8Array, ensemble: Ensemble): void
  /**
   * Clears in `allowed` [388, by event] what may not follow `moment`. Called before every draw while the pianist has the floor
   * or shares it, after key lock, register and polyphony have been applied. Must depend on `moment` and `ensemble` alone, since
   * an event may be drawn again. A mode that leaves one event dictates it: in this way it can play notes of its own. Must
   * leave at least one event, and must not allocate. After 128 events at one instant it is not called: then only a wait may follow.
   */
  mask?(allowed: Uint8Array, moment: Moment, ensemble: Ensemble): void
}

/** The state that a mode may read: it can't be changed through this interface, and it changes as the music goes on. */
export interface Ensemble {
  readonly controls: Controls
  /** The state of the player's keys, pedals and playing. */
  readonly player: PlayerTracker
  /** The player's current phrase; filled only in modes that share history. */
  readonly phrase: Phrase
  readonly floor: Floor
  /** When the player last struck a key in a mode that shares history; -Infinity before. */
  readonly heardAt: Ms
  /** When the pianist last took the floor; 0 before. */
  readonly tookAt: Ms
  /** The lead that is in force. */
  readonly lead: Lead
}

/** The player's demands on the music, in modes in which the player leads. */
export interface Lead {
  /** False while the player asks for nothing: then all other fields are ignored. */
  readonly isPresent: boolean
  /** Share 0-1 that the player has in the steering at plan time `at`; the rest is the controls'. */
  share(at: Ms): number
  /** Weights of the sounding pitch classes C to B, [12], of any sum; all 0 asks for nothing. */
  readonly weights: Float64Array
  /** The lowest pitch of the keys that `weights` are of, where they are a chord that the music shall be over; -1 for none. */
  readonly lowest?: Pitch
  /** Mean velocity asked for; 0 asks for nothing. */
  readonly loudness: number
  /** Density asked for, in note-ons per second; 0 asks for nothing. */
  readonly density: number
  /** Lowest and highest sounding pitch; null leaves the range to the control `register`. */
  readonly range: readonly [low: number, high: number] | null
}

/** A lead that asks for nothing. */
export const NO_LEAD: Lead = {
  isPresent: false,
  share: () => 0,
  weights: new Float64Array(12),
  loudness: 0,
  density: 0,
  range: null,
}

/**
 * The remaining share of an influence that ended `since` ms ago (negative: it has not ended) and is forgotten within `fade`
 * ms: 1 at its end, falling evenly to 0.
 */
export function fadingShare(since: Ms, fade: Ms): number {
  return Math.min(1, Math.max(0, 1 - since / fade))
}
