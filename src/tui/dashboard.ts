import { StringDecoder } from 'node:string_decoder'
import type { ControlSurface } from '../engine/surface/surface.js'
import { createFrames } from './frames.js'
import { InputHandler } from './input/input-handler.js'
import { createPlayedNotes } from './roll/played-notes.js'
import { createInputParser, type TerminalInput } from './terminal/input-parser.js'
import type { Octave } from './terminal/note-names.js'
import { createPace, FULL_RATE } from './terminal/pace.js'
import { createScreen } from './terminal/screen.js'
import { terminalTraits } from './terminal/terminal-traits.js'
import { createTheme } from './terminal/theme.js'

export interface DashboardOptions {
  readonly face: ControlSurface
  /** What middle C is called. */
  readonly octave: Octave
  /** Plain signs, even where the terminal seems to have more. */
  readonly ascii: boolean
  /** What its keys do to the process around it. */
  readonly leave: (how: 'quit' | 'interrupt') => void
  readonly suspend: () => void
  /** Clicks and wheel act on the controls, and selecting text takes Shift. On unless said otherwise. */
  readonly mouse?: boolean
  /** The process's own unless given. */
  readonly stdin?: TerminalKeys
  readonly stdout?: TerminalScreen
}

/** As much of a terminal's input as the dashboard uses. */
export type TerminalKeys = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>

/** As much of a terminal's output as the dashboard uses. */
export type TerminalScreen = Pick<NodeJS.WriteStream, 'write' | 'on' | 'columns' | 'rows'>

/** The terminal while playing. */
export interface Dashboard {
  /** Shows a sentence; after `restore`, writes it as a line. */
  print(sentence: string): void
  /** Gives the terminal back as it was, at once. Safe to call twice, and from an exit handler; never throws. */
  restore(): void
  /** Takes it again, after `restore`. */
  take(): void
}

/** What a terminal sends for one key comes at once, or over a slow line a little apart: then Esc was the key. */
const ESCAPE_MS = 50
/** Sentences kept: more than any panel shows. */
const KEPT_NOTICES = 8

/** Takes over `stdin` (raw mode) and `stdout` (the other screen), which must be terminals (see `canDraw`). */
export function openDashboard(options: DashboardOptions): Dashboard {
  const { face, octave, mouse = true, stdin = process.stdin, stdout = process.stdout } = options
  const traits = terminalTraits(process.env, process.platform)
  const screen = createScreen(stdout, mouse)
  const played = createPlayedNotes()
  const parser = createInputParser()
  const decoder = new StringDecoder('utf8')
  const pace = createPace()
  let notices: readonly string[] = []
  let frameTimer: NodeJS.Timeout | undefined
  let escapeTimer: NodeJS.Timeout | undefined
  let isTaken = false

  function print(sentence: string): void {
    if (isTaken) notices = [...notices, sentence].slice(-KEPT_NOTICES)
    else stdout.write(`${sentence}\n`)
  }

  const desk = new InputHandler({
    face,
    leave: options.leave,
    suspend: options.suspend,
    redraw: () => frames.redraw(),
    notice: print,
  })
  const frames = createFrames({
    face,
    desk,
    played,
    screen,
    theme: createTheme({ ...traits, unicode: traits.unicode && !options.ascii }),
    octave,
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    notices: () => notices,
    slowedTo: () => (pace.rate < FULL_RATE ? Math.round(pace.rate) : null),
  })

  function draw(): void {
    const before = face.now()
    frames.draw()
    const after = face.now()
    pace.took(after - before, after)
    frameTimer = setTimeout(draw, Math.max(1, 1000 / pace.rate - (after - before)))
  }

  function obey(inputs: readonly TerminalInput[]): void {
    for (const input of inputs) {
      // A key may have given the terminal back: what was typed after it is no longer for here.
      if (!isTaken) return
      if (input.kind === 'key') desk.press(input.key)
      else if (input.kind === 'paste') desk.paste(input.text)
      else frames.point(input)
    }
  }

  const onData = (data: Buffer) => {
    clearTimeout(escapeTimer)
    obey(parser.push(decoder.write(data)))
    if (parser.isOpen) escapeTimer = setTimeout(() => obey(parser.flush()), ESCAPE_MS)
  }

  // A terminal that goes away in the middle of a frame says so here; its hang-up signal ends the program.
  stdout.on('error', () => {})
  face.onSent(played.sent)
  face.onHeard(played.heard)

  function take(): void {
    if (isTaken) return
    isTaken = true
    stdin.setRawMode(true)
    stdin.on('data', onData)
    stdin.resume()
    screen.enter()
    frames.redraw()
    draw()
  }

  function restore(): void {
    if (!isTaken) return
    isTaken = false
    clearTimeout(frameTimer)
    clearTimeout(escapeTimer)
    stdin.off('data', onData)
    screen.leave()
    try {
      stdin.pause()
      stdin.setRawMode(false)
    } catch {
      // The terminal has gone (a closed window): there is nothing left to restore.
    }
  }

  take()
  return { print, restore, take }
}
