/**
 * Names for numbers. All of these types are plain numbers at run time; the names tell what a function expects and returns.
 * *Process time* is the time of the process's clock. *Plan time* is the time of the music: it stands still while the music
 * is paused.
 */

/** Milliseconds, not necessarily whole. Whether plan time or process time is meant is said wherever it matters. */
export type Ms = number

/** Whole steps of the event clock, {@link STEP_MS} each. */
export type Steps = number

/** MIDI pitch 0-127; 60 is middle C. */
export type Pitch = number

/** MIDI velocity 1-127. A note-on of velocity 0 has become a note-off before it gets here. */
export type Velocity = number

/** MIDI channel 0-15 as on the wire (the user sees 1-16). */
export type Channel = number

/** Identifies one sounding note from its note-on to its note-off. */
export type NoteId = number

/** One step of the event clock (Simon & Oore 2017: time shifts in multiples of 10 ms). */
export const STEP_MS: Ms = 10

export const MINUTE_MS: Ms = 60_000

/**
 * Steps of a quarter note for a model whose steps are fractions of a beat: two steps a tick of the MIDI clock. In the plan
 * time of such a model a quarter note always takes 480 ms, as at {@link BEAT_TEMPO}; a rate maps plan time to process time.
 */
export const STEPS_PER_BEAT: Steps = 48

/** Steps of a bar of four beats for such a model. */
export const BAR_STEPS: Steps = 4 * STEPS_PER_BEAT

/** The tempo, in quarter notes a minute, at which the plan time of a beat-stepped model runs as fast as process time: 125. */
export const BEAT_TEMPO = MINUTE_MS / (STEPS_PER_BEAT * STEP_MS)
