import { chance } from '../chance.js'
import type { Controls } from '../controls/controls.js'
import { PITCH_COUNT, velocityBin } from '../language/events.js'
import type { HeardMessage } from '../language/messages.js'
import type { Edge } from '../plan/merge.js'
import { limitVelocity, type NoteOutput } from '../plan/note-output.js'
import type { DrawPitch, Merged, Plan } from '../plan/plan.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { clashes, type Harmony, openVoices } from './harmony.js'

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

/** Keys struck within this time of the first are one chord: shorter parts chords of slow hands, longer joins fast notes. */
const TOGETHER_MS: Ms = 30

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
  readonly #allowed = new Uint8Array(PITCH_COUNT)
  /** The keys struck together with the last, which are one chord. */
  #chord: readonly StandingKey[] = []
  /** When the first key of the chord was struck. */
  #chordFrom: Ms = Number.NEGATIVE_INFINITY
  /** Number of notes drawn for keys so far. */
  #harmonies = 0

  /** @param seed of the random numbers for added notes, 0 to 2^32 - 1 */
  constructor(seed: number) {
    this.#seed = seed
  }

  /**
   * Puts a key that the player struck at `message.at` into history.
   * @param harmony given if notes shall be drawn and sent together with the key: what they keep to
   */
  strike(message: KeyStrike, history: History, harmony?: Harmony): void {
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
    const retracted = harmony ? this.#joinChord(standing, at, history) : []
    const edges = [
      ...[...ended, ...retracted].filter((edge) => edge.pitch !== pitch),
      { clock, pitch, bin: velocityBin(velocity) },
    ]
    const harmonize =
      harmony && ((draw: DrawPitch) => this.#harmonize(standing, message, draw, harmony, history))
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
    this.#chord = []
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
    this.#chord = this.#chord.filter((other) => other !== standing)
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

  /**
   * A key struck at `at` joins the chord of the keys struck just before, or begins another. Notes added to these that clash with
   * it end, since they can't be taken back. @returns their ends in history
   */
  #joinChord(standing: StandingKey, at: Ms, { output, controls }: History): Edge[] {
    if (Math.abs(at - this.#chordFrom) > TOGETHER_MS) {
      this.#chord = []
      this.#chordFrom = at
    }
    const edges: Edge[] = []
    for (const { struckAt, voices } of this.#chord) {
      for (const voice of voices.filter((pitch) => clashes(pitch - standing.pitch))) {
        voices.splice(voices.indexOf(voice), 1)
        output.endNote(voice, at, controls)
        this.others[voice] = 0
        edges.push({ clock: Math.max(stepOf(at), struckAt + 1), pitch: voice, bin: 0 })
      }
    }
    this.#chord = [...this.#chord, standing]
    return edges
  }

  /** Draws and sends the notes that sound with a key just struck; each is drawn given those before it. */
  #harmonize(
    standing: StandingKey,
    { at, velocity }: KeyStrike,
    draw: DrawPitch,
    { noteOns, scale }: Harmony,
    { output, controls }: History,
  ): void {
    const { pitch: root, voices } = standing
    const limited = limitVelocity(velocity, controls)
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      const isInScale = (scale >> ((pitch + controls.transpose + 120) % 12)) & 1
      this.#allowed[pitch] = isInScale & noteOns[pitch]!
    }
    const keys = this.#chord.filter((other) => other !== standing).map(({ pitch }) => pitch)
    while (voices.length < Math.min(controls.voices, controls.polyphony)) {
      const together = { keys, voices: this.#chord.flatMap((key) => key.voices) }
      openVoices(this.#open, root, controls.intervals, this.#allowed, this.others, together)
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
