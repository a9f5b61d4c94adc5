/**
 * The source of a change of a control: the keys of the terminal, a MIDI controller, a client of the WebSocket, or the band,
 * whose tempo has changed (Link).
 */
export type Origin = 'keys' | 'controller' | 'web' | 'band'

/**
 * Who set a control last; `keyboard` while the player's held keys lead the control, whatever value it is set to.
 */
export type SetBy = Origin | 'keyboard'
