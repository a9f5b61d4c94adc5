import { constants } from 'node:os'
import { messageOf } from '../io/error-text.js'

/**
 * Signals that end a program which does not catch them, and whose handler may run JavaScript. Node keeps SIGUSR1 for its
 * debugger. SIGBUS, SIGFPE, SIGILL and SIGSEGV are left alone: a handler that returns would run the faulty instruction
 * again, without end (Node's documentation of signal events).
 */
const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGBREAK',
  'SIGABRT',
  'SIGALRM',
  'SIGIO',
  'SIGPROF',
  'SIGPWR',
  'SIGSTKFLT',
  'SIGSYS',
  'SIGTRAP',
  'SIGUSR2',
  'SIGVTALRM',
  'SIGXCPU',
] as const

/** The exit code after a signal, as in shells. A system lacks some signals, which then never come. */
const exitCode = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0)

export const INTERRUPTED_CODE = exitCode('SIGINT')
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
  for (const signal of SIGNALS) process.on(signal, () => leave(exitCode(signal)))
  return leave
}
