import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../io/error-text.js'
import { closeKeptFile, createKeptFile } from '../io/output/kept-notes.js'
import type { RescueTarget } from '../io/output/rescue.js'

/** The keeper as main sees it: the process that ends the notes at the receivers if this process is killed. */
export interface KeeperHost {
  /** The descriptor of the file that the stage enters its notes in; undefined where none could be made. */
  readonly file: number | undefined
  /** Tells the keeper where the notes sound now; undefined for nowhere. */
  tell(target: RescueTarget | undefined): void
  /** Ends the keeper, after the stage has ended. */
  close(): void
}

/** A keeper that ended this often isn't started again: what ends it would end the next as well. */
const MOST_STARTS = 4

/** The keeper computes nothing: these keep its memory small. */
const SMALL = ['--jitless', '--no-expose-wasm', '--max-semi-space-size=1', '--v8-pool-size=0']

const PROGRAM = fileURLToPath(new URL('./keeper.js', import.meta.url))

/** Starts a keeper, and another when it ends. `onNotice` receives a sentence for the player when that happens. */
export function hostKeeper(onNotice: (sentence: string) => void): KeeperHost {
  let file: number | undefined
  let child: ChildProcess | undefined
  let target: RescueTarget | undefined
  let starts = 0
  let isClosed = false

  function start(): void {
    if (file === undefined) return
    starts++
    // A session of its own: Ctrl-C in the terminal, and the terminal's end, are for Rubato alone.
    child = spawn(process.execPath, [...SMALL, PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore', file],
      detached: true,
      windowsHide: true,
    })
    child.on('error', () => {})
    child.stdin?.on('error', () => {})
    child.once('close', ended)
    child.unref()
    tellTarget()
  }

  function ended(): void {
    if (isClosed) return
    const isLast = starts === MOST_STARTS
    onNotice(
      `The keeper, which ends the notes if Rubato is killed, has ended; ${isLast ? 'Rubato goes on without it' : 'another was started'}.`,
    )
    if (!isLast) start()
  }

  function tellTarget(): void {
    if (child?.stdin?.writable) child.stdin.write(`${JSON.stringify(target ?? null)}\n`)
  }

  try {
    file = createKeptFile()
    start()
  } catch (error) {
    onNotice(`Rubato plays without a keeper, which would end the notes if it is killed: ${messageOf(error)}.`)
  }
  return {
    file,
    tell: (next) => {
      if (JSON.stringify(next) === JSON.stringify(target)) return
      target = next
      tellTarget()
    },
    close: () => {
      isClosed = true
      child?.stdin?.end()
      if (file !== undefined) closeKeptFile(file)
    },
  }
}
