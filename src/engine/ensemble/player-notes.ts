import type { Controls } from '../controls/controls.js'
import { PITCH_COUNT, velocityBin } from '../language/events.js'
import type { HeardMessage } from '../language/messages.js'
import type { Edge } from '../plan/merge.js'
import type { NoteOutput } from '../plan/note-output.js'
import type { DrawPitch, Merged, Plan } from '../plan/plan.js'
import { chance } from '../sampling/chance.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import { openVoices } from './harmony.js'

type StrikeMessage = Extract<HeardMessage, { kind: 'note-on' }>

/** What the player's notes are put into. */
export interface PlayerNotesOptions {
  readonly plan: Plan
  readonly wayOut: NoteOutput
  readonly seed: number
  /** 1 where a pitch of history is not the pianist's, [128]: kept up here. */
  readonly others: Uint8Array
  /** Pitches of history that may be struck as far as key lock and register say, [128]. */
  readonly noteOns: () => Uint8Array
  /** Sees how history was changed. */
  readonly onMerged: (merged: Merged) => void
}

/**
 * The player's notes, and those that sound with their keys, in the pianist's own history: put in at their true times, taken
 * out when the keys lift, in whatever mode that is.
 */
export interface PlayerNotes {
  /**
   * The player strikes a key, heard at `message.at`; everything up to `position` is history. In the mode `harmonize` the notes
   * that sound with it are drawn and sent.
   */
  strike(message: StrikeMessage, position: Ms, controls: Controls): void
  /** Ends what is not `held` any more (pitches as they sound). @returns whether there was any */
  lift(held: readonly Pitch[], at: Ms, position: Ms, controls: Controls): boolean
  /** History has let go of everything that sounded in it. */
  clear(): void
}

/** A key of the player's that stands in history. */
interface StandingKey {
  /** In history. */
  readonly pitch: Pitch
  readonly struckAt: Steps
  /** Notes that sound with it, in history. */
  readonly voices: Pitch[]
}

/**
 * A note that is added to a key is due this long after it. Sooner, and drawing four takes longer than that at times, which
 * is heard as a jitter; later is heard as an echo.
 */
const HARMONY_NOTICE_MS: Ms = 8
/** An added note ends here even if nobody lifts the key: an organist's drone lasts, a lost note-off is not heard forever. */
const LONGEST_VOICE_MS: Ms = 10 * 60_000
/** Chance's runs are counted from 0 by the performances, and from the top by the tide: this one is free. */
const HARMONY_RUN = 0xfffffffe

/** A history without notes of the player's. */
export function createPlayerNotes(options: PlayerNotesOptions): PlayerNotes {
  const { plan, wayOut, others } = options
  /** By pitch as the key sounds. */
  const keys = new Map<Pitch, StandingKey>()
  const open = new Uint8Array(PITCH_COUNT)
  let harmonies = 0

  const stepOf = (at: Ms) => Math.round(at / STEP_MS)

  function put(edges: readonly Edge[], position: Ms, choose?: (draw: DrawPitch) => void): void {
    options.onMerged(plan.merge(edges, position, choose))
  }

  function end(key: Pitch, at: Ms, controls: Controls): Edge[] {
    const standing = keys.get(key)
    if (!standing) return []
    keys.delete(key)
    const clock = Math.max(stepOf(at), standing.struckAt + 1)
    for (const voice of standing.voices) wayOut.endNote(voice, at, controls)
    return [standing.pitch, ...standing.voices].map((pitch) => {
      others[pitch] = 0
      return { clock, pitch, bin: 0 }
    })
  }

  /** `pitch` is the player's now: what else sounds there ends. */
  function claim(pitch: Pitch, position: Ms, controls: Controls): void {
    wayOut.endNote(pitch, position, controls)
    for (const { voices } of keys.values()) {
      const index = voices.indexOf(pitch)
      if (index >= 0) voices.splice(index, 1)
    }
    others[pitch] = 1
  }

  function strike(message: StrikeMessage, position: Ms, controls: Controls): void {
    const { at, pitch: key, velocity } = message
    const pitch = key - controls.transpose
    if (pitch < 0 || pitch >= PITCH_COUNT) return
    const ended = end(key, at, controls)
    // A note lasts a step at least, and its end must be history too.
    const clock = Math.min(stepOf(at), Math.floor(position / STEP_MS) - 1)
    claim(pitch, position, controls)
    const standing = { pitch, struckAt: clock, voices: [] }
    keys.set(key, standing)
    const struck = { clock, pitch, bin: velocityBin(velocity) }
    put(
      [...ended.filter((edge) => edge.pitch !== pitch), struck],
      position,
      controls.mode === 'harmonize' ? (draw) => harmonize(standing, message, draw, controls) : undefined,
    )
  }

  /** The notes that sound with a key just struck: each drawn given those before it. */
  function harmonize(
    { pitch: root, voices }: StandingKey,
    { at, velocity }: StrikeMessage,
    draw: DrawPitch,
    controls: Controls,
  ): void {
    const limited = Math.max(controls.velocityMin, Math.min(controls.velocityMax, velocity))
    while (voices.length < Math.min(controls.voices, controls.polyphony)) {
      openVoices(open, root, controls.intervals, options.noteOns(), others, voices)
      const pitch = draw(open, chance(options.seed, HARMONY_RUN, harmonies++, 0))
      if (pitch < 0) return
      wayOut.sendHeld(pitch, at + HARMONY_NOTICE_MS, LONGEST_VOICE_MS, limited, controls)
      others[pitch] = 1
      voices.push(pitch)
    }
  }

  function lift(held: readonly Pitch[], at: Ms, position: Ms, controls: Controls): boolean {
    const lifted = [...keys.keys()].filter((key) => !held.includes(key))
    if (lifted.length === 0) return false
    put(
      lifted.flatMap((key) => end(key, at, controls)),
      position,
    )
    return true
  }

  return {
    strike,
    lift,
    clear: () => {
      keys.clear()
      others.fill(0)
    },
  }
}
