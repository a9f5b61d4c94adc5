import type { Command } from '../engine/commands.js'
import type { Snapshot } from '../engine/snapshot.js'

/** What a key asks for: a command to the pianist, or something of the program. */
export type KeyAction =
  | Command
  | { readonly type: 'quit' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'suspend' }

/** A key, as the terminal sends it in raw mode, and what it does. */
export interface KeyBinding {
  readonly key: string
  readonly name: string
  readonly help: string
  readonly action: (snapshot: Snapshot | undefined) => KeyAction
}

/** The one table of keys: what binds them shows them. */
export const KEY_BINDINGS: readonly KeyBinding[] = [
  {
    key: ' ',
    name: 'space',
    help: 'pause and go on',
    action: (snapshot) => ({ type: snapshot?.paused ? 'play' : 'pause' }),
  },
  {
    key: '!',
    name: '!',
    help: 'panic: silence at once, then paused (space goes on)',
    action: () => ({ type: 'panic' }),
  },
  { key: 'e', name: 'e', help: 'end: play to the next breath', action: () => ({ type: 'end' }) },
  {
    key: 'b',
    name: 'b',
    help: 'again: back 4 s, and on from there differently',
    action: () => ({ type: 'again' }),
  },
  { key: 'x', name: 'x', help: 'forget: begin a new performance', action: () => ({ type: 'forget' }) },
  { key: 'q', name: 'q', help: 'quit', action: () => ({ type: 'quit' }) },
  { key: '\x03', name: 'Ctrl-C', help: 'quit at once', action: () => ({ type: 'interrupt' }) },
  {
    key: '\x1a',
    name: 'Ctrl-Z',
    help: 'silence, then stop the program',
    action: () => ({ type: 'suspend' }),
  },
]

/** The actions of what a terminal sent: fast keys can arrive as one string. Keys that mean nothing are passed over. */
export function keyActions(input: string, snapshot: Snapshot | undefined): KeyAction[] {
  return [...input].flatMap((key) => {
    const binding = KEY_BINDINGS.find((candidate) => candidate.key === key)
    return binding ? [binding.action(snapshot)] : []
  })
}
