import { messageOf } from '../io/error-text.js'

/** Signals that end the program, and its exit code then: 128 + the signal's number, as shells know it. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGBREAK: 149 } as const
export const INTERRUPTED_CODE = SIGNALS.SIGINT
/** Something broke that the music can't do without. */
export const LOST_CODE = 1

/** Ends the process by way of its exit handler, `sentence` said before. */
export type Leave = (code: number, sentence?: string) => never

/**
 * Leads every way out of this process (a signal, an error that nobody caught, and the function returned) to its exit
 * handler, where `end` is called, synchronously and once.
 */
export function leadToExit(end: () => void, say: (sentence: string) => void): Leave {
  let last: string | undefined
  const leave: Leave = (code, sentence) => {
    last = sentence
    process.exit(code)
  }
  process.on('exit', () => {
    end()
    // Not before: a dashboard takes with it what is said on it.
    if (last) say(last)
  })
  process.on('uncaughtException', (error) => leave(LOST_CODE, `Rubato failed: ${messageOf(error)}.`))
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => leave(code))
  return leave
}
