import type { Channel, Ms, NoteId, Pitch, Velocity } from '../units.js'

/** Controllers that act on held notes, and the channel mode messages that end them (MIDI 1.0, tables 3 and 4). */
export const SUSTAIN = 64
export const SOSTENUTO = 66
export const ALL_SOUND_OFF = 120
export const RESET_ALL_CONTROLLERS = 121
export const ALL_NOTES_OFF = 123

/** A switch controller (a pedal, a button) is on or down from this value on (MIDI 1.0, table 3). */
export const SWITCH_ON = 64

/** Whether a channel mode message ends all notes. The messages that change the mode (omni, mono, poly) end them as well. */
export function endsAllNotes(controller: number): boolean {
  return controller === ALL_SOUND_OFF || controller >= ALL_NOTES_OFF
}

/**
 * A message for the port. `due` is the exact time at which it must sound. `mustEnd` of a note-on is the time at which the
 * stage ends the note even if no note-off comes. A note-off names its note-on by id and goes to the same channel and pitch.
 */
export type TimedMessage =
  | {
      readonly kind: 'note-on'
      readonly due: Ms
      readonly mustEnd: Ms
      readonly id: NoteId
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: Velocity
    }
  | { readonly kind: 'note-off'; readonly due: Ms; readonly id: NoteId }
  | {
      readonly kind: 'control-change'
      readonly due: Ms
      readonly channel: Channel
      readonly controller: number
      readonly value: number
    }

/** A message that the ear read from the bytes on an input port. Channels 0-15. `at` is the process time of arrival. */
export type HeardMessage =
  | {
      readonly kind: 'note-on'
      readonly at: Ms
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: Velocity
    }
  | {
      readonly kind: 'note-off'
      readonly at: Ms
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: number
    }
  | {
      readonly kind: 'control-change'
      readonly at: Ms
      readonly channel: Channel
      readonly controller: number
      readonly value: number
    }
  | { readonly kind: 'transport'; readonly at: Ms; readonly action: 'start' | 'continue' | 'stop' }

/** A tick of a MIDI clock, or a song position in MIDI beats (sixteenth notes). `at` is the process time of arrival. */
export type MidiClockMessage =
  | { readonly kind: 'clock'; readonly at: Ms }
  | { readonly kind: 'song-position'; readonly at: Ms; readonly sixteenths: number }

/** The song of a band is at place `beat`, in quarter notes, at process time `at`, and goes on at `tempo` of them a minute. */
export interface SongTimeline {
  readonly kind: 'timeline'
  readonly at: Ms
  readonly beat: number
  readonly tempo: number
}

/** The player has tapped a beat at process time `at`. */
export interface TappedBeat {
  readonly kind: 'tap'
  readonly at: Ms
}

/** A message about the beat of a band. */
export type ClockMessage = MidiClockMessage | SongTimeline | TappedBeat

/** A message that Rubato sends when it gives the band its clock (MIDI 1.0, system real-time messages). `due` is process time. */
export interface RealtimeMessage {
  readonly kind: 'realtime'
  readonly due: Ms
  readonly message: 'clock' | 'start' | 'stop'
}

/** Which thread asked for a message. Only the performer plans ahead, so only the lateness of its messages measures anything. */
export type Source = 'performer' | 'ear' | 'stage'

/**
 * The fate of a message: `sent`; `late`: a note-on that was dropped because it came too late to be music; `panicked`:
 * dropped because it is older than a panic; `cancelled`: a note-on whose note-off came first; `failed`: the port threw an
 * error. Only messages that were `sent` were heard.
 */
export type Fate = 'sent' | 'late' | 'panicked' | 'cancelled' | 'failed'

/** A message with its fate at the stage. `due` and `sentAt` are process time. */
export type SentMessage = {
  readonly due: Ms
  readonly sentAt: Ms
  readonly source: Source
  readonly fate: Fate
} & (
  | {
      readonly kind: 'note-on'
      readonly id: NoteId
      readonly channel: Channel
      readonly pitch: Pitch
      readonly velocity: Velocity
    }
  | { readonly kind: 'note-off'; readonly id: NoteId; readonly channel: Channel; readonly pitch: Pitch }
  | {
      readonly kind: 'control-change'
      readonly channel: Channel
      readonly controller: number
      readonly value: number
    }
)
