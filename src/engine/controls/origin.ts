/**
 * The source of a change of a control: the keys of the terminal, a MIDI controller, or a client of the WebSocket.
 */
export type Origin = 'keys' | 'controller' | 'web'

/**
 * Who set a control last; `keyboard` while the player's held keys lead the control, whatever value it is set to.
 */
export type SetBy = Origin | 'keyboard'
