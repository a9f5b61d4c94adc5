import { ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN } from '../../engine/language/messages.js'

/**
 * Controllers that silence a channel when sent with value 0: pedal up, all notes off, all sound off. In this order,
 * because many synths go on holding notes under a pedal after *all notes off*.
 */
export const SILENCING_CONTROLLERS = [SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF] as const

/** How fast a key was let go where nobody knows: the value that MIDI 1.0 gives for keyboards that don't sense it. */
export const RELEASE_VELOCITY = 64
