import type { ControlName, Controls } from '../controls/controls.js'
import type { SetBy } from '../controls/origin.js'
import type { PartName } from '../controls/parts.js'
import type { Ms, Pitch, Velocity } from '../units.js'

/** A note of the plan that sounds or will sound. Times are process time, in ms. */
export interface PlannedNote {
  /** The pitch that sounds, after transposing. */
  readonly pitch: Pitch
  readonly velocity: Velocity
  readonly start: Ms
  /** Null where the plan doesn't reach to the end of the note. */
  readonly end: Ms | null
}

/** Whose turn it is: both play; the player, while the pianist listens; or the pianist, until the player begins. */
export type Floor = 'both' | 'player' | 'pianist'

/** A key as it sounds, after transposing. */
export interface SoundingKey {
  /** The tonic, 0-11 (C is 0). */
  readonly tonic: number
  readonly mode: 'major' | 'minor'
}

/** The slowly changing aims of the pianist where density and key are auto. */
export interface TideAims extends SoundingKey {
  /** Note-ons per second. */
  readonly density: number
}

/** A theme that is kept in order to return, with its key. */
export interface KeptTheme extends SoundingKey {
  /** The letter of the sections in which it returns: `A`, `B`, ... */
  readonly letter: string
  readonly seconds: number
  /** Number of its notes. */
  readonly notes: number
}

/** The place of the music in its form. */
export interface FormPlace {
  /** Number of the movement, from 1. */
  readonly movement: number
  /** The movement's sections, those played and those to come: A, B, A', C, A''; in free form the current one alone. */
  readonly sections: readonly string[]
  /** Index of the current section among `sections`. */
  readonly current: number
  /** What the music is led through now: a theme that returns, or a cadence; null for neither. */
  readonly hears: 'theme' | 'cadence' | null
  readonly themes: readonly KeptTheme[]
  /** Whether enough has been played for *mark theme*. */
  readonly canMark: boolean
}

/** A chord of a progression as it is shown. */
export interface ShownChord {
  /** The symbol of the chord; `N.C.` for no chord. */
  readonly symbol: string
  /** The bar that it begins in, from 1. */
  readonly bar: number
}

/** The chords that the music keeps to, and where it is in them. */
export interface ChordPlace {
  /** The chord that the player has played, which comes before those of a progression; null for none. */
  readonly latched: string | null
  /** The chords of the progression, in order; empty where there is none. */
  readonly chords: readonly ShownChord[]
  /** Index among `chords` of the one in force; null before the first, and where there is no beat. */
  readonly current: number | null
  /** Quarter notes until the next begins, a begun one counted whole; null where there is no beat. */
  readonly beatsLeft: number | null
}

/** The place of a drummer's music in its phrase. */
export interface GroovePlace {
  /** Number of the bar in the phrase, from 1, and the number of the phrase's bars. */
  readonly bar: number
  readonly of: number
  /** In how many bars a fill comes; 0 in the bar that ends with it, null for no fills. */
  readonly fillIn: number | null
  /** Whether a bar is remembered that is played again. */
  readonly isKept: boolean
}

/** The beat that the band shares. */
export interface Beat {
  /** In quarter notes per minute. */
  readonly tempo: number
  /** Place in the song at `at`, in quarter notes; null while the song is stopped. */
  readonly position: number | null
  /** Process time. */
  readonly at: Ms
  /** `heard`: a band that Rubato follows; `ours`: Rubato's own beat, whether it gives a clock or not. */
  readonly source: 'heard' | 'ours'
}

/** Who plays along, and what is heard of the parts. */
export interface Mix {
  /** `none`: no drummer can play along; `starting`: he has been asked for, and comes in soon. */
  readonly drummer: 'none' | 'off' | 'starting' | 'on'
  readonly muted: Readonly<Record<PartName, boolean>>
  /** The part that is heard alone; null for none. */
  readonly solo: PartName | null
}

/** The state of the pianist that control surfaces show: a copy, made anew a few times a second, for reading only. */
export interface Snapshot {
  readonly paused: boolean
  /** Paused by a command or before the start, and not merely by the player's pedal. */
  readonly stopped: boolean
  /** The pianist plays on to the next breath of the music and pauses there. */
  readonly ending: boolean
  readonly floor: Floor
  readonly controls: Controls
  /** Who set each control last; controls that nobody has set since the start are missing. */
  readonly setBy: Readonly<Partial<Record<ControlName, SetBy>>>
  /** The controls of which a change waits for the next beat or bar, by `quantise`. */
  readonly waiting: readonly ControlName[]
  /** How many changes of controls can be undone. */
  readonly undoable: number
  /** Null where the tide is off or leads nothing, and before it has begun. */
  readonly tide: TideAims | null
  /** Null where nothing returns (memory 0, or a model of strokes), and before the first note. */
  readonly form: FormPlace | null
  /** Null where the music keeps to no chords. */
  readonly chords: ChordPlace | null
  /** Null where no bars are kept: steady 0, or music that isn't strokes in bars. */
  readonly groove: GroovePlace | null
  /** Whether it plays on without a sound. */
  readonly muted: boolean
  /** What the manner that is borrowed was taken from: the name of a file, or `what you played`; null for none. */
  readonly style: string | null
  /** Whether the player has played enough for *take my style*. */
  readonly canTakeStyle: boolean
  /** Null where there is no clock. */
  readonly beat: Beat | null
  /** The beats of the count-in that are left, the current one included; null where none is counted. */
  readonly countIn: number | null
  /** How far ahead of now the music is planned, in ms. */
  readonly planned: Ms
  /** The plan time up to which every message has been sent. */
  readonly position: Ms
  /** The pitches of the keys that the player holds down. */
  readonly held: readonly Pitch[]
  /**
   * The pitch classes that the player's keys ask for: twelve shares for C to B with sum 1; null where no key counts.
   */
  readonly heardWeights: readonly number[] | null
  /** How often the music was moved later because the performer fell behind, and by how many ms in all. */
  readonly slips: number
  readonly slippedMs: Ms
  /** How often the plan was rewound and drawn anew, because a control or the player's playing changed. */
  readonly rewinds: number
  /** How many steps the network has computed. */
  readonly steps: number
  /** How many events have been drawn. */
  readonly events: number
  /** The notes that sound and those planned, by their start; empty where no control surface shows them. */
  readonly ahead: readonly PlannedNote[]
}
