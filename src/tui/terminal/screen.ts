import type { Area } from './area.js'

/** Lines to be drawn in a part of the screen. */
export interface Region {
  readonly area: Area
  readonly lines: readonly string[]
  /** Every line fills the area's width. Otherwise rows are cleared to the right end of the screen after each line. */
  readonly isFull: boolean
}

/** The terminal's screen. Nothing throws, not even after the terminal has gone. */
export interface Screen {
  /** Switches to the alternate screen, hides the cursor, turns wrapping off and mouse reports on. */
  enter(): void
  /** Undoes what `enter` did. */
  leave(): void
  /**
   * Writes the lines that have changed in one piece. May block until the terminal has read them. @returns characters
   * written
   */
  draw(regions: readonly Region[]): number
  /** Makes the next `draw` clear the screen and write every line, because something else may have written on it. */
  forget(): void
}

/** The output that a screen writes to. */
export interface ScreenOutput {
  write(text: string): unknown
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h'
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l'

/** Reports of presses and the wheel (mode 1000), in the form that allows more than 223 columns (mode 1006). */
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h'
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l'
const CLEAR = '\x1b[0m\x1b[2J'

/** Synchronized output (mode 2026): terminals that know it show what is between these at once, others ignore them. */
const FRAME_START = '\x1b[?2026h'
const FRAME_END = '\x1b[?2026l'

export function createScreen(stdout: ScreenOutput, hasMouse: boolean): Screen {
  /** The text of every line on the screen, by the line's first cell. */
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
