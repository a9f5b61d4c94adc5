import type { Area } from './area.js'

/** Lines for a part of the screen. */
export interface Region {
  readonly area: Area
  readonly lines: readonly string[]
  /** Every line fills its width; otherwise the row is cleared to its right end, where nothing else may stand. */
  readonly isFull: boolean
}

/** The terminal's screen. Nothing throws, not even where the terminal has gone. */
export interface Screen {
  /** The other screen, without cursor and wrapping, with mouse reports. */
  enter(): void
  /** All that `enter` changed, back. */
  leave(): void
  /** Writes, in one piece, the lines that have changed. Blocks while a terminal takes it in. @returns bytes written */
  draw(regions: readonly Region[]): number
  /** Whatever is on the screen is not what was drawn: the next `draw` begins from nothing. */
  forget(): void
}

/** What a screen is drawn on. */
export interface ScreenOutput {
  write(text: string): unknown
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h'
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l'

/** Presses and wheel, in a form that knows more than 223 columns. */
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h'
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l'
const CLEAR = '\x1b[0m\x1b[2J'

/** A frame between these is shown at once where the terminal knows them; others pass over them. */
const FRAME_START = '\x1b[?2026h'
const FRAME_END = '\x1b[?2026l'

export function createScreen(stdout: ScreenOutput, hasMouse: boolean): Screen {
  /** What stands where, by the first cell of a line. */
  let shown = new Map<string, string>()
  let isClear = false

  function write(text: string): void {
    try {
      stdout.write(text)
    } catch {
      // The terminal has gone (a closed window): there is nothing left to draw on.
    }
  }

  function forget(): void {
    shown = new Map()
    isClear = false
  }

  return {
    enter: () => {
      write(ENTER + (hasMouse ? MOUSE_ON : ''))
      forget()
    },
    leave: () => write((hasMouse ? MOUSE_OFF : '') + LEAVE),
    draw: (regions) => {
      let text = ''
      for (const { area, lines, isFull } of regions) {
        for (let i = 0; i < area.rows; i++) {
          const key = `${area.row + i} ${area.column}`
          const line = lines[i] ?? ''
          if (shown.get(key) === line) continue
          shown.set(key, line)
          text += `\x1b[${area.row + i + 1};${area.column + 1}H${line}${isFull ? '' : '\x1b[K'}`
        }
      }
      if (!isClear) text = CLEAR + text
      isClear = true
      if (text === '') return 0
      write(FRAME_START + text + FRAME_END)
      return text.length
    },
    forget,
  }
}
