import type { Meters, Snapshot } from '../engine/snapshot.js'
import { type KeyAction, keyActions } from './key-bindings.js'
import { statusLine } from './status-line.js'

/** What a face is given: it reads snapshots and says what its keys ask for. */
export interface TerminalOptions {
  readonly snapshot: () => Snapshot | undefined
  readonly meters: () => Meters
  readonly act: (action: KeyAction) => void
}

/** The terminal while playing: one line, refreshed, and keys. */
export interface Terminal {
  /** A sentence above the status line. */
  print(sentence: string): void
  /** Gives the terminal back as it was. Safe to call twice, and from an exit handler. */
  restore(): void
  /** Takes it again, after `restore`. */
  take(): void
}

/** Ten times a second: slower looks stuck, faster is only more to draw. */
const REFRESH_MS = 100
const CLEAR_LINE = '\r\x1b[K'

/** Takes over stdin (raw mode) and the current line of stdout. Both must be terminals. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout } = process
  let timer: NodeJS.Timeout | undefined

  function draw(): void {
    const width = (stdout.columns ?? 80) - 1
    stdout.write(`${CLEAR_LINE}${statusLine(options.snapshot(), options.meters(), width)}`)
  }

  const onData = (data: Buffer) => {
    for (const action of keyActions(data.toString('utf8'), options.snapshot())) options.act(action)
  }

  function take(): void {
    if (timer) return
    stdin.setRawMode(true)
    stdin.on('data', onData)
    stdin.resume()
    timer = setInterval(draw, REFRESH_MS)
  }

  function restore(): void {
    if (!timer) return
    clearInterval(timer)
    timer = undefined
    stdin.off('data', onData)
    stdin.pause()
    try {
      stdin.setRawMode(false)
      stdout.write(CLEAR_LINE)
    } catch {
      // The terminal has gone (a closed window): there is nothing left to restore.
    }
  }

  take()
  return {
    print: (sentence) => stdout.write(`${CLEAR_LINE}${sentence}\n`),
    restore,
    take,
  }
}
