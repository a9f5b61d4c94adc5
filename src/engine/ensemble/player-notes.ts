import { chance } from '../chance.js'
import type { Controls } from '../controls/controls.js'
import { PITCH_COUNT, velocityBin } from '../language/events.js'
import type { HeardMessage } from '../language/messages.js'
import type { Edge } from '../plan/merge.js'
import { limitVelocity, type NoteOutput } from '../plan/note-output.js'
import type { DrawPitch, Merged, Plan } from '../plan/plan.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { openVoices } from './harmony.js'

/** The message of a key that the player strikes. */
export type KeyStrike = Extract<HeardMessage, { kind: 'note-on' }>

/** The current music, into which the player's notes are put. */
export interface History {
  readonly plan: Plan
  readonly output: NoteOutput
  readonly controls: Controls
  /** Plan time up to which everything is history. */
  readonly position: Ms
  /** Called after each merge with the change of history. */
  onMerged(merged: Merged): void
}

/** A key of the player's whose note sounds in history. */
interface StandingKey {
  /** Pitch of the key's note in history. */
  readonly pitch: Pitch
  readonly struckAt: Steps
  /** Pitches, in history, of the notes that were added to the key. */
  readonly voices: Pitch[]
}

/**
 * A note that is added to a key is due this long after the key. With a shorter notice, drawing four notes sometimes takes
 * longer than the notice, which is heard as jitter; with a longer one the notes are heard as an echo.
 */
const HARMONY_NOTICE_MS: Ms = 8

/**
 * An added note ends after this time even if nobody lifts its key: long enough for an organist's drone, and short enough
 * that a lost note-off is not heard forever.
 */
const LONGEST_VOICE_MS: Ms = 10 * 60_000

/** The run of random numbers that added notes are drawn with: performances count their runs from 0, the tide uses the topmost. */
const HARMONY_RUN = 0xfffffffe

/**
 * The player's notes, and the notes added to the player's keys, in the pianist's own history. They are put in at their true
 * times and taken out when the keys lift, whichever mode is in force by then.
 */
export class PlayerNotes {
  /** 1 where a pitch of history is held by the player or sounds with a key of theirs, [128]. Nothing else writes to it. */
  readonly others = new Uint8Array(PITCH_COUNT)
  readonly #seed: number
  /** The player's keys whose notes sound in history, by the pitch that the key sounds at. */
  readonly #keys = new Map<Pitch, StandingKey>()
  readonly #open = new Uint8Array(PITCH_COUNT)
  /** Number of notes drawn for keys so far. */
  #harmonies = 0

  /** @param seed of the random numbers for added notes, 0 to 2^32 - 1 */
  constructor(seed: number) {
    this.#seed = seed
  }

  /**
   * Puts a key that the player struck at `message.at` into history.
   * @param noteOns given if notes shall be drawn and sent together with the key: the pitches of history that they may have,
   * [128]
   */
  strike(message: KeyStrike, history: History, noteOns?: Uint8Array): void {
    const { controls, position } = history
    const { at, pitch: key, velocity } = message
    const pitch = key - controls.transpose
    if (pitch < 0 || pitch >= PITCH_COUNT) return
    const ended = this.#end(key, at, history)
    // A note lasts a step at least, and its end must be history too.
    const clock = Math.min(stepOf(at), Math.floor(position / STEP_MS) - 1)
    this.#claim(pitch, history)
    const standing = { pitch, struckAt: clock, voices: [] }
    this.#keys.set(key, standing)
    const edges = [
      ...ended.filter((edge) => edge.pitch !== pitch),
      { clock, pitch, bin: velocityBin(velocity) },
    ]
    const harmonize =
      noteOns && ((draw: DrawPitch) => this.#harmonize(standing, message, draw, noteOns, history))
    history.onMerged(history.plan.merge(edges, position, harmonize))
  }

  /** Ends in history, at plan time `at`, the keys that are not among `held` any more. @returns whether there were any */
  lift(held: readonly Pitch[], at: Ms, history: History): boolean {
    const lifted = [...this.#keys.keys()].filter((key) => !held.includes(key))
    if (lifted.length === 0) return false
    const edges = lifted.flatMap((key) => this.#end(key, at, history))
    history.onMerged(history.plan.merge(edges, history.position))
    return true
  }

  /** Forgets every key: nothing sounds in history any more. */
  clear(): void {
    this.#keys.clear()
    this.disown()
  }

  /**
   * Leaves the player's notes to the pianist, which may end and strike them from now on. Each note still ends when its key
   * lifts.
   */
  disown(): void {
    this.others.fill(0)
  }

  #end(key: Pitch, at: Ms, { output, controls }: History): Edge[] {
    const standing = this.#keys.get(key)
    if (!standing) return []
    this.#keys.delete(key)
    const clock = Math.max(stepOf(at), standing.struckAt + 1)
    for (const voice of standing.voices) output.endNote(voice, at, controls)
    return [standing.pitch, ...standing.voices].map((pitch) => {
      this.others[pitch] = 0
      return { clock, pitch, bin: 0 }
    })
  }

  /** Makes `pitch` the player's: a note of the pianist's that sounds there ends, and so does one that was added to a key. */
  #claim(pitch: Pitch, { output, position, controls }: History): void {
    output.endNote(pitch, position, controls)
    for (const { voices } of this.#keys.values()) {
      const index = voices.indexOf(pitch)
      if (index >= 0) voices.splice(index, 1)
    }
    this.others[pitch] = 1
  }

  /** Draws and sends the notes that sound with a key just struck; each is drawn given those before it. */
  #harmonize(
    { pitch: root, voices }: StandingKey,
    { at, velocity }: KeyStrike,
    draw: DrawPitch,
    noteOns: Uint8Array,
    { output, controls }: History,
  ): void {
    const limited = limitVelocity(velocity, controls)
    while (voices.length < Math.min(controls.voices, controls.polyphony)) {
      openVoices(this.#open, root, controls.intervals, noteOns, this.others, voices)
      const pitch = draw(this.#open, chance(this.#seed, HARMONY_RUN, this.#harmonies++, 0))
      if (pitch < 0) return
      output.sendHeld(pitch, at + HARMONY_NOTICE_MS, LONGEST_VOICE_MS, limited, controls)
      this.others[pitch] = 1
      voices.push(pitch)
    }
  }
}

function stepOf(at: Ms): Steps {
  return Math.round(at / STEP_MS)
}
