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
  readonly surface: ControlSurface
  /** The name of middle C. */
  readonly octave: Octave
  /** Draws with ASCII signs alone, even where the terminal seems to have more. */
  readonly ascii: boolean
  /** Ends the program: after the question that *q* asks, or at once as Ctrl-C does. */
  readonly leave: (how: 'quit' | 'interrupt') => void
  /** Stops the process, as Ctrl-Z does. */
  readonly suspend: () => void
  /** Clicks and the wheel act on the controls; selecting text then takes Shift. On by default. */
  readonly mouse?: boolean
  /** The terminal; the process's own by default. */
  readonly stdin?: TerminalKeys
  readonly stdout?: TerminalScreen
}

/** The functions of a terminal's input that the dashboard uses. */
export type TerminalKeys = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>

/** The functions and sizes of a terminal's output that the dashboard uses. */
export type TerminalScreen = Pick<NodeJS.WriteStream, 'write' | 'on' | 'columns' | 'rows'>

/** The dashboard in a terminal. */
export interface Dashboard {
  /** Shows a sentence on the dashboard; writes it as a line while the terminal is given back. */
  print(sentence: string): void
  /** Gives the terminal back as it was. Synchronous, safe to call twice and from an exit handler; never throws. */
  restore(): void
  /** Puts the terminal back into the dashboard's modes after `restore`. */
  acquire(): void
}

/**
 * How long after an escape character more of a key's sequence may come. Shorter: a sequence that comes over a slow line
 * is read as the Esc key. Longer: Esc itself lags.
 */
const ESCAPE_MS = 50
/** Sentences that are remembered: more than any panel shows. */
const MOST_NOTICES = 8

/** Takes over `stdin` (raw mode) and `stdout` (the other screen), which must be terminals (see `canDraw`). */
export function openDashboard(options: DashboardOptions): Dashboard {
  const { surface, octave, mouse = true, stdin = process.stdin, stdout = process.stdout } = options
  const traits = terminalTraits(process.env, process.platform)
  const screen = createScreen(stdout, mouse)
  const played = createPlayedNotes()
  const parser = createInputParser()
  const decoder = new StringDecoder('utf8')
  const pace = createPace()
  let notices: readonly string[] = []
  let frameTimer: NodeJS.Timeout | undefined
  let escapeTimer: NodeJS.Timeout | undefined
  let isAcquired = false

  function print(sentence: string): void {
    if (isAcquired) notices = [...notices, sentence].slice(-MOST_NOTICES)
    else stdout.write(`${sentence}\n`)
  }

  const input = new InputHandler({
    surface,
    leave: options.leave,
    suspend: options.suspend,
    redraw: () => frames.redraw(),
    notice: print,
  })
  const frames = createFrames({
    surface,
    input,
    played,
    screen,
    theme: createTheme({ ...traits, unicode: traits.unicode && !options.ascii }),
    octave,
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    notices: () => notices,
    slowedTo: () => (pace.rate < FULL_RATE ? Math.round(pace.rate) : null),
  })

  function draw(): void {
    const before = surface.now()
    frames.draw()
    const after = surface.now()
    pace.took(after - before, after)
    frameTimer = setTimeout(draw, Math.max(1, 1000 / pace.rate - (after - before)))
  }

  function dispatch(events: readonly TerminalInput[]): void {
    for (const event of events) {
      // A key may have given the terminal back; characters typed after it aren't for the dashboard.
      if (!isAcquired) return
      if (event.kind === 'key') input.press(event.key)
      else if (event.kind === 'paste') input.paste(event.text)
      else frames.point(event)
    }
  }

  const onData = (data: Buffer) => {
    clearTimeout(escapeTimer)
    dispatch(parser.push(decoder.write(data)))
    if (parser.isOpen) escapeTimer = setTimeout(() => dispatch(parser.flush()), ESCAPE_MS)
  }

  // A terminal that goes away in the middle of a frame gives an error here; its hang-up signal ends the program.
  stdout.on('error', () => {})
  surface.onSent(played.sent)
  surface.onHeard(played.heard)

  function acquire(): void {
    if (isAcquired) return
    isAcquired = true
    stdin.setRawMode(true)
    stdin.on('data', onData)
    stdin.resume()
    screen.enter()
    frames.redraw()
    draw()
  }

  function restore(): void {
    if (!isAcquired) return
    isAcquired = false
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

  acquire()
  return { print, restore, acquire }
}
