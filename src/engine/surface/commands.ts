import type { ControlChanges, ControlName, ControlValue } from '../controls/controls.js'
import { type PartName, untouchedOf } from '../controls/parts.js'
import type { Loudness } from '../form/score.js'
import { LEAST_NOTES, MOST_NOTES } from '../form/themes.js'
import type { Progression } from '../language/chords.js'
import type { Style } from '../style/profile.js'
import type { Ms, Pitch, Steps } from '../units.js'

/** A command that a control surface may give to the pianist. */
export type Command =
  | { readonly type: 'set'; readonly control: ControlName; readonly value: ControlValue }
  /** Sets several controls at once: a preset, a step of a glide towards it, or a reset. */
  | { readonly type: 'set-some'; readonly controls: ControlChanges }
  /** Undoes the last change of controls, no matter who made it. */
  | { readonly type: 'undo' }
  /** Begins to play, or goes on after a pause. */
  | { readonly type: 'play' }
  /** Plays no new notes; sounding notes end as planned, within 1 s. */
  | { readonly type: 'pause' }
  /** Ends with a cadence, or, where nothing returns, plays to the next breath of the music, at most 4 s; then pauses. */
  | { readonly type: 'end' }
  /** Plays on without a sound, or with one again. Sounding notes end. */
  | { readonly type: 'mute'; readonly on: boolean }
  /** Silences everything at once, drops the plan and pauses. */
  | { readonly type: 'panic' }
  /** Goes back 4 s, or `back` ms (with a clock: to the last bar), and plays on from there differently. */
  | { readonly type: 'again'; readonly back?: Ms }
  /**
   * In a mode of turns, gives the floor to the pianist, who goes on from what the player has played; or gives it back
   * to the player.
   */
  | { readonly type: 'take-over' }
  /** Remembers the passage just played as the theme of the section, so that it returns. */
  | { readonly type: 'mark-theme' }
  /** Gives the music a theme, as from a MIDI file. {@link GIVEN_LIMITS} are its limits. */
  | { readonly type: 'give-theme'; readonly notes: readonly GivenNote[] }
  /** Has a score played from now on, with the timing and loudness of the pianist; then the music goes on as usual. */
  | { readonly type: 'give-score'; readonly notes: readonly GivenScoreNote[]; readonly freedom: number }
  /** Borrows a manner, as from a MIDI file; null plays in no borrowed manner any more. */
  | { readonly type: 'set-style'; readonly style: Style | null }
  /** Borrows the manner of what the player has played of late. */
  | { readonly type: 'take-style' }
  /** Keeps to these chords from the next bar on, over and over; null keeps to no chords of a progression any more, at once. */
  | { readonly type: 'set-progression'; readonly progression: Progression | null }
  /** Ends all notes, forgets the music so far and begins a new performance. */
  | { readonly type: 'forget' }

/**
 * Limits of a theme that is given: its least and most notes, and its latest onset, 100 s. Larger themes would only let a
 * hostile file or client occupy memory.
 */
export const GIVEN_LIMITS = { least: LEAST_NOTES, most: MOST_NOTES, onset: 10_000 } as const

/** A note of a theme that is given to the music. */
export interface GivenNote {
  /** Steps of the event clock since the theme's beginning. */
  readonly onset: Steps
  /** The pitch that shall sound. */
  readonly pitch: Pitch
}

/** A note of a score that is given to the pianist. */
export interface GivenScoreNote extends GivenNote {
  /** How long it lasts by the score. */
  readonly length: Steps
  /** How loud it is expected to be; without it the network alone decides. */
  readonly loudness?: Loudness
}

/** Most notes of a score that is given to the pianist: an hour of dense music. More would let a hostile file occupy memory. */
export const MOST_SCORE_NOTES = 50_000

/** The number of a preset, which is also the key that recalls it. */
export type PresetNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/**
 * The commands that a control surface may give to the drummer alone. Every other command is for pianist and drummer
 * together.
 */
export type DrumsCommand = Extract<Command, { type: 'set' | 'set-some' | 'undo' }>

/**
 * A request that a control surface may make of the program: a command to the pianist, or an action of the program
 * itself.
 */
export type Request =
  | Exclude<Command, { type: 'mute' }>
  /** Writes what was played in the last 2 minutes into a MIDI file. */
  | { readonly type: 'capture' }
  /** A beat, tapped by the player: from the second on the tempo is that of the taps, and the last tap is a beat. */
  | { readonly type: 'tap-tempo' }
  | { readonly type: 'recall'; readonly preset: PresetNumber }
  /** Binds the next knob or key of a MIDI controller that is moved to this control of the part; null ends learning. */
  | { readonly type: 'learn'; readonly control: ControlName | null; readonly part?: PartName }
  /** Reads a progression as text, such as `Am7 F | C G/B`, and keeps to it; an empty text ends it. */
  | { readonly type: 'chords'; readonly text: string }
  /** A command to the drummer alone. */
  | { readonly type: 'drums'; readonly command: DrumsCommand }
  /** Has a drummer play along, from the next bar on, or no longer. */
  | { readonly type: 'drummer'; readonly on: boolean }
  /** Has a part play on without a sound, or with one again. */
  | { readonly type: 'mute'; readonly part: PartName; readonly on: boolean }
  /** Has one part heard alone, or with null all of them again. */
  | { readonly type: 'solo'; readonly part: PartName | null }
  /** Stores the current controls as this preset. */
  | { readonly type: 'store'; readonly preset: PresetNumber }

/** The request by which a control surface has `command` carried out by `part`: the pianist's commands are requests as they are, the drummer's are wrapped. */
export function requestTo(part: PartName, command: DrumsCommand): Request {
  return part === 'drums' ? { type: 'drums', command } : command
}

/** The request that sets the controls of `part` back to the values that they have before anybody touches them. */
export function resetOf(part: PartName): Request {
  return requestTo(part, { type: 'set-some', controls: untouchedOf(part) })
}

/** Why a request to the drummer is refused where none plays along. */
export const NO_DRUMMER = 'No drummer plays along; start him first (key d, or the page).'

/** Why no drummer can play along where the model plays drums itself. */
export const DRUMS_ALONE = 'This model plays drums itself; no drummer joins it.'

/** The outcome of a request: done, with a sentence if there is something to tell; or refused, with the reason. */
export type Answer =
  | { readonly ok: true; readonly sentence: string | null }
  | { readonly ok: false; readonly reason: string }

/** The sentence for the user that an answer carries: the reason where the request was refused; null for nothing to tell. */
export function sentenceOf(answer: Answer): string | null {
  return answer.ok ? answer.sentence : answer.reason
}
