/**
 * The ways in which the pianist plays with the player at the keyboard; the help of the control `mode` says what each
 * does.
 */
export const MODES = ['solo', 'follow', 'duet', 'answer', 'continue', 'harmonize'] as const
export type ModeName = (typeof MODES)[number]
