import { ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN } from '../../engine/language/messages.js'

/**
 * Controllers that silence a channel when sent with value 0: pedal up, all notes off, all sound off. The pedal comes first,
 * because many synths go on holding notes under a pedal after *all notes off*.
 */
export const SILENCING_CONTROLLERS = [SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF] as const
