import { messageOf } from '../io/error-text.js'

/** Signals that end the program, and the exit code of each: 128 + the signal's number, as in shells. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGBREAK: 149 } as const
export const INTERRUPTED_CODE = SIGNALS.SIGINT
/** The exit code when a part of the program that the music can't do without has failed. */
export const LOST_CODE = 1

/** Ends the process through its exit handler. `sentence` is shown to the player last. */
type Leave = (code: number, sentence?: string) => never

/**
 * Leads every way out of this process (a signal, an uncaught error, and a call of the returned function) to its exit
 * handler, which calls `end`, synchronously and once.
 */
export function leadToExit(end: () => void, notice: (sentence: string) => void): Leave {
  let last: string | undefined
  const leave: Leave = (code, sentence) => {
    last = sentence
    process.exit(code)
  }
  process.on('exit', () => {
    end()
    // The sentence is shown after `end`, because `end` clears the dashboard with everything on it.
    if (last) notice(last)
  })
  process.on('uncaughtException', (error) => leave(LOST_CODE, `Rubato failed: ${messageOf(error)}.`))
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => leave(code))
  return leave
}
