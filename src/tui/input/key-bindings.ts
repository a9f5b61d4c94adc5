import { CONTROLS, MODES, type ModeName } from '../../engine/controls/controls.js'
import type { PresetNumber, Request } from '../../engine/surface/commands.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import type { Adjustment } from './control-adjust.js'

/** The action that a key asks for: of the music, of the process around it, or of the dashboard itself. */
export type KeyAction =
  | Request
  | { readonly type: 'quit' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'suspend' }
  | { readonly type: 'choose'; readonly by: number }
  | { readonly type: 'adjust'; readonly adjustment: Adjustment }
  | { readonly type: 'begin-typing' }
  | { readonly type: 'begin-chords' }
  /** Sets the chosen control back to its default, or to auto. */
  | { readonly type: 'reset-chosen' }
  | { readonly type: 'reset' }
  | { readonly type: 'begin-storing' }
  | { readonly type: 'learn-chosen' }
  /** Has a drummer play along; where one does, shows his controls, or those of the pianist again. */
  | { readonly type: 'next-part' }
  /** Mutes the part whose controls are shown, or has it heard alone; or takes that back. */
  | { readonly type: 'toggle-mute' }
  | { readonly type: 'toggle-solo' }
  | { readonly type: 'next-view' }
  | { readonly type: 'show-keys' }
  | { readonly type: 'redraw' }
  /** Closes the list of keys if it is shown, otherwise ends learning. */
  | { readonly type: 'leave-off' }

/** A key, or several keys of one kind, and what they ask for. */
interface KeyBinding {
  /** The names that the input parser gives the keys. */
  readonly key: readonly string[]
  readonly name: string
  readonly help: string
  readonly action: (key: string, snapshot: Snapshot | undefined) => KeyAction
}

function adjust(by: 1 | -1, grain: Adjustment['grain'], end: Adjustment['end'] = 'high'): KeyAction {
  return { type: 'adjust', adjustment: { by, grain, end } }
}

function nextMode(mode: ModeName, by: 1 | -1): ModeName {
  const { options } = CONTROLS.mode
  return options[(options.indexOf(mode) + by + options.length) % options.length] ?? mode
}

/** An action that depends on neither key nor snapshot. */
const just = (action: KeyAction) => () => action

/** The function keys, one for each mode. */
const MODE_KEYS: readonly string[] = MODES.map((_, n) => `f${n + 1}`)

/** How many controls page-up and page-down skip: about a column of them on the screen. */
const PAGE = 6

/** The one table of keys: it decides what a key does, and the help on the screen is made from it. */
export const KEY_BINDINGS: readonly KeyBinding[] = [
  {
    key: [' '],
    name: 'space',
    help: 'pause and go on',
    action: (_, snapshot) => ({
      type: snapshot?.paused && snapshot.countIn === null ? 'play' : 'pause',
    }),
  },
  {
    key: ['!'],
    name: '!',
    help: 'panic: silence at once, then paused (space goes on)',
    action: just({ type: 'panic' }),
  },
  {
    key: ['e'],
    name: 'e',
    help: 'end: with a cadence, or at the next breath',
    action: just({ type: 'end' }),
  },
  {
    key: ['b'],
    name: 'b',
    help: 'again: back 4 s, and on from there differently',
    action: just({ type: 'again' }),
  },
  {
    key: ['k'],
    name: 'k',
    help: 'keep the passage just played as a theme that returns',
    action: just({ type: 'mark-theme' }),
  },
  {
    key: ['y', 'Y'],
    name: 'y, Y',
    help: 'borrow the manner of what you played; forget the style',
    action: (key) => (key === 'y' ? { type: 'take-style' } : { type: 'set-style', style: null }),
  },
  {
    key: ['h'],
    name: 'h',
    help: 'harmony: type chords to keep to, as Am7 F | C G/B; empty ends them',
    action: just({ type: 'begin-chords' }),
  },
  {
    key: ['m', 'M'],
    name: 'm, M',
    help: 'the next, the last way of playing together (mode)',
    action: (key, snapshot) => ({
      type: 'set',
      control: 'mode',
      value: nextMode(snapshot?.controls.mode ?? CONTROLS.mode.default, key === 'm' ? 1 : -1),
    }),
  },
  {
    key: MODE_KEYS,
    name: `F1-F${MODES.length}`,
    help: `modes: ${MODES.join(', ')}`,
    action: (key) => ({
      type: 'set',
      control: 'mode',
      value: MODES[MODE_KEYS.indexOf(key)] ?? CONTROLS.mode.default,
    }),
  },
  {
    key: ['t'],
    name: 't',
    help: 'in turns: it takes over now, or gives back',
    action: just({ type: 'take-over' }),
  },
  {
    key: ['T'],
    name: 'T',
    help: 'tap the tempo: the last tap is a beat',
    action: just({ type: 'tap-tempo' }),
  },
  { key: ['x'], name: 'x', help: 'forget: begin a new performance', action: just({ type: 'forget' }) },
  {
    key: ['c'],
    name: 'c',
    help: 'capture: the last 2 minutes into a MIDI file',
    action: just({ type: 'capture' }),
  },
  {
    key: ['up', 'down', 'page-up', 'page-down'],
    name: 'Up, Down, PgUp, PgDn',
    help: 'choose a control',
    action: (key) => ({
      type: 'choose',
      by: (key.endsWith('up') ? -1 : 1) * (key.startsWith('page') ? PAGE : 1),
    }),
  },
  {
    key: ['left', 'right'],
    name: 'Left, Right',
    help: 'turn it down or up',
    action: (key) => adjust(key === 'left' ? -1 : 1, 'coarse'),
  },
  {
    key: ['shift-left', 'shift-right', '-', '+'],
    name: 'with Shift, or - +',
    help: 'turn it by its smallest step',
    action: (key) => adjust(key === 'shift-left' || key === '-' ? -1 : 1, 'fine'),
  },
  {
    key: [',', '.'],
    name: ', and .',
    help: 'turn the lower end of a range down or up',
    action: (key) => adjust(key === ',' ? -1 : 1, 'coarse', 'low'),
  },
  {
    key: ['=', 'enter'],
    name: '=, Enter',
    help: 'type its value; Enter sets it, Esc leaves it',
    action: just({ type: 'begin-typing' }),
  },
  {
    key: ['backspace', 'delete'],
    name: 'Backspace',
    help: 'back to its default, or to auto',
    action: just({ type: 'reset-chosen' }),
  },
  {
    key: ['d'],
    name: 'd',
    help: "a drummer plays along; then his controls, and the pianist's again",
    action: just({ type: 'next-part' }),
  },
  { key: ['D'], name: 'D', help: 'the drummer leaves', action: just({ type: 'drummer', on: false }) },
  {
    key: ['z', 'Z'],
    name: 'z, Z',
    help: 'mute the part whose controls are shown; hear it alone',
    action: (key) => ({ type: key === 'z' ? 'toggle-mute' : 'toggle-solo' }),
  },
  {
    key: ['r'],
    name: 'r',
    help: 'reset the controls of the music (not clock, channel, delay)',
    action: just({ type: 'reset' }),
  },
  { key: ['u'], name: 'u', help: 'undo the last change of a control', action: just({ type: 'undo' }) },
  {
    key: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    name: '1-9',
    help: 'recall a preset',
    action: (key) => ({ type: 'recall', preset: Number(key) as PresetNumber }),
  },
  {
    key: ['s'],
    name: 's, then 1-9',
    help: 'store the controls as a preset',
    action: just({ type: 'begin-storing' }),
  },
  {
    key: ['l'],
    name: 'l',
    help: 'learn: the next knob or key that is moved moves this control',
    action: just({ type: 'learn-chosen' }),
  },
  {
    key: ['tab'],
    name: 'Tab',
    help: 'the roll with the controls, the roll alone, all meters',
    action: just({ type: 'next-view' }),
  },
  {
    key: ['?', 'escape'],
    name: '?, Esc',
    help: 'show the keys; Esc leaves what is open, typed or asked',
    action: (key) => ({ type: key === '?' ? 'show-keys' : 'leave-off' }),
  },
  { key: ['ctrl-l'], name: 'Ctrl-L', help: 'draw everything anew', action: just({ type: 'redraw' }) },
  { key: ['q'], name: 'q', help: 'quit; while playing it asks first', action: just({ type: 'quit' }) },
  { key: ['ctrl-c'], name: 'Ctrl-C', help: 'quit at once', action: just({ type: 'interrupt' }) },
  {
    key: ['ctrl-z'],
    name: 'Ctrl-Z',
    help: 'silence, then stop the program',
    action: just({ type: 'suspend' }),
  },
]

const BY_KEY = new Map(KEY_BINDINGS.flatMap((binding) => binding.key.map((key) => [key, binding] as const)))

/** The action that `key` asks for; undefined where the key is bound to nothing. */
export function keyAction(key: string, snapshot: Snapshot | undefined): KeyAction | undefined {
  return BY_KEY.get(key)?.action(key, snapshot)
}
