import type { Channel, Ms, NoteId, Pitch, Velocity } from '../units.js'

/** Controllers that act on held notes, and the channel mode messages that end them (MIDI 1.0, tables 3 and 4). */
export const SUSTAIN = 64
export const SOSTENUTO = 66
export const ALL_SOUND_OFF = 120
export const RESET_ALL_CONTROLLERS = 121
export const ALL_NOTES_OFF = 123

/** Whether a channel mode message ends all notes: those that change the mode (omni, mono, poly) do so as well. */
export function endsAllNotes(controller: number): boolean {
  return controller === ALL_SOUND_OFF || controller >= ALL_NOTES_OFF
}

/**
 * What goes to the port, with its exact time. `due` is when it must sound. A note-on carries `mustEnd`: the stage
 * ends the note then, whatever anybody says. A note-off names its note-on by id and goes where that went.
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

/** What the ear understood of the bytes on an input port. Channels 0-15. `at` is process time of arrival. */
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

/** A tick of a MIDI clock, or where the song stands in it (MIDI beats, sixteenth notes). `at` is process time of arrival. */
export type ClockMessage =
  | { readonly kind: 'clock'; readonly at: Ms }
  | { readonly kind: 'song-position'; readonly at: Ms; readonly sixteenths: number }

/** What we say as the band's clock (MIDI 1.0, system real-time messages). `due` is process time. */
export interface RealtimeMessage {
  readonly kind: 'realtime'
  readonly due: Ms
  readonly message: 'clock' | 'start' | 'stop'
}

/** Who asked for a message: `performer` means planned ahead, and only there is lateness a measure of anything. */
export type Source = 'performer' | 'ear' | 'stage'

/**
 * What became of a message: sent; `late`: a note-on too late to be music; `panicked`: older than a panic;
 * `cancelled`: its note-off came first; `failed`: the port threw. All but `sent` were not heard.
 */
export type Fate = 'sent' | 'late' | 'panicked' | 'cancelled' | 'failed'

/** What the stage did with a message, and when: `due` and `sentAt` in process time. */
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
