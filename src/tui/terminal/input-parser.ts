/** A key, a mouse action or a paste at the terminal. */
export type TerminalInput =
  /** A typed character, or the name of a key: `up`, `shift-left`, `enter`, `ctrl-c`. */
  | { readonly kind: 'key'; readonly key: string }
  /** Column and row are counted in cells from the top left, from 0. */
  | {
      readonly kind: 'mouse'
      readonly action: 'press' | 'wheel-up' | 'wheel-down'
      readonly column: number
      readonly row: number
    }
  | { readonly kind: 'paste'; readonly text: string }

/** Parses what a terminal sends, in pieces of any size. Nothing throws; unknown sequences are skipped. */
export interface InputParser {
  push(text: string): TerminalInput[]
  /** An escape character came last: either a sequence has begun, or it was the Esc key. */
  readonly isOpen: boolean
  /**
   * To be called when nothing more has come for a while: an escape alone is the Esc key, a sequence cut short is
   * dropped.
   */
  flush(): TerminalInput[]
}

const CONTROL_KEYS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x1a': 'ctrl-z',
  '\x0c': 'ctrl-l',
}

/** Names of keys by the last letter X of `ESC [ ... X` and of `ESC O X`. */
const LETTER_KEYS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift-tab',
}

/** Names of keys by the number n in `ESC [ n ~`. */
const NUMBER_KEYS: Readonly<Record<string, string>> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'page-up',
  '6': 'page-down',
  '7': 'home',
  '8': 'end',
  '11': 'f1',
  '12': 'f2',
  '13': 'f3',
  '14': 'f4',
  '15': 'f5',
  '17': 'f6',
}

const PASTE_START = '\x1b[200~'
const PASTE_END = '\x1b[201~'
/**
 * The longest escape sequence in characters. No terminal sends longer ones; without a limit a stray escape would swallow
 * all that follows.
 */
const LONGEST_SEQUENCE = 64
/** The longest paste in characters; the rest is cut off. Nothing but a control's value is ever pasted. */
const LONGEST_PASTE = 1024

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCE = /^\x1b\[([0-?]*)[ -/]*([@-~])/
const OPEN_SEQUENCE = /^\x1b(\[[0-?]*[ -/]*|O)?$/
const APPLICATION_SEQUENCE = /^\x1bO(.)/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

export function createInputParser(): InputParser {
  let rest = ''

  function push(text: string): TerminalInput[] {
    rest += text
    const inputs: TerminalInput[] = []
    while (rest !== '') {
      const length = readInput(inputs)
      if (length === 0) break
      rest = rest.slice(length)
    }
    return inputs
  }

  /** Reads one input at the beginning of the rest. @returns its length; 0 where more must come first */
  function readInput(inputs: TerminalInput[]): number {
    if (rest[0] !== '\x1b') {
      const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
      const key = CONTROL_KEYS[character] ?? (character < ' ' ? null : character)
      if (key !== null) inputs.push({ kind: 'key', key })
      return character.length
    }
    if (rest.startsWith(PASTE_START)) return readPaste(inputs)
    const sequence = SEQUENCE.exec(rest)
    if (sequence) {
      const input = readSequence(sequence[1] ?? '', sequence[2] ?? '')
      if (input) inputs.push(input)
      return sequence[0].length
    }
    if (OPEN_SEQUENCE.test(rest) && rest.length < LONGEST_SEQUENCE) return 0
    const application = APPLICATION_SEQUENCE.exec(rest)
    if (application) {
      const key = LETTER_KEYS[application[1] ?? '']
      if (key !== undefined) inputs.push({ kind: 'key', key })
      return application[0].length
    }
    if (rest[1] === '\x1b') {
      inputs.push({ kind: 'key', key: 'escape' })
      return 1
    }
    // Skips Alt with a character, and a sequence that was broken off: neither means anything here.
    return rest[1] === '[' ? 2 : 1 + String.fromCodePoint(rest.codePointAt(1) ?? 0).length
  }

  function readPaste(inputs: TerminalInput[]): number {
    const end = rest.indexOf(PASTE_END)
    if (end < 0 && rest.length < LONGEST_PASTE) return 0
    const text = rest.slice(PASTE_START.length, end < 0 ? undefined : end)
    inputs.push({ kind: 'paste', text: text.slice(0, LONGEST_PASTE) })
    return end < 0 ? rest.length : end + PASTE_END.length
  }

  return {
    push,
    get isOpen() {
      return rest !== '' && !rest.startsWith(PASTE_START)
    },
    flush: () => {
      const wasEscape = rest === '\x1b'
      rest = ''
      return wasEscape ? [{ kind: 'key', key: 'escape' }] : []
    },
  }
}

function readSequence(parameters: string, letter: string): TerminalInput | undefined {
  if (parameters.startsWith('<')) return readMouse(parameters.slice(1), letter)
  const [first = '', modifiers = '1'] = parameters.split(';')
  const key = letter === '~' ? NUMBER_KEYS[first] : LETTER_KEYS[letter]
  if (key === undefined) return undefined
  // The second parameter is 1 plus bits for modifier keys. Bit 0 is shift; alt and control change nothing here.
  const isShifted = ((Number(modifiers) - 1) & 1) === 1
  return { kind: 'key', key: isShifted ? `shift-${key}` : key }
}

/** A mouse report of mode 1006: button, column and row from 1, and `M` for a press. */
function readMouse(parameters: string, letter: string): TerminalInput | undefined {
  const [button, column, row] = parameters.split(';').map(Number)
  if (button === undefined || !(column !== undefined && column > 0) || !(row !== undefined && row > 0))
    return undefined
  // Bits 2-4 are the modifier keys shift, alt and control.
  const bare = button & ~0b11100
  const action = bare === 64 ? 'wheel-up' : bare === 65 ? 'wheel-down' : bare === 0 ? 'press' : undefined
  if (action === undefined || letter !== 'M') return undefined
  return { kind: 'mouse', action, column: column - 1, row: row - 1 }
}
