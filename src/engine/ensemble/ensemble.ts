import type { Controls } from '../controls/controls.js'
import type { Grid } from '../language/grid.js'
import type { HeardMessage } from '../language/messages.js'
import type { Pulse } from '../language/pulse.js'
import { GRID_LEAD_MS } from '../plan/onset-pull.js'
import type { Moment } from '../sampling/moment.js'
import type { Floor } from '../surface/snapshot.js'
import type { Ms, Pitch, Steps } from '../units.js'
import { type AgreedEnds, endDueAt, nextEnd } from './agreed-ends.js'
import { ChordLatch } from './chord-latch.js'
import { ChordsInForce } from './chords-in-force.js'
import { type Ensemble, type Lead, NO_LEAD } from './mode.js'
import type { Modes } from './modes.js'
import { Phrase } from './phrase.js'
import { type KeyStrike, PlayerNotes } from './player-notes.js'
import { PlayerTracker } from './player-tracker.js'
import { RecentPlaying } from './recent-playing.js'
import { firstTurns, isHeld, type TurnState } from './turns.js'

/**
 * A silence of the player, beside the pianist's playing, that ends the player's phrase: shorter ends it at a rest, longer
 * joins phrases that were meant apart.
 */
const PHRASE_PAUSE_MS: Ms = 1000

/**
 * The state of playing together: what the player does, which of the player's notes are in history, and who has the floor.
 */
export class EnsembleState implements Ensemble {
  /** All modes, by the names that the control `mode` can have. */
  readonly modes: Modes
  readonly player = new PlayerTracker()
  readonly phrase = new Phrase()
  /** What the player has played of late while the music went on, in the modes that hear the keyboard. */
  readonly playing = new RecentPlaying()
  readonly notes: PlayerNotes
  /** The chords that the music keeps to. */
  readonly chords = new ChordsInForce()
  readonly #latch = new ChordLatch()
  /** Whether a step of the music is a fraction of a beat, so that it always has a place in a bar. */
  readonly #isInBars: boolean
  #pulse: Pulse | null = null
  #grid: Grid | null = null
  #controls: Controls
  #turns: TurnState
  #ends: AgreedEnds = new Map()
  /** The lead of the mode in force, whether it is present or not. */
  #lead: Lead
  #revision = 0

  /**
   * @param seed of the random numbers for notes added to keys, 0 to 2^32 - 1
   * @param isInBars whether a step of a pianist's music is a fraction of a beat (a drummer is told its bars alone)
   */
  constructor(modes: Modes, controls: Controls, seed: number, isInBars = false) {
    this.modes = modes
    this.#controls = controls
    this.notes = new PlayerNotes(seed)
    this.#isInBars = isInBars
    this.#turns = firstTurns(modes[controls.mode])
    this.#lead = this.#turns.mode.createLead(this)
  }

  /** Grows with every change of the ensemble's state, so that a value derived from that state can be recognised as stale. */
  get revision(): number {
    return this.#revision
  }

  get controls(): Controls {
    return this.#controls
  }

  set controls(next: Controls) {
    this.#controls = next
    if (!next.chordLatch) this.chords.latch(null)
    this.#layGrid()
    this.#revision++
  }

  /** The beat that the music shares with a band; null where there is none, and where nothing follows it. */
  get pulse(): Pulse | null {
    return this.#pulse
  }

  set pulse(next: Pulse | null) {
    this.#pulse = next
    this.#layGrid()
    this.#revision++
  }

  /** Whether something in force places the music on the beat of {@link pulse}. */
  get followsPulse(): boolean {
    return this.#isInBars || this.#isOnGrid || this.chords.progression !== null
  }

  /** The grid that notes are drawn to; null where there is none, or no beat yet to lay it on. */
  get grid(): Grid | null {
    return this.#grid
  }

  /** How much later than planned the music is heard, on average. */
  get gridLead(): Ms {
    return this.#grid === null ? 0 : GRID_LEAD_MS
  }

  get #isOnGrid(): boolean {
    return this.#controls.grid !== 'off' && this.#controls.gridStrength > 0
  }

  #layGrid(): void {
    this.#grid = this.#readGrid()
    this.chords.lead = this.gridLead
  }

  #readGrid(): Grid | null {
    const { grid, gridStrength, swing } = this.#controls
    if (!this.#isOnGrid || grid === 'off' || this.#pulse === null) return null
    return { name: grid, pulse: this.#pulse, strength: gridStrength, swing }
  }

  get turns(): TurnState {
    return this.#turns
  }

  get floor(): Floor {
    return this.#turns.floor
  }

  get heardAt(): Ms {
    return this.#turns.heardAt
  }

  get tookAt(): Ms {
    return this.#turns.tookAt
  }

  get lead(): Lead {
    return this.#lead.isPresent ? this.#lead : NO_LEAD
  }

  /** Whether the pianist only listens: it strikes no note, and its notes end as agreed. */
  get isListening(): boolean {
    return this.#turns.floor === 'player'
  }

  /** Length of the player's phrase, up to the last key lifted; 0 without a phrase. */
  get phraseMs(): Ms {
    return this.phrase.length === 0 ? 0 : this.player.liftedAt - this.phrase.start
  }

  /**
   * Plan time at which the pianist answers by itself; Infinity if it won't answer.
   * @param beatMs a quarter note of the band's clock; null where there is none
   */
  answerAt(beatMs: Ms | null): Ms {
    const { mode, floor, isAnswered } = this.#turns
    const { pause, pauseBeats } = this.#controls
    const silence = pauseBeats === null || beatMs === null ? 1000 * pause : pauseBeats * beatMs
    const waits = mode.answersPhrases && floor === 'player' && this.phrase.length > 0 && !isAnswered
    return waits && this.player.keysDown === 0 ? this.player.liftedAt + silence : Number.POSITIVE_INFINITY
  }

  /** Plan time at which a phrase is over that the player plays beside the pianist; Infinity where there is none. */
  get phraseOverAt(): Ms {
    const { mode, floor } = this.#turns
    const isPlayed = mode.sharesHistory && floor === 'both' && this.phrase.length > 0
    return isPlayed && this.player.keysDown === 0
      ? this.player.liftedAt + PHRASE_PAUSE_MS
      : Number.POSITIVE_INFINITY
  }

  /** Puts another state of the turns in force. */
  adopt(next: TurnState): void {
    const { mode } = this.#turns
    this.#turns = next
    this.#revision++
    if (next.mode !== mode) this.#lead = next.mode.createLead(this)
  }

  /** Applies a message from the keyboard. @returns whether keys or pedals have changed */
  receive(message: HeardMessage): boolean {
    if (!this.player.receive(message)) return false
    this.playing.endAllBut(this.player.held(), message.at)
    // In a pause plan time stands still, so that no note would have a place.
    if (message.kind === 'note-on' && this.#turns.mode.listens && !isHeld(this.#turns))
      this.playing.strike(message)
    this.#revision++
    return true
  }

  /** Has the chord of the player's keys, after a message that changed them, kept. @returns whether it is another than before */
  latchChord(message: HeardMessage): boolean {
    const chord = this.#latch.receive(message, this.player)
    return chord !== null && this.#controls.chordLatch && this.chords.latch(chord)
  }

  /** Adds a struck key to the player's phrase. */
  extendPhrase({ at, pitch, velocity }: KeyStrike): void {
    this.phrase.strike(at, pitch, velocity)
    this.#revision++
  }

  /** From now on, while the pianist listens, its notes end at `ends`. */
  agree(ends: AgreedEnds): void {
    this.#ends = ends
  }

  /** Forgets all that the player has done; the pianist may end and strike the player's notes from now on. */
  forget(): void {
    this.player.forget()
    this.chords.latch(null)
    this.phrase.clear()
    this.playing.forget()
    this.notes.disown()
    this.#ends = new Map()
    this.#revision++
  }

  /** Whether the next event at `moment` must lead to a note, because the pianist has taken the floor. */
  mustStrike({ clock, lastStrike }: Moment): boolean {
    return clock >= this.#turns.strikeAt && lastStrike < this.#turns.strikeAt
  }

  /** The note of the pianist's that must end at `moment` while it listens, or -1. */
  mustEnd(moment: Moment): Pitch {
    return this.isListening ? endDueAt(this.#ends, moment, this.notes.others) : -1
  }

  /** The longest wait at `moment` while the pianist listens: `most`, or less up to the end of a note. */
  longestWait(moment: Moment, most: Steps): Steps {
    return Math.min(most, Math.max(1, nextEnd(this.#ends, moment, this.notes.others) - moment.clock))
  }
}
