/** Numbers have names. These are plain numbers at run time; the names say what a function takes and gives. */

/** Milliseconds, fractional. Which clock is said where it matters: *plan time* or process time. */
export type Ms = number

/** Event-clock steps of {@link STEP_MS}; whole numbers. */
export type Steps = number

/** MIDI pitch 0-127; 60 is middle C. */
export type Pitch = number

/** MIDI velocity 1-127 (0 never means a note here). */
export type Velocity = number

/** MIDI channel 0-15 as on the wire (the user sees 1-16). */
export type Channel = number

/** Identifies one sounding note from its note-on to its note-off. */
export type NoteId = number

/** One step of the event clock (Simon & Oore 2017: time shifts in multiples of 10 ms). */
export const STEP_MS: Ms = 10

/**
 * Steps of a quarter note where a model's time is the beat: two a tick of the MIDI clock, 10.4 ms at 120 beats a minute.
 * Such a model plays in a plan time of its own, in which a quarter note is 480 ms, as at {@link BEAT_TEMPO}.
 */
export const STEPS_PER_BEAT: Steps = 48
export const BEAT_TEMPO = 60_000 / (STEPS_PER_BEAT * STEP_MS)
