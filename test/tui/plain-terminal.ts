// biome-ignore-start lint/suspicious/noControlCharactersInRegex: a terminal is told what to do by them
const SEQUENCE = /\x1b\[([?<]?[\d;]*)([A-Za-z])|([^\x1b])/gu
const STYLES = /\x1b\[[\d;]*m/g
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

/** Text without its colours. */
export const plain = (text: string) => text.replace(STYLES, '')

/** A terminal that only knows where the cursor goes, what is written there, and its modes. */
export function createPlainTerminal(columns: number, rows: number) {
  let cells = blank()
  const modes = new Map<string, boolean>()
  let row = 0
  let column = 0
  /** Characters written outside the screen, and the lowest line written on, from 1. */
  const beside: string[] = []
  let lowest = 0

  function blank(): string[][] {
    return Array.from({ length: rows }, () => Array<string>(columns).fill(' '))
  }

  function write(text: string): boolean {
    for (const [, parameters = '', letter, character] of text.matchAll(SEQUENCE)) {
      if (character !== undefined) put(character)
      else if (letter === 'H') {
        const [y, x] = parameters.split(';').map(Number)
        row = (y || 1) - 1
        column = (x || 1) - 1
      } else if (letter === 'J') cells = blank()
      else if (letter === 'K') cells[row]?.fill(' ', column)
      else if (letter === 'h' || letter === 'l') modes.set(parameters, letter === 'h')
    }
    return true
  }

  function put(character: string): void {
    const line = cells[row]
    if (!line || column >= columns) beside.push(character)
    else {
      line[column] = character
      if (character !== ' ') lowest = Math.max(lowest, row + 1)
    }
    column++
  }

  return {
    write,
    lines: () => cells.map((line) => line.join('').trimEnd()),
    mode: (name: string) => modes.get(name),
    beside: () => beside.join(''),
    lowest: () => lowest,
  }
}
